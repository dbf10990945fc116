import type { MeasureFacts, PerformanceEvent } from '../core/performance/event.js'
import { type CloudEventAttributes, sourceOf, subjectOf } from './cloud-event.js'
import { castBaseline, castWindow, type Form } from './form.js'

export const PERFORMANCE_TYPE = 'dev.driftline.performance.v1'

/** A performance event from or into a format. */
export function castPerformance(event: PerformanceEvent, form: Form): PerformanceEvent {
  return {
    ...event,
    window: castWindow(event.window, form),
    outcome: form.symbol(event.outcome),
    measures: event.measures.map(measure => castMeasure(measure, form)),
    baseline: event.baseline && castBaseline(event.baseline, form),
  } as unknown as PerformanceEvent
}

export function castMeasure(measure: MeasureFacts, form: Form): object {
  return { ...measure, kind: form.symbol(measure.kind), outcome: form.symbol(measure.outcome) }
}

export function performanceAttributes(
  event: PerformanceEvent,
): Omit<CloudEventAttributes, 'datacontenttype' | 'dataschema'> {
  const { id, series, window, outcome } = event
  return {
    id,
    source: sourceOf(series.model),
    type: PERFORMANCE_TYPE,
    subject: subjectOf(series),
    time: window.end,
    partitionkey: series.model,
    extensions: { model: series.model, outcome },
  }
}
