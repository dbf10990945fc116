import { expect, test } from 'vitest'
import { BaselineBuilder } from '../../src/core/baseline/build.js'
import { ageCounts } from '../../src/core/feature-age.js'
import type { FeatureTime } from '../../src/core/monitor.js'
import { PanePlanner } from '../../src/core/planner.js'
import { Layout, Row } from '../../src/core/row.js'
import { mergeViews } from '../../src/core/window/view.js'
import { fill, partsOf, type Served, simple } from './counted.js'

const meter: FeatureTime = {
  series: 'meter.age',
  path: ['meterAt'],
  unit: 'ms',
  features: ['fare'],
  maxAgeMs: 60_000,
}
const PROVENANCE = { version: 1, modelVersion: null, source: 'test', loadedAt: 0, from: null }
const aged = (ages: readonly (number | null)[]): Served[] =>
  ages.map(age => ({ values: { fare: 1, 'meter.age': age } }))

test('values from the future and values that are too old are counted exactly', () => {
  const monitor = simple({ times: [meter] })
  const parts = [...partsOf(monitor, aged([0, 60, 60.001, -0.001]), 0), ...partsOf(monitor, aged([null, 1e6, 5]), 1)]
  const [view] = mergeViews(parts, [], { of: () => null, wanted: () => null })
  expect(ageCounts(view.features.get('meter.age')!)).toEqual({ known: 6, future: 1, stale: 2 })
})

test('where nothing says how old is too old, only the future is wrong', () => {
  const monitor = simple({ times: [{ ...meter, maxAgeMs: null }] })
  const [part] = partsOf(monitor, aged([1e12, -1, 3]))
  expect(ageCounts(part.leaves[0].features[0])).toEqual({ known: 3, future: 1, stale: 0 })
})

test('it is counted also beside a baseline of rows that had no times, and with one that had', () => {
  for (const trainedWith of [false, true]) {
    const monitor = simple({ times: [meter] })
    const training = new Layout(true, 10)
    const builder = new BaselineBuilder(monitor, training, PROVENANCE)
    const row = new Row(training)
    const pass = (): void => {
      for (let i = 0; i < 500; i++)
        builder.observe(fill(row, { values: { fare: i, ...(trainedWith ? { 'meter.age': i / 10 } : {}) } }))
    }
    pass()
    builder.freeze()
    pass()
    const baseline = builder.finish(() => 'hash')
    const known = baseline.features.find(({ name }) => name === 'meter.age')
    expect(known?.unit).toBe(trainedWith ? 's' : undefined)
    const layout = new Layout(true, 10)
    const planner = new PanePlanner(monitor, layout)
    planner.update([baseline], [])
    layout.versions.add('default')
    const plan = planner.plan(0, 0).features[layout.indexOf('meter.age')]!
    expect(plan).toMatchObject({ kind: 'numeric', range: [0, 60] })
    expect(plan.grid === null).toBe(!trainedWith)
  }
})
