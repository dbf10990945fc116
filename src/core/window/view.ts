import type { Segment } from '../baseline/baseline.js'
import type { Grid } from '../baseline/grid.js'
import { mergeSketches } from '../sketch/merge.js'
import { projectSketch } from '../sketch/project.js'
import type { SketchState } from '../sketch/state.js'
import type { Leaf, Part } from './part.js'

/** One segment of a window, merged over partitions, panes and leaves. */
export interface View {
  readonly segment: Segment
  readonly rows: number
  readonly features: ReadonlyMap<string, SketchState>
}

/** Value that stands for all that a dimension does not declare. */
export const OTHER = 'other'

/** What the merging must know of the baselines. */
export interface Grids {
  /** Grid that a feature's cells count at in a part; null without one. */
  of(part: Part, feature: string): Grid | null
  /** Grid that the cells are wanted at. */
  wanted(feature: string): Grid | null
}

interface Leaves {
  readonly leaf: Leaf
  rows: number
  readonly states: Map<string, SketchState[]>
}

interface Merged {
  readonly leaf: Leaf
  readonly rows: number
  readonly features: ReadonlyMap<string, SketchState>
}

/**
 * Merges the parts of a window into its segments: all rows, and each value of each dimension. Leaves are disjoint and merged once; the
 * segments are sums of them. The order of the parts is the order of merging, which makes the digests reproducible.
 *
 * @param dimensions with their values; what they do not list is `other`
 */
export function mergeViews(
  parts: readonly Part[],
  dimensions: readonly { readonly name: string; readonly values: ReadonlySet<string> }[],
  grids: Grids,
): View[] {
  const merged = mergeLeaves(parts, grids)
  const views = [
    sum(
      {},
      merged.filter(({ leaf }) => leaf.group === 0),
      grids,
    ),
  ]
  for (const [d, { name, values }] of dimensions.entries()) {
    const byValue = new Map<string, Merged[]>()
    for (const one of merged) {
      const value = valueAt(one.leaf, d, dimensions.length)
      if (value !== undefined) push(byValue, value !== null && values.has(value) ? value : OTHER, one)
    }
    for (const value of [...byValue.keys()].sort()) views.push(sum({ [name]: value }, byValue.get(value)!, grids))
  }
  return views
}

/** The leaf's value of dimension d; undefined where the leaf belongs to another dimension. */
function valueAt(leaf: Leaf, d: number, dimensions: number): string | null | undefined {
  if (leaf.values.length === dimensions) return leaf.values[d]
  return leaf.group === d ? leaf.values[0] : undefined
}

function mergeLeaves(parts: readonly Part[], grids: Grids): Merged[] {
  const leaves = new Map<string, Leaves>()
  for (const part of parts) {
    for (const leaf of part.leaves) {
      const key = JSON.stringify([leaf.group, leaf.values])
      let gathered = leaves.get(key)
      if (gathered === undefined) leaves.set(key, (gathered = { leaf, rows: 0, states: new Map() }))
      gathered.rows += leaf.rows
      for (const state of leaf.features) {
        const projected = projectSketch(state, grids.of(part, state.feature), grids.wanted(state.feature))
        push(gathered.states, state.feature, projected)
      }
    }
  }
  return [...leaves.keys()].sort().map(key => {
    const { leaf, rows, states } = leaves.get(key)!
    return { leaf, rows, features: mergeEach(states, grids) }
  })
}

function sum(segment: Segment, leaves: readonly Merged[], grids: Grids): View {
  const states = new Map<string, SketchState[]>()
  for (const { features } of leaves) for (const [name, state] of features) push(states, name, state)
  return { segment, rows: leaves.reduce((rows, leaf) => rows + leaf.rows, 0), features: mergeEach(states, grids) }
}

function mergeEach(states: ReadonlyMap<string, SketchState[]>, grids: Grids): Map<string, SketchState> {
  const merged = new Map<string, SketchState>()
  for (const [name, list] of states)
    merged.set(name, list.length === 1 ? list[0] : mergeSketches(list, grids.wanted(name)))
  return merged
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
