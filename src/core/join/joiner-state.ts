import type { OpenJoinedState } from './joined-parts.js'
import type { JoinCounts } from './side-rows.js'
import type { StreamJoinState } from './stream-join.js'

/** All that a joiner holds but its entries. */
export interface JoinerState extends StreamJoinState {
  readonly counts: JoinCounts
  readonly versions: readonly string[]
  readonly segments: readonly Readonly<Record<string, string>>[]
  readonly classes: readonly string[]
  readonly parts: readonly OpenJoinedState[]
}
