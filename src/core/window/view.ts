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

/** Value that stands for all that a dimension does not declare, and version of rows that have none of their own. */
export const OTHER = 'other'

/** What the merging must know of the baselines. */
export interface Grids {
  /** Grid that a feature's cells count at in a part; null without one. */
  of(part: Part, feature: string): Grid | null
  /** Grid that the cells are wanted at. */
  wanted(feature: string): Grid | null
}

interface Merged {
  readonly leaf: Leaf
  readonly rows: number
  readonly features: ReadonlyMap<string, SketchState>
}

/** The sketches of one leaf or segment by feature, in the order they are to be merged. */
class Gathered {
  readonly #names: string[] = []
  readonly #states: SketchState[][] = []
  readonly #places = new Map<string, number>()
  rows = 0

  /** @param guess place that the feature likely has: lists of one plan have one order */
  add(state: SketchState, guess: number): void {
    const { feature } = state
    if (this.#names[guess] === feature) this.#states[guess].push(state)
    else this.#states[this.#place(feature)].push(state)
  }

  #place(feature: string): number {
    let place = this.#places.get(feature)
    if (place === undefined) {
      this.#places.set(feature, (place = this.#names.push(feature) - 1))
      this.#states.push([])
    }
    return place
  }

  merged(grids: Grids): ReadonlyMap<string, SketchState> {
    const features = new Map<string, SketchState>()
    for (const [place, feature] of this.#names.entries()) features.set(feature, merged(this.#states[place], grids))
    return features
  }
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
  const leaves = new Map<string, { readonly part: Part; readonly leaf: Leaf }[]>()
  for (const part of parts)
    for (const leaf of part.leaves) push(leaves, JSON.stringify([leaf.group, leaf.values]), { part, leaf })
  return [...leaves.keys()].sort().map(key => {
    const same = leaves.get(key)!
    const rows = same.reduce((sum, { leaf }) => sum + leaf.rows, 0)
    const lists = same.map(({ part, leaf }) => sketchesOf(part, leaf, grids))
    return { leaf: same[0].leaf, rows, features: mergeInStep(lists, grids) }
  })
}

/** Those of a leaf, at the grids that are wanted. */
function* sketchesOf(part: Part, leaf: Leaf, grids: Grids): Generator<SketchState> {
  for (const state of leaf.unpacked?.() ?? leaf.features)
    yield projectSketch(state, grids.of(part, state.feature), grids.wanted(state.feature))
}

/**
 * Merges lists of one plan feature by feature, so that few sketches are unpacked at a time; from where they go on with different features,
 * they are gathered first.
 */
function mergeInStep(lists: readonly Generator<SketchState>[], grids: Grids): ReadonlyMap<string, SketchState> {
  const features = new Map<string, SketchState>()
  for (;;) {
    const heads = lists.map(list => list.next().value as SketchState | undefined)
    const feature = heads[0]?.feature
    if (feature === undefined || heads.some(head => head?.feature !== feature)) {
      for (const [name, state] of gathered(heads, lists).merged(grids)) features.set(name, state)
      return features
    }
    features.set(feature, merged(heads as SketchState[], grids))
  }
}

/** All that is left of the lists, after their next ones. */
function gathered(heads: readonly (SketchState | undefined)[], lists: readonly Generator<SketchState>[]): Gathered {
  const all = new Gathered()
  for (const [l, list] of lists.entries()) {
    let place = 0
    const head = heads[l]
    if (head !== undefined) all.add(head, place++)
    for (const state of list) all.add(state, place++)
  }
  return all
}

function merged(states: readonly SketchState[], grids: Grids): SketchState {
  return states.length === 1 ? states[0] : mergeSketches(states, grids.wanted(states[0].feature))
}

function sum(segment: Segment, leaves: readonly Merged[], grids: Grids): View {
  if (leaves.length === 1) return { segment, rows: leaves[0].rows, features: leaves[0].features }
  const gathered = new Gathered()
  for (const { rows, features } of leaves) {
    gathered.rows += rows
    let place = 0
    for (const state of features.values()) gathered.add(state, place++)
  }
  return { segment, rows: gathered.rows, features: gathered.merged(grids) }
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
