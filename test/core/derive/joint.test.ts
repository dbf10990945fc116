import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Baseline, FeatureBaseline } from '../../../src/core/baseline/baseline.js'
import { RowSample } from '../../../src/core/baseline/row-sample.js'
import { JointProjections } from '../../../src/core/derive/joint.js'
import type { Joint } from '../../../src/core/derive/origin.js'
import { PanePlanner } from '../../../src/core/planner.js'
import { Layout, MISSING, NUMBER } from '../../../src/core/row.js'
import { mergeViews } from '../../../src/core/window/view.js'
import { type Random, seeded } from '../../random.js'
import { baselineOf, breached, filled, inspected, monitorFor, type Numbers, partOf, viewOf } from './tables.js'

const monitor = monitorFor()
const joints = (baseline: Baseline): FeatureBaseline[] => baseline.features.filter(({ origin }) => origin)
const isJoint = (name: string): boolean => name.startsWith('~')

/** A fare that follows the distance, tips and their total, and what has nothing to do with them. */
function ride(random: Random, loose = false): Record<string, number | null> {
  const km = Math.exp(0.6 * random.normal())
  const other = Math.exp(0.6 * random.normal())
  const fare = 3 + 2 * (loose ? other : km) + 0.2 * random.normal()
  const tip = Math.exp(0.5 * random.normal())
  return { km, fare, tip, total: fare + tip, age: 40 + 10 * random.normal(), load: random.next() }
}

const rows = (n: number, seed: number, one: (random: Random) => Numbers): Numbers[] => {
  const random = seeded(seed)
  return Array.from({ length: n }, () => one(random))
}

const training = rows(6000, 1, ride)
const baseline = baselineOf(monitor, training)

describe('relations learnt with the baseline', () => {
  test('are of the features that go together, and no others', () => {
    const found = joints(baseline)
    expect(found.length).toBeGreaterThan(0)
    const named = found.flatMap(({ origin }) => (origin as Joint).terms.map(({ feature }) => feature))
    expect(new Set(named)).toEqual(new Set(['km', 'fare', 'tip', 'total']))
    for (const { name, kind, numeric, segments } of found) {
      expect(kind).toBe('numeric')
      expect(numeric!.sigma).toBe(1)
      expect(segments.get('')!.sketch.numeric!.count).toBe(training.length)
      expect(name).toMatch(/^~\w+(~\w+)+\.[0-9a-f]{4}$/)
    }
  })

  test('do not depend on the order of columns, nor on the unit of a feature', () => {
    const shape = (of: Baseline) =>
      joints(of).map(({ origin, segments }) => ({
        terms: (origin as Joint).terms.map(({ feature, weight }) => [feature, weight.toFixed(6)]),
        cells: segments.get('')!.sketch.numeric!.cells,
      }))
    const turned = training.map(row => Object.fromEntries(Object.entries(row).reverse()))
    expect(
      baselineOf(monitor, turned)
        .features.map(({ name }) => name)
        .sort(),
    ).toEqual(baseline.features.map(({ name }) => name).sort())
    // A power of two: the standardised values are the same to the last bit.
    const miles = training.map(row => ({ ...row, km: 0.5 * row['km']! }))
    expect(shape(baselineOf(monitor, miles))).toEqual(shape(baseline))
  })

  test('are none where nothing goes together, features are constant or rare, rows are few, or nobody wants them', () => {
    const apart = rows(3000, 2, random => ({ a: random.normal(), b: random.next(), c: random.integer(0, 9) }))
    expect(joints(baselineOf(monitor, apart))).toEqual([])
    const still = rows(3000, 3, random => {
      const x = random.normal()
      return { x, still: 5, rare: random.chance(0.2) ? x : null, none: null }
    })
    expect(joints(baselineOf(monitor, still))).toEqual([])
    expect(joints(baselineOf(monitor, training.slice(0, 150)))).toEqual([])
    expect(joints(baselineOf(monitorFor({ joint: 'none' }), training))).toEqual([])
    expect(
      joints(
        baselineOf(
          monitor,
          training.map(({ km }) => ({ km: km! })),
        ),
      ),
    ).toEqual([])
  })

  test('have random directions beside them where asked for, seeded by model and place', () => {
    const [one, again, other] = ['m', 'm', 'n'].map(model =>
      joints(baselineOf(monitorFor({ model, joint: 'random' }), training)).filter(
        ({ origin }) => (origin as Joint).chosen === 'random',
      ),
    )
    expect(one).toHaveLength(4)
    expect(again.map(({ origin }) => origin)).toEqual(one.map(({ origin }) => origin))
    expect(other.map(({ origin }) => origin)).not.toEqual(one.map(({ origin }) => origin))
    expect(new Set(one.map(({ name }) => name)).size).toBe(4)
  })
})

describe('a window', () => {
  const quiet = (seed: number, n: number) => inspected(monitor, baseline, rows(n, seed, ride))

  test.each([300, 1000, 5000])('of %i rows like training is quiet', n => {
    for (let seed = 10; seed < 20; seed++)
      for (const [name, inspection] of quiet(seed, n)) expect(breached(inspection), name).toBe(false)
  })

  test.each([300, 1000])(
    'of %i rows whose fare no longer follows the distance: the features look as ever, the relation does not',
    n => {
      for (let seed = 30; seed < 40; seed++) {
        const found = inspected(
          monitor,
          baseline,
          rows(n, seed, random => ride(random, true)),
        )
        const told = [...found].filter(([, inspection]) => breached(inspection)).map(([name]) => name)
        expect(told.length).toBeGreaterThan(0)
        expect(told.every(isJoint)).toBe(true)
        const finding = found.get(told[0])!.findings.find(({ evidence }) => evidence.outcome === 'breach')!
        expect(finding.cause.code).toBe('relation')
        expect(finding.summary).toContain('km')
        expect(finding.summary).toContain('no longer go together')
      }
    },
  )

  test('counts the same whatever is served beside the features, and leaves rows out that lack one', () => {
    const window = rows(500, 50, ride)
    const holes = window.map((row, i) => (i % 5 === 0 ? { ...row, tip: null } : row))
    const view = viewOf(monitor, baseline, holes)
    for (const { name, origin } of joints(baseline)) {
      const has = (origin as Joint).terms.some(({ feature }) => feature === 'tip')
      const { numeric, flags } = view.features.get(name)!
      expect(numeric!.count).toBe(has ? 400 : 500)
      expect(flags.reduce((sum, count) => sum + count, 0)).toBe(has ? 400 : 500)
    }
    const more = window.map(row => ({ noise: 1, ...row }))
    for (const [name, state] of viewOf(monitor, baseline, window).features)
      expect(viewOf(monitor, baseline, more).features.get(name)).toEqual(state)
  })
})

describe('what a direction fills', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd')
  const size = fc.double({ min: 0.01, max: 100, noNaN: true })
  const any = fc.double({ min: -100, max: 100, noNaN: true })
  const joint: fc.Arbitrary<Joint> = fc
    .uniqueArray(fc.record({ feature: name, median: any, sigma: size, weight: any }), {
      minLength: 2,
      selector: ({ feature }) => feature,
    })
    .map(terms => ({ what: 'joint', chosen: 'relation', terms }))
  const row = fc.record({ a: fc.option(any), b: fc.option(any), c: fc.option(any), d: fc.option(any) })

  test('is Σ weight · clip((x − median)/σ, ±8) to 1/64, or nothing', () => {
    fc.assert(
      fc.property(fc.array(joint, { minLength: 1, maxLength: 4 }), fc.array(row, { minLength: 1 }), (all, values) => {
        const layout = new Layout(true, 100)
        for (const feature of ['a', 'b', 'c', 'd']) layout.add(feature, 'auto')
        const slots = all.map((one, i) => ({ joint: one, slot: layout.add(`~${i}`, 'numeric') }))
        const projections = new JointProjections(layout, slots)
        let i = 0
        for (const filledRow of filled(layout, values)) {
          projections.fill(filledRow)
          const served = values[i++] as Numbers
          for (const { joint: one, slot } of slots) {
            const usable = one.terms.every(({ feature }) => served[feature] !== null)
            expect(filledRow.flags[slot]).toBe(usable ? NUMBER : MISSING)
            if (!usable) continue
            const wanted = one.terms.reduce((sum, { feature, median, sigma, weight }) => {
              const z = (served[feature]! - median) / sigma
              return sum + weight * Math.max(-8, Math.min(8, z))
            }, 0)
            expect(Math.abs(filledRow.numbers[slot] - wanted)).toBeLessThanOrEqual(1 / 128 + 1e-6)
          }
        }
      }),
    )
  })
})

describe('a pane', () => {
  const dearer = baselineOf(
    monitor,
    training.map(row => ({ ...row, fare: 1.8 * row['fare']! })),
    2,
  )
  const activation = { model: 'm', modelVersion: null, baseline: 1, from: null, by: 'test', at: 0 }

  test('of two baselines has the series of both, each as if it were alone', () => {
    const window = rows(800, 60, ride)
    const part = partOf(monitor, [baseline, dearer], window)
    expect(part.baselines).toEqual([1, 2])
    const counted = new Set(part.leaves[0].features.map(({ feature }) => feature))
    for (const one of [baseline, dearer]) {
      for (const { name, numeric } of joints(one)) {
        expect(counted.has(name)).toBe(true)
        const grids = { of: () => numeric!.grid, wanted: () => numeric!.grid }
        const only = {
          ...part,
          leaves: part.leaves.map(leaf => ({ ...leaf, features: leaf.features.filter(f => f.feature === name) })),
        }
        const both = mergeViews([only], [], grids)[0].features.get(name)
        expect(both).toEqual(viewOf(monitor, one, window).features.get(name))
      }
    }
    const shared = joints(baseline).filter(({ name }) => joints(dearer).some(other => other.name === name))
    for (const { origin } of shared)
      expect((origin as Joint).terms.every(({ feature }) => feature !== 'fare')).toBe(true)
  })

  test('computes nothing without a baseline, without relations, or when switched off', () => {
    const derivations = (wanted: object, baselines: readonly Baseline[]) => {
      const layout = new Layout(true, 100)
      layout.versions.add('v1')
      const planner = new PanePlanner(monitorFor(wanted), layout)
      planner.update(baselines, [activation])
      const plan = planner.plan(0, 0)
      return { derivations: plan.derivations.length, slots: layout.slots.map(slot => slot.name).filter(isJoint).length }
    }
    const none = { derivations: 0, slots: 0 }
    expect(derivations({}, [baseline])).toEqual({ derivations: 1, slots: joints(baseline).length })
    expect(derivations({ joint: 'none' }, [baseline])).toEqual(none)
    expect(derivations({}, []).slots).toBe(0)
    expect(derivations({}, [{ ...baseline, features: baseline.features.filter(({ origin }) => !origin) }])).toEqual(
      none,
    )
  })
})

describe('the sample of rows', () => {
  const layout = new Layout(true, 10)
  const sampled = (n: number): number[] => {
    const sample = new RowSample()
    for (const row of filled(
      layout,
      Array.from({ length: n }, (_, i) => ({ i })),
    ))
      sample.add(row)
    return [...sample.column(0)]
  }

  test('is all of few rows, and an even part of many', () => {
    expect(sampled(4000)).toEqual(Array.from({ length: 4000 }, (_, i) => i))
    const some = sampled(100_000)
    expect(some.length).toBeGreaterThan(2000)
    expect(some.length).toBeLessThanOrEqual(4096)
    expect(sampled(100_000)).toEqual(some)
    for (let from = 0; from < 100_000; from += 20_000) {
      const share = some.filter(i => i >= from && i < from + 20_000).length / some.length
      expect(Math.abs(share - 0.2)).toBeLessThan(0.03)
    }
  })
})
