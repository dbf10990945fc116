import type { BaselineFacts, MonitorFacts, Outcome, SeriesFacts, WindowFacts } from '../alert/event.js'
import type { OffsetRange } from '../window/part.js'

/** What one thing that goes wrong explains. */
export interface ParityCauseFacts {
  readonly code: string
  /** Of the pairs. */
  readonly share: number
  readonly sentence: string
  readonly numbers: Readonly<Record<string, number>>
}

/** One pair that differs: where its rows lie in their topics, and what they have; null: no value. */
export interface ParityExample {
  readonly servedPartition: number
  readonly servedOffset: number
  readonly offlinePartition: number
  readonly offlineOffset: number
  readonly served: string | null
  readonly offline: string | null
}

/** Served rows of a window and their offline rows. */
export interface JoinFacts {
  readonly served: number
  /** Those with their offline row. */
  readonly joined: number
  /** Those without, by now. */
  readonly unmatched: number
  /** Further rows of joined keys on each side. */
  readonly duplicatesServed: number
  readonly duplicatesOffline: number
  /** Where most pairs have it in common: how much later the offline row's time is; 0 where the times are the same. Null: neither. */
  readonly apartMs: number | null
}

/** How far one feature is the same in the pairs of a window: matched + mismatched + nullServed + nullOffline + types = pairs. */
export interface ParityFacts {
  readonly pairs: number
  readonly matched: number
  /** Values that differ beyond the tolerance. */
  readonly mismatched: number
  /** No value served where there is one offline, and the reverse. */
  readonly nullServed: number
  readonly nullOffline: number
  /** Values of different types. */
  readonly types: number
  /** Share of the pairs that do not match, and its 99 % interval. */
  readonly rate: number
  readonly low: number
  readonly high: number
  /** Share that may not. */
  readonly tolerated: number
  /** Mean of served − offline over mismatched numbers; null where there are none. */
  readonly meanDifference: number | null
  /** Of these served / offline. */
  readonly medianRatio: number | null
  /** Their differences at levels p. */
  readonly differences: { readonly p: readonly number[]; readonly value: readonly number[] } | null
  /** How much earlier what is served was right for the same entity; negative: what is offline. Null: neither is late. */
  readonly lagMs: number | null
  /** Most pairs first. */
  readonly causes: readonly ParityCauseFacts[]
  /** Share of the pairs that differ and that nothing explains. */
  readonly unexplained: number
  /** Pairs that causes, ratio and differences were found in; the counts are of all. */
  readonly sampled: number
  /** None unless the monitor allows them. */
  readonly examples: readonly ParityExample[]
}

/** The public contract: served values of one feature against their offline values in one window of predictions, as far as these have come. */
export interface ParityEvent {
  /** `ce_id`: the same event after a crash has the same one. */
  readonly id: string
  /** The feature; `*` for the join of the rows. */
  readonly series: SeriesFacts
  /** Rows are served rows; provisional: offline rows may still come. */
  readonly window: WindowFacts
  readonly outcome: Outcome
  /** Why it was not judged; null otherwise. */
  readonly because: string | null
  readonly join: JoinFacts
  /** Null of the join itself. */
  readonly parity: ParityFacts | null
  /** What is odd about the join, in words; null: nothing. */
  readonly note: string | null
  readonly baseline: BaselineFacts | null
  readonly monitor: MonitorFacts
  /** Stretches of driftline.joins. */
  readonly input: readonly OffsetRange[]
  readonly software: string
}
