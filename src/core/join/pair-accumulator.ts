import type { Segment } from '../baseline/baseline.js'
import type { PairRow } from './pair-entry.js'
import type { PairJoin } from './side-rows.js'

/** A pair, as accumulators see it. */
export interface Pair {
  /** `keyText` of the join key's hash. */
  readonly key: string
  readonly served: PairRow
  readonly other: PairRow
}

/** What numbers in rows stand for; the lists grow, and an index keeps its meaning. */
export interface PairNames {
  /** Of `PairRow.values`. */
  readonly columns: readonly string[]
  readonly versions: readonly string[]
  readonly segments: readonly Segment[]
}

/**
 * What a part counts of rows and pairs. Everything is counted with a sign, as an earlier row of a key takes the place of a later one: what is
 * counted and taken back leaves nothing. Bounded, and a function of what was counted, not of its order (sums of doubles to their last bits).
 */
export interface PairAccumulator<S> {
  /** A row of the serving side, whether or not its other side comes. */
  served(row: PairRow, sign: 1 | -1): void
  /** A pair; its rows' `copies` tell duplicates. */
  paired(pair: Pair, sign: 1 | -1): void
  state(): S
  /** Adds what another one has counted: of a state, into one that has counted nothing. */
  add(state: S): void
}

/** A use of the join of pairs. */
export interface PairKind<S> {
  readonly join: PairJoin
  /** How far apart the times of a pair may be; also how long a row waits for its other side. */
  readonly horizonMs: number
  open(names: PairNames): PairAccumulator<S>
}
