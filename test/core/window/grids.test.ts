import { expect, test } from 'vitest'
import type { Baseline, FeatureBaseline } from '../../../src/core/baseline/baseline.js'
import type { Grid } from '../../../src/core/baseline/grid.js'
import { unionGrid } from '../../../src/core/sketch/project.js'
import { gridsOf } from '../../../src/core/window/grids.js'
import type { Part } from '../../../src/core/window/part.js'
import { grid } from '../sketch/draws.js'

const fences = { q01: 0, q50: 0, q95: 0, q99: 0 }
const featureAt = (name: string, at: Grid | null): FeatureBaseline => ({
  ...{ name, kind: at === null ? 'categorical' : 'numeric', unit: null, values: [], segments: new Map() },
  numeric: at && { grid: at, quantileEdges: at.edges, sigma: 1, fences },
})
const baseline = (version: number, features: readonly FeatureBaseline[]): Baseline => ({
  ...{ model: 'm', version, modelVersion: null, hash: '', source: '', rows: 0, loadedAt: 0, from: null },
  ...{ timeRange: null, segments: new Map(), features },
})
const part = (...baselines: number[]): Part => ({ baselines }) as unknown as Part

test('a part counts at the union of the grids of the baselines that it names', () => {
  const [old, fresh] = [grid([0, 1], [5]), grid([1, 2])]
  const first = baseline(1, [featureAt('x', old), featureAt('y', fresh), featureAt('c', null)])
  const second = baseline(2, [featureAt('x', fresh), featureAt('z', fresh)])
  const contracts = new Map(second.features.map(feature => [feature.name, feature]))
  const grids = gridsOf([first, second], contracts)
  const both = part(1, 2)
  expect(grids.of(part(1), 'x')).toBe(old)
  expect(grids.of(part(2), 'x')).toBe(fresh)
  expect(grids.of(both, 'x')).toEqual({ edges: Float64Array.of(0, 1, 2), atoms: Float64Array.of(5) })
  // The same object every time: what is known of it is looked up by it.
  expect(grids.of(both, 'x')).toBe(unionGrid(old, fresh))
  expect(['y', 'z'].map(name => grids.of(both, name))).toEqual([fresh, fresh])
  expect(['c', 'unknown'].map(name => grids.of(both, name))).toEqual([null, null])
  expect([part(), part(3)].map(one => grids.of(one, 'x'))).toEqual([null, null])
  expect(['x', 'y', 'c'].map(grids.wanted)).toEqual([fresh, null, null])
})
