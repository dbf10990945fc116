/**
 * What a value costs on its way into a sketch, beside npm `tdigest`, and what the closed sketch weighs. Run: npx tsx test/bench/sketch.ts
 */
import { freezeGrid } from '../../src/core/baseline/freeze.js'
import { hashBytes, utf8 } from '../../src/core/dictionary.js'
import type { FeaturePlan } from '../../src/core/plan.js'
import { Layout, NUMBER, Row, TEXT } from '../../src/core/row.js'
import { ecdf } from '../../src/core/sketch/ecdf.js'
import { FeatureSketch } from '../../src/core/sketch/feature-sketch.js'
import { mergeSketches } from '../../src/core/sketch/merge.js'
import { NumericSketch } from '../../src/core/sketch/numeric-sketch.js'
import { NO_REPEATS } from '../../src/core/sketch/repeats.js'
import { sortColumn } from '../../src/core/sketch/sort.js'
import type { NumericState, SketchState } from '../../src/core/sketch/state.js'
import { kolmogorovSmirnov } from '../../src/core/statistic/kolmogorov-smirnov.js'
import { quantileOf } from '../../src/core/statistic/quantiles.js'
import { wasserstein } from '../../src/core/statistic/wasserstein.js'
import { COLUMNS } from './columns.js'

const { TDigest } = (await import('tdigest' as string)) as { TDigest: new () => { push(x: number): void } }

const N = 200_000
/** Values a series and pane, as in the workload's windows split over partitions. */
const PANES = [200_000, 4_000, 250, 30]

/** Least CPU time of several runs, ns a unit. */
function best(units: number, run: () => void, runs = 7): number {
  let least = Number.POSITIVE_INFINITY
  let repeat = 1
  for (let r = 0; r < runs; ) {
    const from = process.cpuUsage()
    for (let k = 0; k < repeat; k++) run()
    const { user, system } = process.cpuUsage(from)
    if (user + system < 5_000) {
      repeat *= 2 // the clock ticks in microseconds
      continue
    }
    least = Math.min(least, ((user + system) * 1000) / repeat)
    r++
  }
  return least / units
}

function planOf(values: Float64Array, integers: boolean): FeaturePlan {
  const sketch = new NumericSketch({ grid: null, countDistinct: false })
  for (const x of values) sketch.add(x)
  const { grid } = freezeGrid(sketch.state())
  sketch.release()
  return { name: 'x', kind: 'numeric', grid, values: [], cells: new Int32Array(0), countDistinct: integers }
}

/** Bytes of a state as Avro would write it: 8 a value, 4 a weight, 2 a cell or counter. */
function size(state: NumericState): number {
  const weighted = (w: { values: Float64Array } | null, each: number): number =>
    w === null ? 1 : 2 + each * w.values.length
  const fixed = 4 * 3 + 4 * 8 + 2 * state.cells.length
  return (
    fixed +
    weighted(state.exact, 10) +
    weighted(state.digest, 12) +
    weighted(state.heavy, 14) +
    (state.distinct?.length ?? 1)
  )
}

const row = (cells: (string | number)[]): void =>
  console.log(cells.map((cell, i) => (i === 0 ? String(cell).padEnd(22) : String(cell).padStart(10))).join(''))

console.log(`ns a value, ${N} values; panes of ${PANES.join(', ')} values`)
row(['column', ...PANES.map(n => `n=${n}`), 'sort', 'tdigest', 'ratio', 'bytes', 'B, n=4000', 'B, n=250'])
const plans = new Map<string, FeaturePlan>()
const filled = new Map<string, Float64Array>()
for (const [name, { make, integers }] of Object.entries(COLUMNS)) {
  filled.set(name, make(N, 1))
  plans.set(name, planOf(filled.get(name)!, integers))
}
const keep: NumericState[] = []
const one = (plan: FeaturePlan, values: Float64Array, from: number, to: number): NumericState => {
  const sketch = new NumericSketch(plan)
  for (let i = from; i < to; i++) sketch.add(values[i])
  const state = sketch.state()
  sketch.release()
  return state
}
// All columns are warmed up together: the code must not be compiled for one kind of column only.
for (const [name, values] of filled) for (const n of PANES) keep.push(one(plans.get(name)!, values, 0, n))
for (const [name, values] of filled) {
  const plan = plans.get(name)!
  const times = PANES.map(n =>
    best(N, () => {
      for (let at = 0; at + n <= N; at += n) one(plan, values, at, at + n)
    }),
  )
  const column = new Float64Array(1024)
  const sort = best(N - (N % 1024), () => {
    for (let at = 0; at + 1024 <= N; at += 1024) {
      for (let i = 0; i < 1024; i++) column[i] = values[at + i]
      sortColumn(column, 1024)
    }
  })
  const naive = best(
    N / 4,
    () => {
      const t = new TDigest()
      for (let i = 0; i < N / 4; i++) t.push(values[i])
    },
    2,
  )
  const bytes = [N, 4000, 250].map(n => size(one(plan, values, 0, n)))
  row([
    name,
    ...times.map(t => t.toFixed(1)),
    sort.toFixed(1),
    naive.toFixed(0),
    `1:${(naive / times[0]).toFixed(1)}`,
    ...bytes,
  ])
}

// The whole observe path: rows of 20 numbers and 4 categories, as the line runs it.
const layout = new Layout(false, 100)
for (let f = 0; f < 20; f++) layout.add(`n${f}`, 'numeric')
for (let f = 0; f < 4; f++) layout.add(`c${f}`, 'categorical')
const texts = Array.from({ length: 5_000 }, (_, i) => `value-${i}`)
for (let f = 20; f < 24; f++) for (const text of texts.slice(0, 50)) layout.slots[f].dictionary.add(text)
const reused = new Row(layout)
const kinds = [...plans.keys()]
const featurePlans: FeaturePlan[] = layout.slots.map((_, f) =>
  f < 20
    ? plans.get(kinds[f % kinds.length])!
    : {
        name: 'c',
        kind: 'categorical',
        grid: null,
        values: texts.slice(0, 50),
        cells: Int32Array.from({ length: 50 }, (_, i) => i),
        countDistinct: false,
      },
)
const columns = featurePlans.map((_, f) => filled.get(kinds[f % kinds.length])!)
const rows = 10_000
const states: SketchState[][] = []
const observeNs = best(rows * 20, () => {
  const sketches = featurePlans.map(plan => new FeatureSketch(plan))
  for (let r = 0; r < rows; r++) {
    for (let f = 0; f < 20; f++) {
      reused.flags[f] = NUMBER
      reused.numbers[f] = columns[f][r]
    }
    for (let f = 20; f < 24; f++) {
      reused.flags[f] = TEXT
      reused.categories[f] = (r * 7) % 50
    }
    for (let f = 0; f < sketches.length; f++) sketches[f].observe(reused, f)
  }
  states.push(
    sketches.map((sketch, f) => {
      const s = sketch.state(`f${f}`)
      sketch.release()
      return s
    }),
  )
})
console.log(`observe: ${observeNs.toFixed(1)} ns a numeric value (rows of 20 numbers and 4 known categories)`)

// Categories that no plan names.
for (const distinct of [40, 250, 5_000]) {
  const plan: FeaturePlan = {
    name: 'c',
    kind: 'categorical',
    grid: null,
    values: [],
    cells: new Int32Array(0),
    countDistinct: false,
  }
  const bytes = texts.map(utf8)
  const all = new Uint8Array(64 * texts.length)
  for (const [i, b] of bytes.entries()) all.set(b, 64 * i)
  const hashes = bytes.map(b => hashBytes(b, 0, b.length))
  reused.bytes = all
  reused.flags[20] = TEXT
  for (const known of [false, true]) {
    if (known && distinct > 50) continue
    const ns = best(
      50_000,
      () => {
        const sketch = new FeatureSketch(plan)
        for (let i = 0; i < 50_000; i++) {
          const c = Math.imul(i, 2654435761) >>> 0
          const t = c % distinct
          reused.categories[20] = known ? t : -1
          reused.hashes[20] = hashes[t]
          reused.starts[20] = 64 * t
          reused.lengths[20] = bytes[t].length
          sketch.observe(reused, 20)
        }
        sketch.state('c')
      },
      5,
    )
    console.log(`unplanned category, ${distinct} distinct${known ? ', by id' : ''}: ${ns.toFixed(1)} ns`)
  }
}

// Closing windows: 48 parts of each series merged and compared.
const parts = (name: string): SketchState[] =>
  Array.from({ length: 48 }, (_, p) => ({
    feature: name,
    flags: new Float64Array(9),
    categorical: null,
    numeric: one(plans.get(name)!, filled.get(name)!, p * 4000, (p + 1) * 4000),
    ...NO_REPEATS,
  }))
for (const name of kinds) {
  const grid = plans.get(name)!.grid!
  const list = parts(name)
  const merge =
    best(
      1,
      () => {
        mergeSketches(list, grid)
      },
      30,
    ) / 1000
  const baseline = mergeSketches(parts(name), grid).numeric!
  const compare =
    best(
      1,
      () => {
        const merged = mergeSketches(list.slice(0, 2), grid).numeric!
        const f = ecdf(baseline, grid)
        const g = ecdf(merged, grid)
        kolmogorovSmirnov(f, g)
        wasserstein(f, g)
        for (let p = 1; p < 8; p++) {
          quantileOf(baseline, grid, p / 8)
          quantileOf(merged, grid, p / 8)
        }
      },
      30,
    ) / 1000
  console.log(`${name}: merge 48 parts ${merge.toFixed(0)} µs, compare ${compare.toFixed(0)} µs a series`)
}
if (keep.length + states.length === 0) console.log()
