import { describe, expect, it } from 'vitest'
import { seeded } from '../../random.js'
import { Lab, type Value } from './lab.js'
import { Case, causeIn } from './world.js'

describe('a factor', () => {
  // Delays: most days are calm, some are stormy; a storm makes all of them longer.
  const random = seeded(9)
  const day = (size: number): Value[] => Array.from({ length: 400 }, () => size * Math.exp(0.5 * random.normal()))
  const stormy = new Case('numeric', one => Math.exp(0.5 * one.normal()), 400)
  const calm = stormy.past.map(({ profile }) => profile)
  const storms = calm.map((one, w) => (w % 6 === 5 ? stormy.lab.window(day(3)).profile : one))

  it('that past days had by themselves is no other unit', () => {
    expect(stormy.cause(day(3.6), { past: calm }).code).toBe('unit')
    expect(stormy.cause(day(3.6), { past: storms }).code).toBe('distribution')
  })

  it('beyond all of them is one', () => {
    expect(stormy.cause(day(60), { past: storms })).toMatchObject({ code: 'unit', whoMoved: 'pipeline' })
  })
})

describe('values of both signs', () => {
  // Minutes early or late, on calmer and on busier days.
  const random = seeded(3)
  const delays = (spread: number): Value[] => {
    const day = 0.3 * random.normal()
    return Array.from({ length: 2000 }, () => spread * Math.exp(day + random.normal()) - 12 + 4 * random.normal())
  }
  const lab = new Lab('numeric', Array.from({ length: 10 }, () => delays(8)).flat())
  const past = Array.from({ length: 30 }, () => lab.window(delays(8)).profile)

  it('of which many more are positive were not multiplied', () => {
    const storms = Array.from({ length: 20 }, () => causeIn(lab, delays(48), { past }).code)
    expect(storms).not.toContain('unit')
  })

  it('are told to be multiplied where they are', () => {
    const seconds = delays(8).map(value => 60 * Number(value))
    expect(causeIn(lab, seconds, { past })).toMatchObject({ code: 'unit' })
  })
})

describe('an airport that is closed for a day', () => {
  const random = seeded(4)
  const airports = Array.from({ length: 45 }, (_, a) => `A${a}`)
  /** Of a day: each airport has a few more or less than usual. */
  const flights = (n: number): string[] => {
    const weights = airports.map((_, a) => Math.exp(0.15 * random.normal()) / (a + 20))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return Array.from({ length: n }, () => {
      let at = random.next() * total
      for (const [a, weight] of weights.entries()) if ((at -= weight) < 0) return airports[a]
      return airports[0]
    })
  }
  const lab = new Lab('categorical', flights(60_000))
  const past = Array.from({ length: 40 }, () => lab.window(flights(5000)).profile)
  const causeOf = (rows: readonly Value[]): string => causeIn(lab, rows, { past }).code

  it('does not exchange the labels of those that are about as large', () => {
    const causes = airports.slice(1, 11).map(closed => causeOf(flights(5000).filter(code => code !== closed)))
    expect(causes).toEqual(Array.from({ length: 10 }, () => 'distribution'))
  })

  it('while labels that are exchanged are told', () => {
    const exchanged: Readonly<Record<string, string>> = { A2: 'A30', A30: 'A2' }
    expect(causeOf(flights(5000).map(code => exchanged[code] ?? code))).toBe('permuted-labels')
  })
})
