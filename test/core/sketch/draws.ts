import type { Grid } from '../../../src/core/baseline/grid.js'
import type { Range } from '../../../src/core/plan.js'
import { NumericSketch } from '../../../src/core/sketch/numeric-sketch.js'
import { NO_REPEATS } from '../../../src/core/sketch/repeats.js'
import type { CategoricalState, NumericState, SketchState } from '../../../src/core/sketch/state.js'
import { gamma, type Random, seeded } from '../../random.js'

export const DISTRIBUTIONS: Record<string, (random: Random) => number> = {
  normal: random => random.normal(),
  'gamma(.1)': random => gamma(random, 0.1),
  lognormal: random => Math.exp(2 * random.normal()),
  uniform: random => random.next(),
  bimodal: random => (random.chance(0.3) ? -4 : 4) + random.normal(),
}

export function draw(n: number, seed: number, of: (random: Random) => number): Float64Array {
  const random = seeded(seed)
  return Float64Array.from({ length: n }, () => of(random))
}

export function sketched(
  values: Iterable<number>,
  grid: Grid | null = null,
  countDistinct = false,
  range: Range | null = null,
): NumericState {
  const sketch = new NumericSketch({ grid, countDistinct, range })
  for (const x of values) sketch.add(x)
  const state = sketch.state()
  sketch.release()
  return state
}

export function feature(numeric: NumericState | null, categorical: CategoricalState | null = null): SketchState {
  return { feature: 'x', flags: new Float64Array(9), numeric, categorical, ...NO_REPEATS }
}

export const grid = (edges: number[], atoms: number[] = []): Grid => ({
  edges: Float64Array.from(edges),
  atoms: Float64Array.from(atoms),
})

/** What `cells` must be, value by value. */
export function cellsOf(values: Iterable<number>, { edges, atoms }: Grid): number[] {
  const cells = Array.from({ length: atoms.length + edges.length + 1 }, () => 0)
  for (const x of values) {
    const atom = atoms.indexOf(x + 0)
    cells[atom >= 0 ? atom : atoms.length + edges.filter(edge => edge <= x).length]++
  }
  return cells
}

/** Kolmogorov–Smirnov distance of two samples, counted out. */
export function exactKs(a: Float64Array, b: Float64Array): number {
  const x = a.slice().sort()
  const y = b.slice().sort()
  let largest = 0
  for (let i = 0, j = 0; i < x.length || j < y.length; ) {
    const at = j === y.length || (i < x.length && x[i] <= y[j]) ? x[i] : y[j]
    while (i < x.length && x[i] === at) i++
    while (j < y.length && y[j] === at) j++
    largest = Math.max(largest, Math.abs(i / x.length - j / y.length))
  }
  return largest
}

/** W1 of two samples, counted out. */
export function exactW1(a: Float64Array, b: Float64Array): number {
  const x = a.slice().sort()
  const y = b.slice().sort()
  let sum = 0
  let before = Number.NaN
  let height = 0
  for (let i = 0, j = 0; i < x.length || j < y.length; ) {
    const at = j === y.length || (i < x.length && x[i] <= y[j]) ? x[i] : y[j]
    if (!Number.isNaN(before)) sum += height * (at - before)
    while (i < x.length && x[i] === at) i++
    while (j < y.length && y[j] === at) j++
    height = Math.abs(i / x.length - j / y.length)
    before = at
  }
  return sum
}
