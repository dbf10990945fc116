import { describe, expect, test } from 'vitest'
import type { FeatureBaseline } from '../../../src/core/baseline/baseline.js'
import { freezeGrid } from '../../../src/core/baseline/freeze.js'
import { type Comparison, compare, type Side } from '../../../src/core/detect/compare.js'
import { projectCells } from '../../../src/core/sketch/project.js'
import type { CategoricalState } from '../../../src/core/sketch/state.js'
import { psi } from '../../../src/core/statistic/psi.js'
import { seeded } from '../../random.js'
import { cellsOf, draw, feature, sketched } from '../sketch/draws.js'

/** Two atoms in a normal of twenty bins. */
const values = (n: number, seed: number, shift = 0): Float64Array =>
  draw(n, seed, random => (random.chance(0.2) ? 0 : random.chance(0.1) ? 7 : shift + random.normal()))

function numeric(): { contract: FeatureBaseline; baseline: Side } {
  const trained = values(20_000, 1)
  const contract = freezeGrid(sketched(trained))
  const sketch = feature(sketched(trained, contract.grid))
  const segments = new Map([['', { rows: trained.length, sketch }]])
  return {
    contract: { name: 'x', kind: 'numeric', unit: null, numeric: contract, values: [], segments },
    baseline: { rows: trained.length, sketch },
  }
}

const windowOf = ({ numeric }: FeatureBaseline, column: Float64Array): Side => ({
  rows: column.length,
  sketch: feature(sketched(column, numeric!.grid)),
})

describe('a numeric series', () => {
  test('gives the same whatever it was compared with before', () => {
    const { contract, baseline } = numeric()
    const columns = [5000, 40, 300, 120, 5000, 70].map((n, i) => values(n, 10 + i, i / 4))
    const told = columns.map(column => compare(contract, baseline, windowOf(contract, column)))
    const fresh = columns.map(column => {
      const other = numeric()
      return compare(other.contract, other.baseline, windowOf(other.contract, column))
    })
    expect(told).toEqual(fresh)
    expect([...columns].reverse().map(column => compare(contract, baseline, windowOf(contract, column)))).toEqual(
      [...told].reverse(),
    )
  })

  test('is cut at atoms and quantile bins, fewer where there are few rows, never under five', () => {
    const { contract, baseline } = numeric()
    const { grid, quantileEdges } = contract.numeric!
    expect([...grid.atoms]).toEqual([0, 7])
    const column = values(5000, 3, 0.5)
    const { cells, distances } = compare(contract, baseline, windowOf(contract, column))
    const cut = { edges: quantileEdges, atoms: grid.atoms }
    expect(cells).toBe(quantileEdges.length + 3)
    const before = projectCells(baseline.sketch!.numeric!.cells, grid, cut)
    expect(distances.psi).toBeCloseTo(psi(before, Float64Array.from(cellsOf(column, cut))), 12)
    const few = (n: number): number => compare(contract, baseline, windowOf(contract, values(n, 4))).cells
    expect([10, 70, 120, 300].map(few)).toEqual([5, 7, 12, cells])
  })

  test('names what moved, most telling first, the atom by its value', () => {
    const { contract, baseline } = numeric()
    const imputed = values(5000, 5).map((x, i) => (i % 4 === 0 ? 0 : x))
    const { moved, distances } = compare(contract, baseline, windowOf(contract, imputed))
    expect(moved[0]).toMatchObject({ value: 0 })
    expect(moved[0].windowShare).toBeCloseTo(imputed.filter(x => x === 0).length / 5000, 12)
    const contributions = moved.map(({ contribution }) => contribution)
    expect(contributions).toEqual([...contributions].sort((a, b) => b - a))
    expect(contributions.length).toBe(8)
    expect(contributions.reduce((a, b) => a + b)).toBeLessThanOrEqual(distances.psi!)
  })
})

describe('a categorical series', () => {
  const labels = (n: number, seed: number): CategoricalState => {
    const random = seeded(seed)
    const known = new Map<string, number>()
    for (let i = 0; i < n; i++) {
      const label = random.pick(['a', 'a', 'a', 'b', 'b', 'c'])
      known.set(label, (known.get(label) ?? 0) + 1)
    }
    return { count: n, known, unknown: 0, heavy: [], distinct: null }
  }
  const seen = (state: CategoricalState): Side => ({ rows: state.count, sketch: feature(null, state) })

  test('is compared by its labels, the others and the unseen; cells that nobody hit are left out', () => {
    const trained = seen(labels(6000, 1))
    const contract: FeatureBaseline = {
      ...{ name: 'x', kind: 'categorical', unit: null, numeric: null, values: ['a', 'b', 'c'] },
      segments: new Map(),
    }
    const now = labels(3000, 2)
    const one = (state: CategoricalState): Comparison => compare(contract, trained, seen(state))
    expect(one(now).cells).toBe(3)
    const more = one({ ...now, count: 3300, unknown: 300 })
    expect(more.cells).toBe(4)
    expect(more.moved[0]).toMatchObject({ value: '(unseen)', baselineShare: 0, windowShare: 300 / 3300 })
    expect(more.labels.map(({ value }) => value)).toEqual(['a', 'b', 'c'])
    expect(more.labels[0].now).toBe(now.known.get('a')! / 3300)
  })
})
