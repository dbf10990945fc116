import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { divergencesOf } from '../../../src/core/shadow/divergence.js'
import { ShadowCounts } from '../../../src/core/shadow/shadow-counts.js'
import { quantileOf } from '../../../src/core/shadow/spread.js'
import { wilson } from '../../../src/core/statistic/intervals.js'
import { seeded } from '../../random.js'
import { CLASSES, counted, named, type Pair, pairs, put, shadow, task } from './pairs.js'

const mean = (all: readonly number[]) => all.reduce((sum, x) => sum + x, 0) / all.length
const variance = (all: readonly number[]) => mean(all.map(x => (x - mean(all)) ** 2))

describe('two versions on the same requests', () => {
  const rows = pairs(seeded(1), 4000, { flips: 0.03, slower: 7 })
  const found = divergencesOf(counted(rows, task('binary')), 0, task('binary'), shadow())

  it('flip as many decisions as the rows say', () => {
    const flipped = rows.filter(({ champion, challenger }) => champion >= 0.5 !== challenger >= 0.5).length
    expect(named(found, 'flips')).toMatchObject({ value: flipped / 4000, n: 4000, ...wilson(flipped, 4000) })
  })

  it('differ in their scores and latencies as the rows say', () => {
    const differences = rows.map(({ champion, challenger }) => Math.abs(challenger - champion))
    const slower = rows.map(({ latencies }) => latencies![1] - latencies![0])
    for (const [name, values] of [
      ['score', differences],
      ['latency', slower],
    ] as const) {
      const { value, low, high } = named(found, name)
      expect(value).toBeCloseTo(mean(values), 10)
      expect((high - low) / 2).toBeCloseTo(1.959964 * Math.sqrt(variance(values) / values.length), 10)
    }
    expect(named(found, 'bias').value).toBeCloseTo(mean(rows.map(one => one.challenger - one.champion)), 10)
  })

  it('have the quantiles of their differences', () => {
    const state = counted(rows, task('binary')).outputs[0]!.difference
    const sorted = rows.map(({ champion, challenger }) => Math.abs(challenger - champion)).sort((a, b) => a - b)
    for (const p of [0.5, 0.9, 0.99]) {
      const exact = sorted[Math.ceil(p * sorted.length) - 1]!
      expect(Math.abs(quantileOf(state, p) / exact - 1)).toBeLessThan(0.3)
    }
  })

  it('that are equal do not differ', () => {
    const same = pairs(seeded(2), 600).map(({ champion }) => ({ champion, challenger: champion }))
    const state = counted(same, task('binary'))
    const equal = divergencesOf(state, 0, task('binary'), shadow())
    expect(equal.map(({ name, value, verdict }) => [name, value, verdict])).toEqual([
      ['flips', 0, 'within'],
      ['score', 0, 'within'],
      ['bias', 0, null],
    ])
    expect(quantileOf(state.outputs[0]!.difference, 0.99)).toBe(0)
  })

  it('of classes flip where these are not the same, by class', () => {
    const random = seeded(3)
    const classes = Array.from({ length: 900 }, () => {
      const champion = random.integer(0, 2)
      return { champion, challenger: random.chance(0.1) ? (champion + 1) % 3 : champion }
    })
    const state = counted(classes, task('multiclass'))
    const flipped = classes.filter(({ champion, challenger }) => champion !== challenger)
    const [flips, ...others] = divergencesOf(state, 0, task('multiclass'), shadow({ limits: { flips: 0.01 } }))
    expect(flips).toMatchObject({ name: 'flips', value: flipped.length / 900, verdict: 'beyond' })
    expect(others).toEqual([])
    for (const { champion, challenger, count } of state.outputs[0]!.decisions)
      expect(count).toBe(
        classes.filter(one => CLASSES[one.champion] === champion && CLASSES[one.challenger] === challenger).length,
      )
  })

  it('of a regression differ in relation to their size, with the interval that draws say', () => {
    const draw = (seed: number): Pair[] => {
      const random = seeded(seed)
      return Array.from({ length: 300 }, () => {
        const champion = 100 + 30 * random.normal()
        return { champion, challenger: champion * (1 + 0.05 * random.normal()) }
      })
    }
    const of = (rows: readonly Pair[]) =>
      named(divergencesOf(counted(rows, task('regression')), 0, task('regression'), shadow()), 'score')
    const rows = draw(0)
    const exact = rows.reduce((sum, one) => sum + Math.abs(one.challenger - one.champion), 0)
    expect(of(rows).value).toBeCloseTo(exact / rows.reduce((sum, one) => sum + Math.abs(one.champion), 0), 10)
    const all = Array.from({ length: 400 }, (_, i) => of(draw(i + 1)))
    const truth = mean(all.map(({ value }) => value))
    const covered = all.filter(({ low, high }) => low <= truth && truth <= high).length / all.length
    expect(covered).toBeGreaterThan(0.92)
    expect(covered).toBeLessThan(0.98)
  })

  it('are judged without the pairs that lack a usable score', () => {
    const rows = [
      ...pairs(seeded(4), 600),
      { champion: 0.7, challenger: Number.NaN },
      { champion: 1.5, challenger: 0.2 },
    ]
    const state = counted(rows, task('binary'))
    expect(state.pairs).toBe(602)
    expect(state.outputs[0]!.unusable).toBe(2)
    expect(named(divergencesOf(state, 0, task('binary'), shadow()), 'flips').n).toBe(600)
  })
})

describe('counts of two versions', () => {
  const row = fc.record({
    champion: fc.oneof(fc.constant(Number.NaN), fc.constantFrom(0, 0.25, 0.5, 0.75, 1)),
    challenger: fc.oneof(fc.constant(Number.NaN), fc.constantFrom(0, 0.25, 0.5, 0.75, 1)),
    latencies: fc.tuple(fc.integer({ min: 0, max: 64 }), fc.integer({ min: 0, max: 64 })),
  })
  const mode = fc.constantFrom('shadow' as const, 'canary' as const)

  it('are the same in any order, in parts, and with rows that were taken back', () => {
    fc.assert(
      fc.property(fc.array(row), fc.array(row), mode, fc.integer(), (kept, taken, mode, seed) => {
        const whole = new ShadowCounts(task('binary'), mode)
        const random = seeded(seed)
        const acts = [
          ...kept.map(pair => ({ pair, sign: 1 as const })),
          ...taken.map(pair => ({ pair, sign: 1 as const })),
        ].sort(() => random.next() - 0.5)
        const halves = [new ShadowCounts(task('binary'), mode), new ShadowCounts(task('binary'), mode)]
        for (const [i, { pair, sign }] of acts.entries()) put(halves[i % 2]!, pair, sign, mode)
        for (const pair of taken) put(halves[0]!, pair, -1, mode)
        for (const half of halves) whole.add(half.state())
        expect(shown(whole)).toEqual(shown(of(kept, mode)))
      }),
    )
  })

  const of = (rows: readonly Pair[], mode: 'shadow' | 'canary') => {
    const counts = new ShadowCounts(task('binary'), mode)
    for (const pair of rows) put(counts, pair, 1, mode)
    return counts
  }
  /** Bins that something was taken back from stay, at 0; how wide they are may differ then. */
  const shown = (counts: ShadowCounts) => {
    const { rows, pairs, outputs, slower, arms } = counts.state()
    const sums = ({ n, sum, squares }: typeof slower) => [n, sum, squares]
    return {
      ...{ rows, pairs, slower: sums(slower) },
      outputs: outputs.map(({ difference, ...rest }) => ({ ...rest, difference: sums(difference) })),
      arms: arms.map(({ outputs: [scores], latency }) => [sums(latency), scores!.unusable]),
    }
  }
})

describe('two versions with a part of the traffic each', () => {
  const canary = shadow({ mode: 'canary', limits: { decisions: 0.05, score: 0.05, latency: 3 } })
  const draw = (seed: number, n: number, shift = 0): Pair[] => {
    const random = seeded(seed)
    const score = (by: number) => 1 / (1 + Math.exp(-(random.normal() + by)))
    return Array.from({ length: n }, () => ({
      ...{ champion: score(0), challenger: score(shift) },
      latencies: [random.next(), random.next() + 5],
    }))
  }
  const of = (rows: readonly Pair[]) =>
    divergencesOf(counted(rows, task('binary'), 'canary'), 0, task('binary'), canary)

  it('are compared by shares of decisions, mean scores and latencies', () => {
    const rows = draw(1, 3000, 0.5)
    const found = of(rows)
    const share = (pick: (pair: Pair) => number) => rows.filter(pair => pick(pair) >= 0.5).length / 3000
    expect(named(found, 'decisions').value).toBeCloseTo(share(one => one.challenger) - share(one => one.champion), 12)
    const scores = [rows.map(one => one.challenger), rows.map(one => one.champion)] as const
    const { value, low, high } = named(found, 'score')
    expect(value).toBeCloseTo(mean(scores[0]) - mean(scores[1]), 12)
    const exact = 1.959964 * Math.sqrt((variance(scores[0]) + variance(scores[1])) / 3000)
    expect((high - low) / 2 / exact).toBeCloseTo(1, 2)
    expect(found.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['decisions', 'beyond'],
      ['score', 'beyond'],
      ['score-psi', null],
      ['latency', 'beyond'],
    ])
    expect(named(found, 'score-psi').value).toBeGreaterThan(0.1)
  })

  it('of one law are within, and in both directions', () => {
    expect(of(draw(2, 6000)).filter(({ name }) => name !== 'latency')).toMatchObject([
      { name: 'decisions', verdict: 'within' },
      { name: 'score', verdict: 'within' },
      { name: 'score-psi', verdict: null },
    ])
    expect(named(of(draw(3, 6000, -0.6)), 'score')).toMatchObject({ verdict: 'beyond' })
  })

  it('say how many rows would tell', () => {
    const { verdict, needed, n } = named(of(draw(5, 600)), 'decisions')
    expect(verdict).toBe('open')
    expect(needed).toBeGreaterThan(n)
    expect(named(of(draw(5, Math.ceil(1.3 * needed!))), 'decisions').verdict).toBe('within')
  })
})
