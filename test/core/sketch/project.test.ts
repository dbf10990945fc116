import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { freezeGrid } from '../../../src/core/baseline/freeze.js'
import type { Grid } from '../../../src/core/baseline/grid.js'
import { mergeSketches } from '../../../src/core/sketch/merge.js'
import { projectCells, projectSketch, unionGrid } from '../../../src/core/sketch/project.js'
import type { NumericState } from '../../../src/core/sketch/state.js'
import { cellsOf, DISTRIBUTIONS, draw, feature, grid, sketched } from './draws.js'

const points = fc.uniqueArray(
  fc.integer({ min: -5, max: 5 }).map(x => x / 2 + 0),
  { maxLength: 8 },
)
const grids = fc.tuple(points, points).map(
  ([edges, atoms]): Grid => ({
    edges: Float64Array.from(edges).sort(),
    atoms: Float64Array.from(atoms).sort(),
  }),
)
const value = fc.oneof(
  fc.integer({ min: -6, max: 6 }).map(x => x / 2),
  fc.double({ min: -4, max: 4, noNaN: true }),
)

test('counts at a union are counts at either grid', () => {
  fc.assert(
    fc.property(grids, grids, fc.array(value, { maxLength: 100 }), (a, b, values) => {
      const both = unionGrid(a, b)
      const cells = Float64Array.from(cellsOf(values, both))
      expect([...projectCells(cells, both, a)]).toEqual(cellsOf(values, a))
      expect([...projectCells(cells, both, b)]).toEqual(cellsOf(values, b))
      expect(projectCells(cells, both, both)).toEqual(cells)
    }),
  )
})

test('counts cannot be taken to edges they were not counted at', () => {
  expect(() => projectCells(new Float64Array(2), grid([1]), grid([2]))).toThrow(RangeError)
  expect(() => projectCells(new Float64Array(2), grid([1]), grid([1], [3]))).toThrow(RangeError)
})

const projected = (state: NumericState, from: Grid | null, to: Grid | null): NumericState =>
  projectSketch(feature(state), from, to).numeric!

describe('sketches', () => {
  const [a, b] = [grid([-1, 0, 1], [0.5]), grid([-2, 1], [0.5, 2])]
  const union = unionGrid(a, b)
  const values = [
    ...draw(3000, 1, DISTRIBUTIONS['normal']),
    ...Array.from({ length: 900 }, (_, i) => [0.5, 2, 3][i % 3]),
  ]

  test('exact values are counted anew, whatever the grids', () => {
    const few = values.slice(-300)
    for (const from of [null, a, union])
      for (const to of [null, a, b, union]) expect(projected(sketched(few, from), from, to)).toEqual(sketched(few, to))
  })

  test('to a part of the grid: cells exact, atoms that are none any more join the digest', () => {
    const state = projected(sketched(values, union), union, a)
    expect([...state.cells]).toEqual(cellsOf(values, a))
    expect(state.digest!.weights.reduce((sum, w) => sum + w, 0)).toBe(values.length - 300)
    const { values: heavy, counts, errors } = state.heavy!
    const two = heavy.indexOf(2)
    expect(counts[two] - errors[two]).toBeLessThanOrEqual(300)
    expect(counts[two]).toBeGreaterThanOrEqual(300)
    // It merges with sketches that had counted there.
    const merged = mergeSketches([feature(state), feature(sketched(values, a))], a).numeric!
    expect([...merged.cells]).toEqual(cellsOf([...values, ...values], a))
  })

  test('an equal grid changes nothing', () => {
    const state = feature(sketched(values, a))
    expect(projectSketch(state, a, grid([...a.edges], [...a.atoms]))).toBe(state)
    expect(projectSketch(state, null, null)).toBe(state)
  })

  test('from no grid to one: estimates within the error of the digest, atoms nearly exact', () => {
    for (const of of Object.values(DISTRIBUTIONS)) {
      const all = Float64Array.from([...draw(20_000, 2, of), ...new Float64Array(5000).fill(0.25)])
      const whole = sketched(all)
      const { grid: cut } = freezeGrid(whole)
      expect([...cut.atoms]).toEqual([0.25])
      const state = projected(whole, null, cut)
      const truth = cellsOf(all, cut)
      expect(state.cells.reduce((sum, n) => sum + n, 0)).toBe(25_000)
      for (const [c, n] of state.cells.entries())
        expect(Math.abs(n - truth[c]), `cell ${c}`).toBeLessThan(0.02 * 25_000)
      expect(Math.abs(state.cells[0] - 5000)).toBeLessThan(25)
      expect(state.digest!.weights.reduce((sum, w) => sum + w, 0)).toBe(25_000 - state.cells[0])
      expect(state.heavy!.values).not.toContain(0.25)
    }
  })
})
