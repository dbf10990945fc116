import { normalInterval, Z } from '../statistic/intervals.js'
import type { ReferenceFacts } from './event.js'
import { type Measure, type MeasureOptions, measuresOf } from './measure.js'
import { mergeScores } from './merge-scores.js'
import { overdispersion } from './overdispersion.js'
import type { ScoreState } from './score-state.js'

/** Mature quiet windows that become the reference where the training rows have no scores and labels. */
const REFERENCE_WINDOWS = 5
/** Newest quiet windows that say how much a measure swings. */
const MOST_PAST = 20

/** What an output's windows are compared with. */
export interface Reference {
  readonly facts: ReferenceFacts
  readonly scores: ScoreState
  readonly measures: readonly Measure[]
}

/** A measure of one past window: enough to say how much it swings. */
export interface PastValue {
  readonly name: Measure['name']
  readonly value: number
  /** Standard error of counting. */
  readonly error: number
}

/** What is remembered of one output of a segment: its mature quiet windows that do not overlap. */
export interface SeriesState {
  readonly key: string
  /** End of the newest of them. */
  readonly until: number
  /** The newest, oldest first. */
  readonly past: readonly (readonly PastValue[])[]
  /** The first five, or those that there are; null: none. */
  readonly first: {
    readonly windows: number
    readonly scores: ScoreState
    readonly measures: readonly Measure[]
  } | null
}

/** A reference of the rows that the model was trained on. */
export function trainedReference(scores: ScoreState, costs: MeasureOptions['costs']): Reference {
  const facts = { from: 'baseline', windows: 0, labelled: labelledOf(scores) } as const
  return { facts, scores, measures: measuresOf(scores, { costs: costs ?? null }) }
}

/** Null until there are windows enough. */
export function firstReference({ first }: SeriesState): Reference | null {
  if (first === null || first.windows < REFERENCE_WINDOWS) return null
  const { windows, scores, measures } = first
  return { facts: { from: 'windows', windows, labelled: labelledOf(scores) }, scores, measures }
}

/** With a mature quiet window more; one that overlaps the last one kept says nothing new. @param measures by the interval of counting alone @param keepsScores it may become the reference */
export function remembered(
  before: SeriesState,
  window: { readonly start: number; readonly end: number },
  scores: ScoreState,
  measures: readonly Measure[],
  keepsScores: boolean,
): SeriesState {
  if (window.start < before.until) return before
  const values = measures.filter(one => one.class === null).map(pastValue)
  const past = [...before.past, values].slice(-MOST_PAST)
  return {
    ...before,
    until: window.end,
    past,
    first: keepsScores ? grown(before.first, scores, measures) : before.first,
  }
}

function grown(first: SeriesState['first'], scores: ScoreState, measures: readonly Measure[]): SeriesState['first'] {
  if (first === null) return { windows: 1, scores, measures }
  const { windows } = first
  if (windows >= REFERENCE_WINDOWS) return first
  const merged = first.measures.flatMap(one => {
    const more = measures.find(other => other.name === one.name && other.class === one.class)
    return more === undefined ? [] : [meanOf(one, windows, more)]
  })
  return { windows: windows + 1, scores: mergeScores([first.scores, scores]), measures: merged }
}

/** The mean of the measures of windows, with one window more; the interval is that of the mean. */
function meanOf(mean: Measure, windows: number, more: Measure): Measure {
  const value = (windows * mean.value + more.value) / (windows + 1)
  const error = Math.hypot(windows * errorOf(mean), errorOf(more)) / (windows + 1)
  return { ...mean, value, ...normalInterval(value, error * error), n: mean.n + more.n }
}

/** How much wider than by counting the intervals of an output's measures are, by its past windows. */
export function swing({ past }: SeriesState): NonNullable<MeasureOptions['phi']> {
  return (name, of) =>
    of !== null
      ? 1
      : overdispersion(
          past.flatMap(values =>
            values
              .filter(one => one.name === name)
              .map(({ value, error }) => ({ value, low: value - Z * error, high: value + Z * error })),
          ),
        )
}

export function labelledOf(state: ScoreState): number {
  return sum(state.type === 'multiclass' ? state.confusion.count : state.labelled)
}

export function predictionsOf({ n }: ScoreState): number {
  return sum(n)
}

function pastValue({ name, value, ...interval }: Measure): PastValue {
  return { name, value, error: errorOf(interval) }
}

function errorOf({ low, high }: Pick<Measure, 'low' | 'high'>): number {
  return (high - low) / (2 * Z)
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
