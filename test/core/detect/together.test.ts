import { describe, expect, it } from 'vitest'
import { intraclass } from '../../../src/core/detect/intraclass.js'
import type { Profile } from '../../../src/core/detect/profile.js'
import { type Score, scoresOf } from '../../../src/core/detect/score.js'
import { seeded } from '../../random.js'
import { Lab, type Value } from '../cause/lab.js'
import { causeIn } from '../cause/world.js'

const ROWS = 360
const PAST = 40

/** Days of flights that know the hour's weather at their airport: three stations, 24 hours, five rows of each; a level that wanders from day to day. */
class Weather {
  readonly #random = seeded(11)
  #level = 0
  readonly lab = new Lab('numeric', this.days(120).flat())
  readonly past: readonly Profile[] = this.days(PAST).map(day => this.lab.window(day).profile)

  days(n: number): Value[][] {
    return Array.from({ length: n }, () => this.day())
  }

  day(): Value[] {
    this.#level = 0.7 * this.#level + 6 * this.#random.normal()
    const hours = Array.from(
      { length: ROWS / 5 },
      (_, h) => 15 + this.#level + 4 * Math.sin(h / 4) + this.#random.normal(),
    )
    return hours.flatMap(value => Array.from({ length: 5 }, () => Math.round(10 * value) / 10))
  }

  scores(rows: readonly Value[]): Score[] {
    const { contract } = this.lab
    return scoresOf(contract, this.lab.window(rows).profile, this.past, contract.segments.get('')!)
  }
}

const loudest = (scores: readonly Score[]): number => Math.max(...scores.map(({ z }) => Math.abs(z)))
const zOf = (scores: readonly Score[], name: string): number => scores.find(({ statistic }) => statistic === name)!.z

describe('a series whose rows go together within a window', () => {
  const weather = new Weather()

  it('is told from one whose rows are independent, and from one with a trend', () => {
    const random = seeded(5)
    const lab = new Lab(
      'numeric',
      Array.from({ length: 5000 }, () => random.normal()),
    )
    const windows = (drift: number): Profile[] =>
      Array.from(
        { length: PAST },
        (_, w) => lab.window(Array.from({ length: ROWS }, () => drift * w + random.normal())).profile,
      )
    expect(intraclass(windows(0))).toBeLessThan(0.01)
    expect(intraclass(windows(0.05))).toBeLessThan(0.02)
    expect(intraclass(weather.past)).toBeGreaterThan(0.3)
  })

  it('has days that are warmer or colder than all before, and that is no surprise to any of its shares', () => {
    const days = weather.days(300)
    const shares = days.map(day => weather.scores(day).filter(({ statistic }) => OF_LEVEL.includes(statistic)))
    expect(Math.max(...shares.map(loudest))).toBeLessThan(5)
    // By counting rows alone they would be.
    const raw = shares.flat().map(({ z, phi }) => Math.abs(z) * Math.sqrt(phi))
    expect(raw.filter(z => z > 8).length).toBeGreaterThan(50)
  })

  it('has no values from another world in a few of its rows', () => {
    const day = weather.day().map((value, r) => (r % 25 === 0 ? -999 : value))
    expect(zOf(weather.scores(day), 'far')).toBeGreaterThan(8)
  })

  it('is said to have a value filled in only with doubt, and nobody is blamed: an hour may be long', () => {
    const causes = weather.days(40).map(day => {
      const long = day.map((value, r) => (r % 8 === 0 ? day[180] : value))
      return causeIn(weather.lab, long, { past: weather.past })
    })
    const filled = causes.filter(({ code }) => code === 'imputation')
    expect(filled.length).toBeGreaterThan(0)
    for (const { confidence, whoMoved, alternatives } of filled) {
      expect(confidence).not.toBe('high')
      expect({ whoMoved, alternatives }).toEqual({ whoMoved: 'unknown', alternatives: ['distribution'] })
    }
  })
})

describe('a share that no past window came near', () => {
  it('rings although one of them had some: all values null, after a day with 6 % of nulls', () => {
    const random = seeded(2)
    const rows = (nulls: number): Value[] =>
      Array.from({ length: ROWS }, () => (random.chance(nulls) ? null : random.normal()))
    const lab = new Lab('numeric', rows(0.003))
    const past = Array.from({ length: PAST }, (_, w) => lab.window(rows(w === 20 ? 0.2 : 0.003)).profile)
    const score = (nulls: number): number =>
      zOf(scoresOf(lab.contract, lab.window(rows(nulls)).profile, past, null), 'null')
    expect(score(0.95)).toBeGreaterThan(20)
    expect(score(0.2)).toBeLessThan(4)
  })
})

const OF_LEVEL = ['high', 'tails', 'far', 'negative', 'psi']
