import type { CauseCode } from '../detect/cause/codes.js'
import type { Example } from './examples.js'

/** Some rows of two pipelines, paired by their key; entries are rows. */
export interface PairRows {
  readonly size: number
  /** 1 where the pipeline has the row; a pair has both. */
  readonly inA: Uint8Array
  readonly inB: Uint8Array
  /** Data rows, from 1; anything where there is none. */
  readonly rowA: Float64Array
  readonly rowB: Float64Array
  /** What the key says; null: not wanted. */
  readonly keys: readonly (string | null)[] | null
  /** Where there are entities, rows come by entity and time: 1 where another entity begins, and the times (epoch ms). */
  readonly entities: { readonly begins: Uint8Array; readonly times: Float64Array } | null
}

/** Numbers or times (epoch ms) of one side. */
export interface NumberSide {
  readonly numbers: Float64Array
  /** 1 where there is a value. */
  readonly valid: Uint8Array
  /** Texts of values of another type (not valid, and not null). */
  readonly odd: readonly (string | null)[] | null
}

export type TextSide = readonly (string | null)[]

export interface ParityCause {
  readonly code: CauseCode
  /** Rows that it explains, and their share of the pairs. */
  readonly rows: number
  readonly share: number
  readonly sentence: string
  readonly numbers: Readonly<Record<string, number>>
}

/** Quantiles of one side's values, of all its rows. */
export const PARITY_LEVELS = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const

/**
 * How far one feature is the same in paired rows: matched + mismatched + nullInA + nullInB + types = pairs. A pair of nulls matches.
 */
export interface FeatureParity {
  readonly feature: string
  readonly kind: 'number' | 'time' | 'text'
  readonly pairs: number
  readonly matched: number
  /** Values that differ beyond the tolerance. */
  readonly mismatched: number
  readonly nullInA: number
  readonly nullInB: number
  /** One side's value is of another type. */
  readonly types: number
  /** Share of the pairs that do not match. */
  readonly rate: number
  /** a − b of the mismatched numbers: mean, quantiles at PARITY_LEVELS; the median of a/b where b is not 0. */
  readonly difference: {
    readonly mean: number
    readonly quantiles: readonly number[]
    readonly medianRatio: number | null
  } | null
  /** All rows of each file, paired or not. `ks` of numbers; `tvd`, half the sum of the differences of shares, of texts. */
  readonly distributions: {
    readonly ks: number | null
    readonly tvd: number | null
    readonly quantilesA: readonly number[]
    readonly quantilesB: readonly number[]
  }
  /** Texts: the pairs that differ most often. */
  readonly confusions: readonly { readonly a: string; readonly b: string; readonly rows: number }[]
  /** Whether one side is late: of `causes`, in numbers. Positive: A is behind. */
  readonly lag: { readonly ms: number; readonly rowsBack: number; readonly share: number } | null
  /** Most rows first. */
  readonly causes: readonly ParityCause[]
  /** Rows that do not match and that no cause explains. */
  readonly unexplained: number
  readonly examples: readonly Example[]
}
