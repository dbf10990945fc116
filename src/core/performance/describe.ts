import type { ToldWindow } from '../alert/describe.js'
import { baselineFacts, monitorFacts } from '../alert/describe.js'
import type { Outcome, WindowFacts } from '../alert/event.js'
import type { Judge } from '../baseline/active.js'
import { type Segment, segmentKey } from '../baseline/baseline.js'
import type { Finding } from '../detect/finding.js'
import type { Monitor } from '../monitor.js'
import { specOf } from '../monitor.js'
import type { Ids } from '../ports.js'
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

export function describePerformance(
  monitor: Monitor,
  { ids, software }: { readonly ids: Ids; readonly software: string },
  one: OutputWindow,
): PerformanceEvent {
  const { version, segment, output, window, scores, measures, reference, judge } = one
  const { model, hash } = monitor
  const [predictions, labelled] = [predictionsOf(scores), labelledOf(scores)]
  const outcome = worst(measures)
  const id = ['labels', model, version, segmentKey(segment), output, window.end, window.revision] as const
  return {
    id: ids.hash(...id, judge?.baseline.version ?? 0, hash),
    series: {
      ...{ model, modelVersion: version, segment, feature: output },
      featureKind: scores.type === 'multiclass' ? 'categorical' : 'numeric',
      importance: specOf(monitor, output)?.importance ?? null,
    },
    ...{ window, outcome, because: outcome === 'insufficient-data' ? (one.because ?? 'too-few-labels') : null },
    ...{ predictions, unusable: scores.unusable, labelled, coverage: predictions > 0 ? labelled / predictions : 0 },
    ...{ expectedCoverage: one.expectedCoverage, finalCoverage: one.finalCoverage, measures },
    reference: reference?.facts ?? { from: 'none', windows: 0, labelled: 0 },
    baseline: judge && baselineFacts(judge),
    monitor: monitorFacts(monitor, output),
    input: one.input,
    software,
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
  const { series, window, baseline, monitor, input, software, measures } = event
  const nothing = { moved: [], quantiles: null, counters: {} }
  const checks = findings.map(({ evidence }) => evidence)
  return { series, window, baseline, monitor, input, software, measures, checks, ...nothing }
}
