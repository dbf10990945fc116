import type {
  BinaryScores,
  Binned,
  ClassScores,
  RegressionScores,
  ScoreState,
} from '../core/performance/score-state.js'
import { packCounts, packDoubles, packWords, unpackCounts, unpackDoubles, unpackWords } from './packed.js'

interface BinnedRecord {
  readonly shift: number
  readonly bins: Uint8Array
  readonly n: Uint8Array
  readonly labelled: Uint8Array
}

/** As schemas/scores.avsc has it. */
export interface ScoresRecord {
  readonly binary:
    | (BinnedRecord & {
        readonly threshold: number
        readonly scores: Uint8Array
        readonly positive: Uint8Array
        readonly loss: number
        readonly lossSquares: number
        readonly brier: number
        readonly brierSquares: number
      })
    | null
  readonly regression:
    | (BinnedRecord & {
        readonly errors: Uint8Array
        readonly squares: Uint8Array
        readonly absolute: Uint8Array
        readonly fourth: number
        readonly predictions: number
        readonly predictionSquares: number
        readonly labels: number
        readonly labelSquares: number
      })
    | null
  readonly multiclass: {
    readonly classes: readonly string[]
    readonly n: Uint8Array
    readonly predicted: Uint8Array
    readonly label: Uint8Array
    readonly count: Uint8Array
  } | null
  readonly unusable: number
}

export function scoresRecord(state: ScoreState): ScoresRecord {
  const { type, unusable } = state
  return {
    binary: type === 'binary' ? binaryRecord(state) : null,
    regression: type === 'regression' ? regressionRecord(state) : null,
    multiclass: type === 'multiclass' ? classRecord(state) : null,
    unusable,
  }
}

export function scoreState({ binary, regression, multiclass, unusable }: ScoresRecord): ScoreState {
  if (binary !== null) return { ...binaryScores(binary), unusable }
  return regression !== null ? { ...regressionScores(regression), unusable } : { ...classScores(multiclass!), unusable }
}

function binnedRecord({ shift, bins, n, labelled }: Binned): BinnedRecord {
  return { shift, bins: packWords(bins), n: packCounts(n), labelled: packCounts(labelled) }
}

function binned({ shift, bins, n, labelled }: BinnedRecord): Binned {
  return { shift, bins: signed(bins), n: unpackCounts(n), labelled: unpackCounts(labelled) }
}

function binaryRecord(state: BinaryScores): NonNullable<ScoresRecord['binary']> {
  const { threshold, scores, positive, loss, brier } = state
  return {
    ...{ ...binnedRecord(state), threshold, scores: packDoubles(scores), positive: packCounts(positive) },
    ...{ loss: loss[0], lossSquares: loss[1], brier: brier[0], brierSquares: brier[1] },
  }
}

function binaryScores(record: NonNullable<ScoresRecord['binary']>): Omit<BinaryScores, 'unusable'> {
  const { threshold, scores, positive, loss, lossSquares, brier, brierSquares } = record
  return {
    ...{
      type: 'binary',
      ...binned(record),
      threshold,
      scores: unpackDoubles(scores),
      positive: unpackCounts(positive),
    },
    ...{ loss: [loss, lossSquares], brier: [brier, brierSquares] },
  }
}

function regressionRecord(state: RegressionScores): NonNullable<ScoresRecord['regression']> {
  const { errors, squares, absolute, fourth, predictions, labels } = state
  return {
    ...{ ...binnedRecord(state), errors: packDoubles(errors), squares: packDoubles(squares), fourth },
    ...{ absolute: packDoubles(absolute), predictions: predictions[0], predictionSquares: predictions[1] },
    ...{ labels: labels[0], labelSquares: labels[1] },
  }
}

function regressionScores(record: NonNullable<ScoresRecord['regression']>): Omit<RegressionScores, 'unusable'> {
  const { errors, squares, absolute, fourth, predictions, predictionSquares, labels, labelSquares } = record
  return {
    ...{
      type: 'regression',
      ...binned(record),
      errors: unpackDoubles(errors),
      squares: unpackDoubles(squares),
      fourth,
    },
    ...{
      absolute: unpackDoubles(absolute),
      predictions: [predictions, predictionSquares],
      labels: [labels, labelSquares],
    },
  }
}

function classRecord({ classes, n, confusion }: ClassScores): NonNullable<ScoresRecord['multiclass']> {
  const { predicted, label, count } = confusion
  const cells = { predicted: packWords(predicted), label: packWords(label), count: packCounts(count) }
  return { classes, n: packCounts(n), ...cells }
}

function classScores(record: NonNullable<ScoresRecord['multiclass']>): Omit<ClassScores, 'unusable'> {
  const { classes, n, predicted, label, count } = record
  const confusion = { predicted: signed(predicted), label: signed(label), count: unpackCounts(count) }
  return { type: 'multiclass', classes: [...classes], n: unpackCounts(n), confusion }
}

function signed(words: Uint8Array): Int32Array {
  return new Int32Array(unpackWords(words))
}
