import { describe, expect, it } from 'vitest'
import type { Profile } from '../../../src/core/detect/profile.js'
import { scoresOf } from '../../../src/core/detect/score.js'
import { type Random, seeded } from '../../random.js'
import { Lab, type Value } from '../cause/lab.js'
import { Case } from '../cause/world.js'

/** Rare events, in windows of a busy day and of a quiet night: 500 and 120 rows by turns. */
class Nights {
  readonly #random = seeded(3)
  readonly lab: Lab
  readonly past: readonly Profile[]

  constructor(private readonly draw: (random: Random) => number) {
    this.lab = new Lab('numeric', this.rows(20_000))
    this.past = Array.from({ length: 40 }, (_, i) => this.night(i % 4 === 0 ? 120 : 500))
  }

  rows(n: number): Value[] {
    return Array.from({ length: n }, () => this.draw(this.#random))
  }

  night(n = 120): Profile {
    return this.lab.window(this.rows(n)).profile
  }

  z(now: Profile, statistic: string): number {
    const { contract } = this.lab
    return scoresOf(contract, now, this.past, contract.segments.get('')!).find(one => one.statistic === statistic)!.z
  }
}

describe('rare values in windows of different sizes', () => {
  it('may all be absent in a quiet night: a spread of nothing is no surprise', () => {
    const declines = new Nights(random => (random.chance(0.03) ? 1 + Math.floor(2 * random.next()) : 0))
    const none = declines.lab.window(Array.from({ length: 120 }, () => 0)).profile
    expect(Math.abs(declines.z(none, 'spread'))).toBeLessThan(3)
    // Where they are not rare, it is one.
    const often = new Nights(random => (random.chance(0.6) ? 1 + Math.floor(2 * random.next()) : 0))
    expect(often.z(often.lab.window(Array.from({ length: 120 }, () => 0)).profile, 'spread')).toBeLessThan(-8)
  })

  it('make a mean that is as calm in few rows as in many', () => {
    const recency = new Nights(random => Math.exp(9 + 2 * random.normal()))
    const calm = Array.from({ length: 300 }, () => Math.abs(recency.z(recency.night(), 'mean')))
    expect(Math.max(...calm)).toBeLessThan(4)
  })

  it('make a width that a second currency widens now and then, in few rows more often', () => {
    const price = (random: Random): number => Math.exp(3 + 0.8 * random.normal()) * (random.chance(0.12) ? 160 : 1)
    const prices = new Nights(price)
    const calm = Array.from({ length: 300 }, () => Math.abs(prices.z(prices.night(64), 'width')))
    expect(Math.max(...calm)).toBeLessThan(5)
  })
})

describe('a window of one value', () => {
  it('is frozen only where other values would have come up', () => {
    const rare = new Case('numeric', random => (random.chance(0.03) ? 1 + Math.floor(2 * random.next()) : 0), 120)
    expect(rare.cause(Array.from({ length: 60 }, () => 0)).code).not.toBe('stale')
    const often = new Case('numeric', random => (random.chance(0.3) ? 1 + Math.floor(2 * random.next()) : 0), 120)
    expect(often.cause(Array.from({ length: 60 }, () => 0))).toMatchObject({ code: 'stale', confidence: 'high' })
  })

  it('is frozen of labels by the same rule', () => {
    const rare = new Case('categorical', random => (random.chance(0.03) ? random.pick(['E01', 'E02']) : 'OK'), 120)
    expect(rare.cause(Array.from({ length: 60 }, () => 'OK')).code).not.toBe('stale')
    const often = new Case('categorical', random => random.pick(['OK', 'OK', 'E01', 'E02']), 120)
    expect(often.cause(Array.from({ length: 60 }, () => 'OK')).code).toBe('stale')
  })
})

describe('at launch', () => {
  /** Seats: nearly all have one or two, one in fifty many. */
  const seats = (random: Random): number =>
    random.chance(0.02) ? 20 + Math.floor(300 * random.next()) : 1 + Math.floor(1.5 * random.next())

  it('months turned into years do not repeat old values, batches of old months do', () => {
    const months = new Case('numeric', random => Math.floor(-14 * Math.log(random.next() * random.next())), 900)
    const years = months.cause(
      months.turned(x => Math.floor(x / 12)),
      { past: [] },
    )
    expect(years.code).not.toBe('stale')
    const old = months.rows(12)
    expect(
      months.cause(
        Array.from({ length: 900 }, (_, i) => old[i % 12]!),
        { past: [] },
      ).code,
    ).toBe('stale')
  })

  it('a few hundred rows with few of the rare values do not repeat old ones', () => {
    const plans = new Case('numeric', seats, 450)
    expect(plans.cause(plans.rows(), { past: [] }).code).toBe('distribution')
    const repeated = new Case('numeric', random => 100 * random.normal(), 450)
    const old = repeated.rows(20)
    const rows = Array.from({ length: 450 }, (_, i) => old[i % 20]!)
    expect(repeated.cause(rows, { past: [] }).code).toBe('stale')
  })
})
