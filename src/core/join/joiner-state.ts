import type { SourceState } from '../window/sources.js'
import type { OpenJoinedState } from './joined-parts.js'
import type { Shelf } from './shelves.js'
import type { JoinCounts } from './side-rows.js'

/** All that a joiner holds but its entries. */
export interface JoinerState {
  readonly model: string
  readonly monitor: string
  readonly watermark: number
  readonly gapped: boolean
  readonly counts: JoinCounts
  readonly sides: readonly {
    readonly side: JoinSide
    readonly closeTo: number
    readonly sources: readonly SourceState[]
  }[]
  /** Highest source offset taken, by side and source partition. */
  readonly seen: readonly { readonly source: string; readonly offset: number }[]
  readonly versions: readonly string[]
  readonly segments: readonly Readonly<Record<string, string>>[]
  readonly classes: readonly string[]
  readonly shelves: readonly Readonly<Shelf>[]
  readonly parts: readonly OpenJoinedState[]
}

export type JoinSide = 'serving' | 'labels'
