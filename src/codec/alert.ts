import type { AlertEvent } from '../core/alert/event.js'
import { type CloudEventAttributes, sourceOf, subjectOf } from './cloud-event.js'
import { castBaseline, castEvidence, castWindow, type Form } from './form.js'
import { castMeasure } from './performance.js'

export const ALERT_TYPE = 'dev.driftline.alert.v1'

/** An alert event from or into a format. */
export function castAlert(event: AlertEvent, form: Form): AlertEvent {
  // JSON of earlier versions has no measures.
  const { baseline, operator, peak, evidence, measures = [] } = event
  return {
    ...event,
    kind: form.symbol(event.kind),
    suggestedAction: form.symbol(event.suggestedAction),
    window: castWindow(event.window, form),
    openedAt: form.time(event.openedAt),
    peak: { ...peak, windowEnd: form.time(peak.windowEnd) },
    evidence: evidence.map(one => castEvidence(one, form)),
    operator: { ...operator, until: operator.until === null ? null : form.time(operator.until) },
    baseline: castBaseline(baseline, form),
    measures: measures.map(measure => castMeasure(measure, form)),
  } as unknown as AlertEvent
}

/** What can be told of an alert without decoding it. Its time is its window's end: it does not depend on when it ran. */
export function alertAttributes(event: AlertEvent): Omit<CloudEventAttributes, 'datacontenttype' | 'dataschema'> {
  const { id, series, window, kind, severity, status } = event
  return {
    id,
    source: sourceOf(series.model),
    type: ALERT_TYPE,
    subject: subjectOf(series),
    time: window.end,
    partitionkey: series.model,
    extensions: { model: series.model, kind, severity, status },
  }
}
