import { expect, test } from 'vitest'
import { hashBytes, utf8 } from '../../../src/core/dictionary.js'
import type { FeaturePlan } from '../../../src/core/plan.js'
import { FLAGS, INFINITE, Layout, MISSING, NULL, NUMBER, Row, TEXT, WRONG_TYPE } from '../../../src/core/row.js'
import { CategoricalSketch } from '../../../src/core/sketch/categorical-sketch.js'
import { estimateDistinct } from '../../../src/core/sketch/distinct.js'
import { FeatureSketch } from '../../../src/core/sketch/feature-sketch.js'
import { seeded } from '../../random.js'

/** A row of one feature whose dictionary has the given texts. */
function rowOf(kind: FeaturePlan['kind'], texts: readonly string[] = []): Row {
  const layout = new Layout(false, 10)
  layout.add('x', kind)
  for (const text of texts) layout.slots[0].dictionary.add(text)
  return new Row(layout)
}

/** Puts a text into the row, by id where the dictionary has it. */
function put(row: Row, text: string, byBytes = false): void {
  const bytes = utf8(text)
  const hash = hashBytes(bytes, 0, bytes.length)
  const { dictionary } = row.layout.slots[0]
  row.flags[0] = TEXT
  row.categories[0] = byBytes ? -1 : dictionary.find(bytes, 0, bytes.length, hash)
  row.hashes[0] = hash
  row.bytes = Uint8Array.from([0, 0, ...bytes, 0])
  row.starts[0] = 2
  row.lengths[0] = bytes.length
}

const plan = (
  kind: FeaturePlan['kind'],
  values: readonly string[] = [],
  dictionary: readonly string[] = [],
): FeaturePlan => ({
  name: 'x',
  kind,
  grid: null,
  values,
  cells: Int32Array.from(dictionary, text => values.indexOf(text)),
  countDistinct: true,
})

test('known values are counted exactly, others by Space-Saving', () => {
  const row = rowOf('categorical', ['c', 'b', 'a', 'late'])
  // The plan was made when `late` had no id yet.
  const sketch = new CategoricalSketch(plan('categorical', ['a', 'b', 'never'], ['c', 'b', 'a']))
  for (const text of ['a', 'b', 'a', 'c', 'late', 'strange', 'strange', 'ü']) {
    put(row, text)
    sketch.add(row, 0)
  }
  expect(sketch.state()).toEqual({
    count: 8,
    known: new Map([
      ['a', 2],
      ['b', 1],
    ]),
    unknown: 5,
    heavy: [
      { value: 'strange', count: 2, error: 0 },
      { value: 'c', count: 1, error: 0 },
      { value: 'late', count: 1, error: 0 },
      { value: 'ü', count: 1, error: 0 },
    ],
    distinct: null,
  })
})

test('a text that the dictionary has counts like the same text as bytes', () => {
  const random = seeded(1)
  const texts = Array.from({ length: 600 }, (_, i) => (i % 50 === 0 ? `${'long '.repeat(80)}${i}` : `value ${i}`))
  const row = rowOf('categorical', texts)
  const [byId, byBytes] = [new CategoricalSketch(plan('categorical')), new CategoricalSketch(plan('categorical'))]
  for (let i = 0; i < 5000; i++) {
    const text = random.pick(texts)
    put(row, text)
    byId.add(row, 0)
    put(row, text, true)
    byBytes.add(row, 0)
  }
  expect(byId.state()).toEqual(byBytes.state())
  expect(Math.abs(estimateDistinct(byId.state().distinct!) / 600 - 1)).toBeLessThan(4 * 0.032)
})

test('256 distinct unknown values are exact, the next one starts the estimate of all', () => {
  const row = rowOf('categorical')
  const sketch = new CategoricalSketch(plan('categorical'))
  for (let i = 0; i < 256; i++) {
    put(row, `value ${i}`)
    sketch.add(row, 0)
  }
  expect(sketch.state()).toMatchObject({ distinct: null, unknown: 256 })
  put(row, 'one more')
  sketch.add(row, 0)
  expect(Math.abs(estimateDistinct(sketch.state().distinct!) - 257)).toBeLessThan(33)
})

test('a feature counts each flag, and takes the kinds of values it is for', () => {
  const observed = (kind: FeaturePlan['kind']) => {
    const row = rowOf(kind)
    const sketch = new FeatureSketch(plan(kind))
    for (let flag = 0; flag < FLAGS; flag++) {
      if (flag === TEXT) put(row, 'a')
      row.flags[0] = flag
      row.numbers[0] = 1
      for (let n = 0; n <= flag; n++) sketch.observe(row, 0)
    }
    const state = sketch.state('renamed')
    sketch.release()
    expect(state.feature).toBe('renamed')
    expect(state.flags[MISSING]).toBe(0)
    expect([state.flags[NULL], state.flags[INFINITE]]).toEqual([NULL + 1, INFINITE + 1])
    return { flags: state.flags, numbers: state.numeric?.count ?? null, texts: state.categorical?.count ?? null }
  }
  const [numbers, texts, wrong] = [NUMBER + 1, TEXT + 1, WRONG_TYPE + 1]
  expect(observed('auto')).toMatchObject({ numbers, texts })
  const numeric = observed('numeric')
  expect(numeric).toMatchObject({ numbers, texts: null })
  expect([numeric.flags[TEXT], numeric.flags[WRONG_TYPE]]).toEqual([0, wrong + texts])
  const categorical = observed('boolean')
  expect(categorical).toMatchObject({ numbers: null, texts })
  expect([categorical.flags[NUMBER], categorical.flags[WRONG_TYPE]]).toEqual([0, wrong + numbers])
})
