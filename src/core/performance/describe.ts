import type { Teller, ToldWindow } from '../alert/describe.js'
import type { Outcome, WindowFacts } from '../alert/event.js'
import { originFacts, seriesFacts, toldAs } from '../alert/joined-event.js'
import type { Judge } from '../baseline/active.js'
import { type Segment, segmentKey } from '../baseline/baseline.js'
import type { Finding } from '../detect/finding.js'
import type { Monitor } from '../monitor.js'
import type { OffsetRange } from '../window/part.js'
import type { MeasureFacts, PerformanceEvent } from './event.js'
import type { Reference } from './reference.js'
import { labelledOf, predictionsOf } from './reference.js'
import type { ScoreState } from './score-state.js'

/** One output of a segment in a window of its predictions. */
export interface OutputWindow {
  readonly version: string
  readonly segment: Segment
  readonly output: string
  readonly window: WindowFacts
  readonly scores: ScoreState
  readonly measures: readonly MeasureFacts[]
  readonly reference: Reference | null
  readonly judge: Judge | null
  readonly expectedCoverage: number | null
  readonly finalCoverage: number | null
  /** Why nothing can decide; null: nothing keeps it from that. */
  readonly because: string | null
  readonly input: readonly OffsetRange[]
}

export function describePerformance(monitor: Monitor, teller: Teller, one: OutputWindow): PerformanceEvent {
  const { version, segment, output, window, scores, measures, reference, judge } = one
  const { model, hash } = monitor
  const [predictions, labelled] = [predictionsOf(scores), labelledOf(scores)]
  const outcome = worst(measures)
  const id = ['labels', model, version, segmentKey(segment), output, window.end, window.revision] as const
  return {
    id: teller.ids.hash(...id, judge?.baseline.version ?? 0, hash),
    series: seriesFacts(monitor, {
      ...{ modelVersion: version, segment, feature: output },
      featureKind: scores.type === 'multiclass' ? 'categorical' : 'numeric',
    }),
    ...{ window, outcome, because: outcome === 'insufficient-data' ? (one.because ?? 'too-few-labels') : null },
    ...{ predictions, unusable: scores.unusable, labelled, coverage: predictions > 0 ? labelled / predictions : 0 },
    ...{ expectedCoverage: one.expectedCoverage, finalCoverage: one.finalCoverage, measures },
    reference: reference?.facts ?? { from: 'none', windows: 0, labelled: 0 },
    ...originFacts(monitor, teller, output, one),
  }
}

/** A breach outweighs everything; where no measure of performance decides, nothing is well. */
function worst(measures: readonly MeasureFacts[]): Outcome {
  const deciding = measures.filter(({ decides }) => decides)
  if (deciding.some(({ outcome }) => outcome === 'breach')) return 'breach'
  return deciding.some(({ kind, outcome }) => kind === 'performance' && outcome === 'ok') ? 'ok' : 'insufficient-data'
}

/** As the alerts of the window tell it. */
export function toldWindow(event: PerformanceEvent, findings: readonly Finding[]): ToldWindow {
  const checks = findings.map(({ evidence }) => evidence)
  return { ...toldAs(event, checks), measures: event.measures }
}
