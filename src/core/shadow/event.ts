import type { BaselineFacts, MonitorFacts, Outcome, SeriesFacts, WindowFacts } from '../alert/event.js'
import type { Divergence, Shadow } from '../monitor.js'
import type { OffsetRange } from '../window/part.js'
import type { DecisionCell } from './pair-counts.js'

/** What to do with the challenger. */
export type Advice = 'promote' | 'hold' | 'roll-back'

/** How far two versions differ in one respect. */
export interface DivergenceFacts {
  /** Of those without a limit: `bias` (mean of challenger − champion), `score-psi`. */
  readonly name: Divergence | 'bias' | 'score-psi'
  /** The decision that a share is of; null: of all. */
  readonly class: string | null
  readonly value: number
  /** 95 % interval. */
  readonly low: number
  readonly high: number
  /** Pairs, or rows of the version with fewer. */
  readonly n: number
  /** Null: reported only. */
  readonly limit: number | null
  /** Whether the whole interval is within the limit, or beyond it; `open`: neither, or too few rows. Null without a limit. */
  readonly verdict: 'within' | 'beyond' | 'open' | null
  /** Rows from which the interval would be within, if the value stays; null where it is, or no number of rows would do. */
  readonly needed: number | null
}

/** The public contract: how far the challenger differs from the champion in one output and window, and what to do about it. */
export interface ShadowEvent {
  /** `ce_id`: the same event after a crash has the same one. */
  readonly id: string
  /** The model version is the challenger, the feature the output's name. */
  readonly series: SeriesFacts
  readonly champion: string
  readonly mode: Shadow['mode']
  readonly window: WindowFacts
  readonly advice: Advice
  /** What keeps it from a promotion or a roll-back; null with these two. */
  readonly because: string | null
  /** The advice and its evidence in a sentence. */
  readonly summary: string
  /** `breach` where a divergence is beyond its limit, `ok` where all are within. */
  readonly outcome: Outcome
  readonly rows: {
    readonly champion: number
    readonly challenger: number
    /** Requests that both have scored. */
    readonly pairs: number
    /** Of these without a usable score of both. */
    readonly unusable: number
  }
  /** Windows in a row within every limit, this one included, and how many promote. */
  readonly within: { readonly windows: number; readonly needed: number }
  readonly divergences: readonly DivergenceFacts[]
  /** The most frequent pairs of different decisions. */
  readonly flips: readonly DecisionCell[]
  /** Quantiles of |difference of scores|, and of the difference of latencies in ms; empty for a canary. */
  readonly quantiles: {
    readonly p: readonly number[]
    readonly score: readonly number[]
    readonly latency: readonly number[]
  }
  readonly baseline: BaselineFacts | null
  readonly monitor: MonitorFacts
  /** Stretches of driftline.joins. */
  readonly input: readonly OffsetRange[]
  readonly software: string
}
