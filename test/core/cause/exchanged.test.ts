import { describe, expect, it } from 'vitest'
import type { Seen } from '../../../src/core/detect/cause/seen.js'
import { exchangeOf } from '../../../src/core/detect/exchanged.js'
import type { Value } from './lab.js'
import { Case } from './world.js'

/** The case as a feature of a window of these rows. */
function feature(name: string, { lab, past }: Case, rows: readonly Value[]): Seen {
  const { profile: now, sketch } = lab.window(rows)
  const its = { contract: { ...lab.contract, name }, past: past.map(({ profile }) => profile), training: lab.training }
  return { ...its, now, sketch, scores: [], startsWithVersion: false, unit: null }
}

describe('features that have each other’s values', () => {
  const weight = new Case('numeric', random => 70 + 15 * random.normal())
  const height = new Case('numeric', random => 170 + 9 * random.normal())
  const income = new Case('numeric', random => Math.round(Math.exp(10 + 0.6 * random.normal())))
  const asEver = feature('income', income, income.rows())

  it('are named by each other, beside features that are as ever', () => {
    const [w, h] = [feature('weight', weight, height.rows()), feature('height', height, weight.rows())]
    expect(exchangeOf(w, [w, h, asEver])).toMatchObject({ name: 'height', others: [] })
    expect(exchangeOf(h, [w, h, asEver])).toMatchObject({ name: 'weight', others: [] })
    expect(exchangeOf(asEver, [w, h, asEver])).toBeNull()
  })

  it('are none where one alone has the other’s values, or part of the rows', () => {
    const w = feature('weight', weight, height.rows())
    expect(exchangeOf(w, [feature('height', height, height.rows())])).toBeNull()
    const half = (a: Case, b: Case): Value[] => [...a.rows(500), ...b.rows(500)]
    const both = [feature('weight', weight, half(weight, height)), feature('height', height, half(height, weight))]
    expect(exchangeOf(both[0], both)).toBeNull()
  })

  it('cannot be told where their distributions are nearly equal, or both moved otherwise', () => {
    const noise = [1, 2].map(seed => new Case('numeric', random => random.normal(), 1000, seed))
    const twins = noise.map((one, i) => feature(`noise${i}`, one, noise[1 - i].rows()))
    expect(exchangeOf(twins[0], twins)).toBeNull()
    const scaled = [weight, height].map((one, i) =>
      feature(
        `f${i}`,
        one,
        one.turned(x => 2.2 * x),
      ),
    )
    expect(exchangeOf(scaled[0], scaled)).toBeNull()
  })

  it('say that a third would do as well', () => {
    const third = new Case('numeric', random => 170 + 9 * random.normal(), 1000, 9)
    const w = feature('weight', weight, height.rows())
    const all = [feature('height', height, weight.rows()), feature('reach', third, weight.rows()), w]
    const found = exchangeOf(w, all)!
    expect([found.name, ...found.others].sort()).toEqual(['height', 'reach'])
  })

  it('may have labels; two labels alone are what the world exchanges, too', () => {
    const pay = new Case('categorical', random => random.pick(['card', 'card', 'card', 'cash', 'app']))
    const device = new Case('categorical', random => random.pick(['ios', 'android', 'android', 'web']))
    const both = [feature('pay', pay, device.rows()), feature('device', device, pay.rows())]
    expect(exchangeOf(both[0], both)).toMatchObject({ name: 'device' })
    const often = new Case('categorical', random => (random.chance(0.9) ? 'yes' : 'no'))
    const seldom = new Case('categorical', random => (random.chance(0.4) ? 'yes' : 'no'))
    const flags = [feature('often', often, seldom.rows()), feature('seldom', seldom, often.rows())]
    expect(exchangeOf(flags[0], flags)).toBeNull()
  })
})
