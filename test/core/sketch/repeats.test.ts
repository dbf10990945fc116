import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FeatureSpec } from '../../../src/core/monitor.js'
import { Layout, Row } from '../../../src/core/row.js'
import { FeatureSketch } from '../../../src/core/sketch/feature-sketch.js'
import { unplanned } from '../../../src/core/window/part-builder.js'
import { mergeViews } from '../../../src/core/window/view.js'
import { fill, partsOf, type Served, simple, summarizer } from '../counted.js'

const number = fc.constantFrom(0, -0, 1, 2, 0.5, null)
const text = fc.constantFrom('a', 'b', 'c', '', null)
const rows = (value: fc.Arbitrary<string | number | null>) =>
  fc.oneof(
    fc.array(value, { maxLength: 50 }),
    fc.array(value, { minLength: 1000, maxLength: 2600, size: 'max' }), // columns of 1024 are full in between
  )
const served = (values: readonly (string | number | null)[]): Served[] => values.map(x => ({ values: { x } }))
const NO_GRIDS = { of: () => null, wanted: () => null }
const spec: FeatureSpec = { kind: null, unit: null, importance: null, range: null, runbook: null, checks: {} }

/** What must be counted: usable values with one before them, and those equal to it. */
function expected(values: readonly (string | number | null)[]) {
  const usable = values.filter(x => x !== null).map(x => (x === 0 ? 0 : x))
  return {
    repeatable: Math.max(0, usable.length - 1),
    repeats: usable.filter((x, i) => i > 0 && x === usable[i - 1]).length,
  }
}

describe('values equal to the one before', () => {
  for (const [kind, value] of [
    ['numbers', number],
    ['categories', text],
  ] as const) {
    test(`are counted within a source partition: ${kind}`, () => {
      fc.assert(
        fc.property(fc.array(rows(value), { minLength: 1, maxLength: 3 }), partitions => {
          const parts = partitions.flatMap((values, p) => partsOf(simple(), served(values), p))
          if (parts.length === 0) return
          const wanted = partitions.map(expected)
          const sum = (what: 'repeatable' | 'repeats') => wanted.reduce((total, one) => total + one[what], 0)
          const [whole] = mergeViews(parts, [], NO_GRIDS)
          expect(whole.features.get('x')).toMatchObject({ repeatable: sum('repeatable'), repeats: sum('repeats') })
        }),
        { numRuns: 40 },
      )
    })
  }

  test('are counted of categories that the plan knows and others alike', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', 'x', 'y', ''), { maxLength: 60 })
    fc.assert(
      fc.property(texts, values => {
        const layout = new Layout(false, 1)
        layout.add('x', 'categorical')
        for (const known of ['a', 'b']) layout.slots[0].dictionary.add(known)
        const plan = { ...unplanned('x', 'categorical'), values: ['a', 'b'], cells: Int32Array.of(0, 1) }
        const sketch = new FeatureSketch(plan)
        const row = new Row(layout)
        for (const x of values) sketch.observe(fill(row, { values: { x } }), 0)
        expect(sketch.state('x')).toMatchObject(expected(values))
      }),
    )
  })

  test('are counted in each segment on its own', () => {
    const monitor = simple({
      segments: [{ name: 'city', path: ['city'], values: ['Bonn'], top: 8 }],
      features: new Map([['x', { ...spec, kind: 'categorical' }]]),
    })
    const row = (city: string, x: string): Served => ({ values: { '#city': city, x } })
    const parts = partsOf(monitor, [row('Bonn', 'a'), row('Rome', 'b'), row('Bonn', 'a'), row('Rome', 'a')])
    const views = mergeViews(parts, [{ name: 'city', values: new Set(['Bonn']) }], NO_GRIDS)
    const counts = views.map(({ segment, features }) => {
      const { repeatable, repeats } = features.get('x')!
      return [segment, repeatable, repeats]
    })
    expect(counts).toEqual([
      [{}, 2, 1],
      [{ city: 'Bonn' }, 1, 1],
      [{ city: 'other' }, 1, 0],
    ])
  })

  test('what is told of a part before it is final changes nothing in the end', () => {
    const { summarizer: one, row } = summarizer(simple())
    for (const [offset, x] of [1, 1, 2, 2].entries()) one.observe(row({ values: { x } }), offset)
    expect(one.peek()[0].leaves[0].features[0]).toMatchObject({ repeatable: 3, repeats: 2 })
    for (const [i, x] of [2, 3].entries()) one.observe(row({ values: { x } }), 4 + i)
    expect(one.finish()[0].leaves[0].features[0]).toMatchObject({ repeatable: 5, repeats: 3 })
  })
})

test('the monitor’s range reaches the parts', () => {
  const monitor = simple({ features: new Map([['x', { ...spec, kind: 'numeric', range: [0, 2] }]]) })
  const [part] = partsOf(monitor, served([-1, 0, 1, 2, 3, null]))
  expect(part.leaves[0].features[0].numeric).toMatchObject({ count: 5, outside: 2 })
})
