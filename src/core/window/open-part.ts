import type { OpenKeys, OpenSketch } from '../sketch/open-state.js'
import type { Omitted } from './caps.js'

/** A part that still takes rows, as a checkpoint keeps it: opened again from it, it becomes the part that it would have become. */
export interface OpenPart {
  readonly modelVersion: string
  readonly pane: number
  readonly round: number
  readonly gap: boolean
  /** Baseline versions that its plan counts for. */
  readonly baselines: readonly number[]
  readonly firstOffset: number
  readonly lastOffset: number
  readonly rows: number
  /** See `PartBuilder.settle`. */
  readonly settled: boolean
  readonly news: ReadonlyMap<string, number>
  readonly keys: OpenKeys
  readonly omitted: readonly Omitted[]
  readonly leaves: readonly OpenLeaf[]
}

export interface OpenLeaf {
  readonly group: number
  /** One value a dimension of the group; `null` stands for other. */
  readonly values: readonly (string | null)[]
  readonly rows: number
  readonly sketches: readonly OpenSketch[]
}
