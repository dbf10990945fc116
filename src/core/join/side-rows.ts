/** Bytes of a class of a multiclass task at most; longer texts are none. */
export const LONGEST_CLASS = 256

/** Whose rows they are: predictions with what they were made of, what came true, or values recomputed offline. */
export type Side = 'serving' | 'labels' | 'offline'

/** Joins of pairs, one row of each side, beside that of predictions and labels; each is named by its other side. */
export type PairJoin = 'offline'

/** What the rows of a join of pairs have beside those of labels. */
export interface PairColumns {
  readonly join: PairJoin
  /** Names of the columns of `SideRows.values`. */
  readonly columns: readonly string[]
  /** A flag (`row.ts`) by column and row: what the value is, or why there is none. */
  readonly flags: readonly Uint8Array[]
  /** 32-bit hash of the entity by row; 0: none. */
  readonly entities: Uint32Array
}

/**
 * Rows of one side for one monitor version, from one source partition, for one partition of driftline.joins: many to a message, column by
 * column. Entry i of each column is row i; rows come in the order of their source offsets. A repeat has the same content, whoever writes it.
 */
export interface SideRows {
  readonly model: string
  /** Monitor version (`Monitor.version`). */
  readonly monitor: string
  readonly side: Side
  /** Source of the rows. */
  readonly topic: string
  readonly partition: number
  readonly size: number
  /** Source offsets, ascending. */
  readonly offsets: Float64Array
  /** 64-bit hash of the join key's canonical text, so that 5 and "5" are one key: high and low words, two entries a row. */
  readonly keys: Uint32Array
  /** Event time, epoch ms: of the prediction, or when the label became known. */
  readonly times: Float64Array
  /** Serving: model version by row, an index into `versions`; empty on the other sides. */
  readonly versions: readonly string[]
  readonly versionOf: Int32Array
  /** Serving: the declared values of its dimensions by row, an index into `segments`; a value that is not declared is left out. */
  readonly segments: readonly Readonly<Record<string, string>>[]
  readonly segmentOf: Int32Array
  /**
   * Serving: one column for each output of `Task.outputs`, in their order. Labels: one column. Binary: the score, and 0 or 1 as label;
   * regression: the value; multiclass: an index into `texts`. NaN: none. Of pairs: the columns named in `pair`; a number, an index into `texts`
   * where the flag says text, else 0.
   */
  readonly values: readonly Float64Array[]
  /** Classes of a multiclass task, or the texts of pairs. */
  readonly texts: readonly string[]
  /** Null: for the join of predictions and labels. */
  readonly pair: PairColumns | null
}

/** Rows of the two sides of a join by what became of them; each side's outcomes add up to what was read. */
export interface JoinCounts {
  readonly predictions: {
    readonly read: number
    readonly matched: number
    /** Wait for their label. */
    readonly pending: number
    /** Their label did not come within the horizon. */
    readonly expired: number
    /** Of a key that had one already: the earliest counts. */
    readonly duplicate: number
    /** Beyond the cap of keys that may wait. */
    readonly dropped: number
  }
  readonly labels: {
    readonly read: number
    readonly matched: number
    /** Wait for their prediction. */
    readonly pending: number
    /** No prediction came, or the label is later than the horizon. */
    readonly expired: number
    /** Says the same again. */
    readonly duplicate: number
    /** Says something else than another label of its key: the latest counts. */
    readonly contradicting: number
    readonly dropped: number
  }
}
