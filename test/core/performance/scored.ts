import type { Task } from '../../../src/core/monitor.js'
import { type ScoreCounts, scoreCounts } from '../../../src/core/performance/score-counts.js'
import type { ScoreState } from '../../../src/core/performance/score-state.js'

export type Kind = Pick<Task, 'type' | 'threshold'>

export const BINARY: Kind = { type: 'binary', threshold: null }
export const NUMBER: Kind = { type: 'regression', threshold: null }
export const CLASSES: Kind = { type: 'multiclass', threshold: null }
export const TEXTS = ['cat', 'dog', 'bird', 'ant', 'fish']

/** A prediction and, once it is known, what came true. */
export interface Scored {
  readonly value: number
  readonly label?: number
}

/** Rows that are counted one by one; `sign` −1 takes them back. */
export function count(counts: ScoreCounts, rows: readonly Scored[], sign: 1 | -1 = 1): ScoreCounts {
  for (const { value, label } of rows) {
    counts.predicted(value, sign)
    if (label !== undefined) counts.labelled(value, label, sign)
  }
  return counts
}

export function counted(kind: Kind, rows: readonly Scored[]): ScoreState {
  return count(scoreCounts(kind, TEXTS), rows).state()
}
