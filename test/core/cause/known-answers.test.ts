import { describe, expect, it } from 'vitest'
import { FACTORS } from '../../../src/core/detect/cause/constants.js'
import type { Random } from '../../random.js'
import { Case } from './world.js'

const normal = (random: Random): number => 35 + 12 * random.normal()
const days = new Case('numeric', random => 40 * Math.exp(0.6 * random.normal()))
const nullable = new Case('numeric', random => (random.chance(0.13) ? null : normal(random)))
const country = (random: Random): string | null =>
  random.chance(0.1) ? null : random.pick(['Cash', 'Cash', 'Cash', 'Cash', 'Credit Card', 'Credit Card', 'Mobile'])
const payment = new Case('categorical', country)

describe('units', () => {
  it('are named by their constant', () => {
    const cause = days.cause(days.turned(x => 30.44 * x))
    expect(cause).toMatchObject({ code: 'unit', confidence: 'high', whoMoved: 'pipeline' })
    expect(cause.sentence).toMatch(/^values look multiplied by (29|30|31|32)(\.\d)? \(months ↔ days\)/)
    expect(cause.numbers['factor']).toBeGreaterThan(28)
    expect(cause.numbers['× 30.4']).toBe(30.44)
    expect(days.cause(days.turned(x => x / 1000)).sentence).toContain('divided by')
  })

  it('name every constant within three standard errors, those of the declared unit first', () => {
    const wide = new Case('numeric', random => Math.exp(1.5 * random.normal()), 300)
    const rows = wide.turned(x => 27 * x)
    const { numbers, sentence, alternatives } = wide.cause(rows)
    const within = FACTORS.flatMap(({ factor }) => [factor, 1 / factor]).filter(
      factor => factor >= numbers['low'] && factor <= numbers['high'],
    )
    expect(within).toEqual(expect.arrayContaining([24, 30.44]))
    const told = Object.entries(numbers).flatMap(([key, value]) => (key.startsWith('×') ? [value] : []))
    expect(new Set(told)).toEqual(new Set(within))
    expect(alternatives.filter(text => text.startsWith('unit'))).toHaveLength(within.length - 1)
    expect(sentence).toContain('would fit as well')
    expect(wide.cause(rows, { unit: 'hours' }).sentence).toMatch(/^values look multiplied by [\d.]+ \(days ↔ hours\)/)
    expect(wide.cause(rows, { unit: 'Months' }).sentence).toMatch(
      /^values look multiplied by [\d.]+ \((months ↔ days|years ↔ months)/,
    )
  })

  it('say scale or shift where the mean is far above the spread', () => {
    const sharp = new Case('numeric', random => 1000 + 10 * random.normal(), 300)
    expect(sharp.cause(sharp.turned(x => x + 609)).alternatives).toContain('unit: shift')
    expect(sharp.cause(sharp.turned(x => 1.05 * x)).sentence).toMatch(/shifted/)
  })

  it('tell degrees, and any factor of values on a grid', () => {
    const degrees = new Case('numeric', normal)
    expect(degrees.cause(degrees.turned(x => 1.8 * x + 32))).toMatchObject({ code: 'unit', numbers: { offset: 32 } })
    const counts = new Case('numeric', random => Math.round(6 + 2 * random.normal()))
    const { code, numbers } = counts.cause(counts.turned(x => 1.1 * x))
    expect(code).toBe('unit')
    expect(numbers['factor']).toBeCloseTo(1.1, 9)
  })

  it('of a part of the rows are told with the share', () => {
    const { code, numbers } = days.cause(days.turned((x, random) => (random.chance(0.1) ? 1000 * x : x)))
    expect(code).toBe('partial-unit')
    expect(numbers['share']).toBeCloseTo(0.1, 1)
    expect(numbers['factor']).toBeGreaterThan(700)
    expect(numbers['factor']).toBeLessThan(1400)
  })
})

describe('what is missing or filled in', () => {
  it('is told in points', () => {
    const cause = nullable.cause(nullable.rows().map(value => value ?? 0))
    expect(cause).toMatchObject({ code: 'imputation', confidence: 'high', whoMoved: 'pipeline' })
    expect(cause.sentence).toMatch(/^0 rose 0 % → 1\d % as nulls fell 1\d(\.\d)? points/)
    expect(payment.cause(payment.rows().map(value => value ?? 'Cash')).code).toBe('imputation')
    const filled = nullable.rows().map((value, i) => value ?? 20 + (i % 30))
    expect(nullable.cause(filled)).toMatchObject({ code: 'imputation', confidence: 'medium' })
  })

  it('is a source where all of it is gone', () => {
    expect(nullable.cause(nullable.rows().map(() => undefined)).code).toBe('missing-source')
    expect(nullable.cause(nullable.rows().map((value, i) => (i % 20 === 0 ? undefined : value))).code).toBe('missing')
    const { code, alternatives } = nullable.cause(nullable.rows().map(() => null))
    expect(code).toBe('null')
    expect(alternatives.join()).toContain('missing-source')
  })
})

describe('labels', () => {
  it('are compared after case, white space and leading zeros', () => {
    const upper = payment.cause(payment.rows().map(value => (value as string | null)?.toUpperCase() ?? null))
    expect(upper).toMatchObject({ code: 'encoding', confidence: 'high' })
    expect(upper.sentence).toContain('(case): "CASH" for "Cash"')
    const spaced = payment.cause(payment.rows().map(value => (value === null ? null : `${value} `)))
    expect(spaced.sentence).toContain('white space')
    const codes = new Case('categorical', random => `00${random.integer(1, 9)}`)
    const bare = codes.cause(codes.rows().map(value => String(Number(value))))
    expect(bare.sentence).toContain('leading zeros')
    expect(codes.cause(codes.rows().map(value => `${Number(value)}.0`)).sentence).toContain('decimals')
  })

  it('that were exchanged are told by name', () => {
    const swap: Record<string, string> = { Cash: 'Mobile', Mobile: 'Cash' }
    const { code, sentence } = payment.cause(
      payment.rows().map(value => (value === null ? null : (swap[value as string] ?? value))),
    )
    expect(code).toBe('permuted-labels')
    expect(sentence).toContain('"Mobile" now looks like "Cash"')
    expect(payment.cause(payment.rows().map(value => (payment.chance(0.1) ? 'Dogecoin' : value)))).toMatchObject({
      code: 'unseen',
      whoMoved: 'unknown',
    })
  })
})

describe('time', () => {
  it('an old window served again is a lag, one value a freeze', () => {
    let level = 0
    const drifting = new Case('numeric', random => random.normal())
    const batches = Array.from({ length: 24 }, () => {
      level = 0.7 * level + (drifting.chance(0.5) ? 1 : -1)
      return drifting.turned(x => x + level)
    })
    const past = batches.map(rows => drifting.lab.window(rows).profile)
    expect(drifting.cause(batches[18], { past })).toMatchObject({ code: 'lag', numbers: { windowsBack: 6 } })
    expect(drifting.cause(drifting.rows().map(() => 0.3)).code).toBe('stale')
    expect(payment.cause(payment.rows().map(() => 'Cash')).code).toBe('stale')
  })

  it('hours turned round the clock are those of another zone; months only move', () => {
    const hours = new Case('numeric', random => Math.floor(14 + 5 * random.normal() + 48) % 24)
    expect(hours.cause(hours.turned(x => (x + 6) % 24))).toMatchObject({ code: 'hours-shifted', numbers: { hours: 6 } })
    expect(hours.cause(hours.turned(x => (x + 19) % 24)).numbers['hours']).toBe(-5)
    const months = new Case('numeric', random => random.integer(1, 12))
    expect(months.cause(months.turned(x => x + 6)).code).not.toBe('hours-shifted')
  })
})

describe('where nothing fits', () => {
  it('says distribution, with what moved', () => {
    const plain = new Case('numeric', normal)
    const cause = plain.cause(plain.turned(x => x + 6))
    expect(cause).toMatchObject({ code: 'distribution', whoMoved: 'unknown' })
    expect(cause.sentence).toMatch(/median 3\d(\.\d)? → 4\d(\.\d)? \(0\.[45]\d* σ\)/)
    expect(plain.cause(plain.turned(x => 35 + 1.4 * (x - 35))).sentence).toMatch(/spread × 1\.[345]/)
  })

  it('of a slow shift, whatever part of it history holds', () => {
    const slow = new Case('numeric', normal)
    const past = slow.past.map(({ profile }, w) =>
      w < 15 ? profile : slow.lab.window(slow.turned(x => x + (w - 14) * 0.4)).profile,
    )
    expect(
      slow.cause(
        slow.turned(x => x + 16 * 0.4),
        { past },
      ).code,
    ).toBe('distribution')
  })

  it('says deploy where it begins with a model version, and the pipeline for all others', () => {
    const plain = new Case('numeric', normal)
    expect(
      plain.cause(
        plain.turned(x => x + 6),
        { startsWithVersion: true },
      ),
    ).toMatchObject({
      code: 'deploy',
      whoMoved: 'pipeline',
      alternatives: ['distribution'],
    })
    expect(plain.cause(plain.turned(Math.trunc), { startsWithVersion: true })).toMatchObject({
      code: 'truncation',
      whoMoved: 'pipeline',
    })
  })

  it('takes training as the reference at launch, and says so little without one', () => {
    const plain = new Case('numeric', normal)
    const rows = plain.turned(x => 1000 * x)
    expect(plain.cause(rows, { past: [] }).code).toBe('unit')
    expect(plain.cause(rows, { past: [], training: null })).toMatchObject({ code: 'distribution', numbers: {} })
  })
})
