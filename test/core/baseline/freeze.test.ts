import { describe, expect, test } from 'vitest'
import { freezeGrid } from '../../../src/core/baseline/freeze.js'
import { cellsOf, DISTRIBUTIONS, draw, sketched } from '../sketch/draws.js'

describe('freezing', () => {
  test.each(Object.entries(DISTRIBUTIONS))('%s: twenty bins of equal share, fences at their quantiles', (_, of) => {
    const values = draw(50_000, 1, of)
    const { grid, quantileEdges, sigma, fences } = freezeGrid(sketched(values))
    expect(grid.atoms.length).toBe(0)
    expect(quantileEdges.length).toBe(19)
    for (const n of cellsOf(values, { edges: quantileEdges, atoms: grid.atoms }))
      expect(Math.abs(n / 50_000 - 0.05)).toBeLessThan(0.006)
    const share = (x: number): number => values.filter(y => y <= x).length / 50_000
    for (const [x, p] of [
      [fences.q01, 0.01],
      [fences.q50, 0.5],
      [fences.q95, 0.95],
      [fences.q99, 0.99],
    ])
      expect(Math.abs(share(x) - p)).toBeLessThan(0.004)
    const { q01, q50, q95, q99 } = fences
    const far = [q01 - (q50 - q01) / 2, q99 + (q99 - q50) / 2]
    for (const edge of [...quantileEdges, q01, q95, q99, ...far]) expect(grid.edges).toContain(edge)
    expect([...grid.edges]).toEqual([...new Set(grid.edges)].sort((a, b) => a - b))
    expect(sigma).toBeGreaterThan(0)
  })

  test('σ of normal values is their standard deviation', () => {
    const values = draw(50_000, 2, random => 100 + 7 * random.normal())
    expect(freezeGrid(sketched(values)).sigma).toBeCloseTo(7, 0)
  })

  test('values with the mass of a bin are atoms, exact or not', () => {
    const values = draw(50_000, 3, random => (random.chance(0.6) ? 0 : random.chance(0.2) ? 99 : random.normal()))
    const { grid, quantileEdges } = freezeGrid(sketched(values))
    expect([...grid.atoms]).toEqual([0, 99])
    const rest = values.filter(x => x !== 0 && x !== 99)
    for (const n of cellsOf(rest, { edges: quantileEdges, atoms: new Float64Array(0) }))
      expect(Math.abs(n / rest.length - 0.05)).toBeLessThan(0.03)
    const few = draw(5000, 4, random => Math.min(random.integer(0, 30), random.integer(0, 30)))
    const contract = freezeGrid(sketched(few))
    const counts = (x: number): number => few.filter(y => y === x).length
    expect([...contract.grid.atoms]).toEqual([...new Set(few)].filter(x => counts(x) >= 250).sort((a, b) => a - b))
    // No bin lies below the least value that is not an atom: it would be empty by construction.
    const least = Math.min(...few.filter(x => !contract.grid.atoms.includes(x)))
    expect(contract.quantileEdges.every(edge => edge > least)).toBe(true)
  })

  test('a constant feature has one atom and a σ', () => {
    expect(freezeGrid(sketched(new Float64Array(1000).fill(3)))).toEqual({
      grid: { atoms: Float64Array.of(3), edges: Float64Array.of(3) },
      quantileEdges: new Float64Array(0),
      sigma: 1,
      fences: { q01: 3, q50: 3, q95: 3, q99: 3 },
    })
  })

  test('σ is never 0 and never infinite', () => {
    const rare = [...new Float64Array(990).fill(5), ...Array.from({ length: 10 }, (_, i) => i)]
    expect(freezeGrid(sketched(rare)).sigma).toBeGreaterThan(0)
    const huge = freezeGrid(sketched([-1.7e308, 1.7e308, 0, 1e-320]))
    expect(Number.isFinite(huge.sigma) && huge.sigma > 0).toBe(true)
    expect(huge.grid.edges.every(Number.isFinite)).toBe(true)
    expect(freezeGrid(sketched([-0])).grid).toEqual({ atoms: Float64Array.of(0), edges: Float64Array.of(0) })
  })
})
