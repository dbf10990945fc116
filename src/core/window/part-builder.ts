import { CUT, type FeaturePlan, type PanePlan, type SegmentDimension } from '../plan.js'
import { type Layout, type Row, TEXT } from '../row.js'
import { FeatureSketch } from '../sketch/feature-sketch.js'
import { KeySample } from '../sketch/key-sample.js'
import { type Cap, MOST_NAMES, type Omitted } from './caps.js'
import { SAME_VALUE } from './entity-memory.js'
import type { OpenLeaf, OpenPart } from './open-part.js'
import type { Leaf } from './part.js'
import { borrowBlock, type RowBlock, returnBlock } from './row-block.js'

/** The rows of one disjoint segment as they come in. */
class LeafBuilder {
  rows = 0
  readonly sketches: (FeatureSketch | null)[]
  /** Slots whose categories are sketched row by row. */
  readonly #texts: number[] = []
  #block: RowBlock

  constructor(
    readonly group: number,
    readonly values: readonly (string | null)[],
    private readonly plan: PanePlan,
  ) {
    this.sketches = plan.features.map(feature => feature && new FeatureSketch(feature))
    for (const [slot, sketch] of this.sketches.entries()) if (sketch?.takesText) this.#texts.push(slot)
    this.#block = borrowBlock(this.sketches.length)
  }

  observe(row: Row, compared: Uint8Array | null): void {
    this.rows++
    if (this.sketches.length < row.layout.slots.length) this.#grow(row.layout)
    const block = this.#block
    block.add(row)
    const texts = this.#texts
    for (let t = 0; t < texts.length; t++) {
      const slot = texts[t]
      if (row.flags[slot] === TEXT) this.sketches[slot]!.addText(row, slot)
    }
    if (compared !== null) this.#compare(compared)
    if (block.isFull) this.#flush()
  }

  #flush(): void {
    const { sketches } = this
    const block = this.#block
    for (let slot = 0; slot < sketches.length; slot++) sketches[slot]?.observeColumn(block, slot)
    block.rows = 0
  }

  #compare(compared: Uint8Array): void {
    const { sketches } = this
    for (let slot = 0; slot < sketches.length; slot++)
      if (compared[slot] > 0) sketches[slot]?.compared(compared[slot] === SAME_VALUE)
  }

  /** Features that were discovered after the plan was made: nothing is known of them. */
  #grow({ slots }: Layout): void {
    this.#flush()
    for (let slot = this.sketches.length; slot < slots.length; slot++) {
      const { name, kind, watched } = slots[slot]
      const watch = watched && this.plan.baselines.length === 0
      const sketch = watch ? new FeatureSketch(unplanned(name, kind)) : null
      this.sketches.push(sketch)
      if (sketch?.takesText) this.#texts.push(slot)
    }
    returnBlock(this.#block)
    this.#block = borrowBlock(this.sketches.length)
  }

  settle(): void {
    this.#flush()
    for (const sketch of this.sketches) sketch?.settle()
  }

  leaf(names: readonly { name: string }[]): Leaf {
    this.#flush()
    const features = this.sketches.flatMap((sketch, slot) => (sketch === null ? [] : [sketch.state(names[slot].name)]))
    return { group: this.group, values: this.values, rows: this.rows, features }
  }

  /** @returns false where the plan is not the one that it was counted by */
  reopen({ rows, sketches }: OpenLeaf, layout: Layout): boolean {
    this.rows = rows
    for (const { feature, kind } of sketches) layout.add(feature, kind)
    if (this.sketches.length < layout.slots.length) this.#grow(layout)
    return sketches.every(open => {
      const slot = layout.indexOf(open.feature)
      const planned = this.plan.features[slot]
      if (!planned && this.plan.baselines.length > 0) return false
      this.sketches[slot]?.release()
      const sketch = FeatureSketch.reopen(planned ?? unplanned(open.feature, open.kind), open)
      this.sketches[slot] = sketch
      if (sketch?.takesText && !this.#texts.includes(slot)) this.#texts.push(slot)
      return sketch !== null
    })
  }

  open(names: readonly { name: string }[]): OpenLeaf {
    this.#flush()
    const sketches = this.sketches.flatMap((sketch, slot) => (sketch === null ? [] : [sketch.open(names[slot].name)]))
    return { group: this.group, values: this.values, rows: this.rows, sketches }
  }

  release(): void {
    for (const sketch of this.sketches) sketch?.release()
    returnBlock(this.#block)
  }
}

/** The plan of a feature that no baseline and no monitor declares. */
export function unplanned(name: string, kind: FeaturePlan['kind']): FeaturePlan {
  return { name, kind, grid: null, values: [], cells: new Int32Array(0), countDistinct: true }
}

/** What one source partition gathers for one model version, pane and round. */
export class PartBuilder {
  readonly news = new Map<string, number>()
  keys = new KeySample()
  firstOffset = -1
  lastOffset = -1
  rows = 0
  /** Rows that were published before the part was final (`Summarizer.peek`). */
  told = 0
  /** Whether `settle` was called. */
  settled = false
  /** By group, then by mixed-radix index of the dimensions' values; made when first hit. */
  readonly #leaves: (LeafBuilder | undefined)[][]
  readonly #omitted = new Map<Cap, Omitted>()
  /** Whether segment values were cut. */
  readonly #isCut: boolean

  constructor(
    readonly version: number,
    readonly pane: number,
    readonly round: number,
    readonly plan: PanePlan,
    readonly gap: boolean,
  ) {
    this.#leaves = plan.segmentation.groups.map(() => [])
    this.#isCut = plan.segmentation.groups.flat().some(({ cut }) => cut > 0)
  }

  /** What was left out because a cap was reached. */
  get omitted(): readonly Omitted[] {
    return [...this.#omitted.values()]
  }

  /** Counts what a cap keeps out. @param values that are counted nowhere */
  omit(cap: Cap, limit: number, rows: number, values: number): void {
    const known = this.#omitted.get(cap)
    this.#omitted.set(cap, {
      ...{ cap, limit },
      rows: rows + (known?.rows ?? 0),
      values: values + (known?.values ?? 0),
    })
  }

  /**
   * The part as it was when `open` was taken of it; nothing of it counts as published.
   * @param version id of its model version in the layout
   * @returns null where the plan is not the one that it was counted by
   */
  static reopen(open: OpenPart, version: number, plan: PanePlan, layout: Layout): PartBuilder | null {
    const part = new PartBuilder(version, open.pane, open.round, plan, open.gap)
    part.firstOffset = open.firstOffset
    part.lastOffset = open.lastOffset
    part.rows = open.rows
    part.settled = open.settled
    part.keys = KeySample.reopen(open.keys)
    for (const [name, rows] of open.news) part.news.set(name, rows)
    for (const { cap, limit, rows, values } of open.omitted) part.omit(cap, limit, rows, values)
    const fits = open.leaves.every(leaf => {
      const index = indexOf(plan.segmentation.groups[leaf.group], leaf.values)
      if (index < 0) return false
      const builder = new LeafBuilder(leaf.group, leaf.values, plan)
      part.#leaves[leaf.group][index] = builder
      return builder.reopen(leaf, layout)
    })
    return fits ? part : null
  }

  /** What there is now, to be written at once: it shares memory with the part. */
  open({ versions, slots }: Layout): OpenPart {
    return {
      modelVersion: versions.values[this.version],
      pane: this.pane,
      round: this.round,
      gap: this.gap,
      baselines: this.plan.baselines,
      firstOffset: this.firstOffset,
      lastOffset: this.lastOffset,
      rows: this.rows,
      settled: this.settled,
      news: this.news,
      keys: this.keys.open(),
      omitted: this.omitted,
      leaves: this.#leaves.flatMap(leaves => leaves.flatMap(leaf => (leaf === undefined ? [] : [leaf.open(slots)]))),
    }
  }

  /** @param compared what is known of the row's values as repeats of their entity's last ones (`EntityMemory`) */
  observe(row: Row, offset: number, compared: Uint8Array | null = null): void {
    if (this.rows++ === 0) this.firstOffset = offset
    this.lastOffset = offset
    if (row.key !== 0) this.keys.add(row.key)
    const { derivations } = this.plan
    for (let d = 0; d < derivations.length; d++) derivations[d].fill(row)
    const { groups } = this.plan.segmentation
    for (let g = 0; g < groups.length; g++) {
      const dimensions = groups[g]
      let index = 0
      for (let d = 0; d < dimensions.length; d++) {
        index = index * (dimensions[d].values.length + 1) + valueIndex(row, dimensions[d])
      }
      const leaf = (this.#leaves[g][index] ??= new LeafBuilder(g, valuesAt(dimensions, index), this.plan))
      leaf.observe(row, compared)
    }
    if (this.#isCut) this.#cut(row)
    if (row.news.length + row.newsLeft > 0) this.#takeNews(row)
  }

  /** The part's time is over but for grace: what has gathered is taken in now, so that little is left to do when all parts end at once. */
  settle(): void {
    this.settled = true
    for (const leaves of this.#leaves) for (const leaf of leaves) leaf?.settle()
  }

  #takeNews({ news, newsLeft, layout }: Row): void {
    let left = newsLeft
    for (const name of news) {
      const known = this.news.get(name)
      if (known !== undefined || this.news.size < MOST_NAMES) this.news.set(name, (known ?? 0) + 1)
      else left++
    }
    // Without a baseline every name becomes a column, as long as there is room.
    if (layout.discover) this.omit('features', layout.maxSlots, 1, news.length + newsLeft)
    else if (left > 0) this.omit('names', MOST_NAMES, 1, left)
  }

  #cut({ flags, categories }: Row): void {
    for (const dimensions of this.plan.segmentation.groups)
      for (const { slot, cells, values } of dimensions)
        if (flags[slot] === TEXT && cells[categories[slot]] === CUT) {
          this.omit('segments', values.length, 1, 0)
          return
        }
  }

  /** The leaves as they are, in index order. */
  leaves(names: readonly { name: string }[]): Leaf[] {
    return this.#leaves.flatMap(leaves => leaves.flatMap(leaf => (leaf === undefined ? [] : [leaf.leaf(names)])))
  }

  /** The leaves, with their sketches closed. Ends the builder's life. */
  close(names: readonly { name: string }[]): Leaf[] {
    const closed = this.leaves(names)
    for (const leaves of this.#leaves) for (const leaf of leaves) leaf?.release()
    return closed
  }
}

/** Index of the row's value in the dimension, values.length for `other`. */
export function valueIndex(row: Row, dimension: SegmentDimension): number {
  const { slot, cells, values } = dimension
  if (row.flags[slot] !== TEXT) return values.length
  const id = row.categories[slot]
  const cell = id >= 0 && id < cells.length ? cells[id] : -1
  return cell < 0 ? values.length : cell
}

/** The index that `valuesAt` takes apart; −1 where the dimensions do not have these values. */
function indexOf(dimensions: readonly SegmentDimension[] | undefined, values: readonly (string | null)[]): number {
  if (dimensions?.length !== values.length) return -1
  let index = 0
  for (const [d, { values: all }] of dimensions.entries()) {
    const cell = values[d] === null ? all.length : all.indexOf(values[d])
    if (cell < 0) return -1
    index = index * (all.length + 1) + cell
  }
  return index
}

function valuesAt(dimensions: readonly SegmentDimension[], index: number): (string | null)[] {
  const values: (string | null)[] = []
  let rest = index
  for (let d = dimensions.length - 1; d >= 0; d--) {
    const { values: all } = dimensions[d]
    values.unshift(all[rest % (all.length + 1)] ?? null)
    rest = Math.floor(rest / (all.length + 1))
  }
  return values
}
