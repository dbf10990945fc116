import type { VerdictEvent } from '../core/alert/event.js'
import { type CloudEventAttributes, sourceOf, subjectOf } from './cloud-event.js'
import { castBaseline, castCusum, castEvidence, castWindow, type Form } from './form.js'

export const VERDICT_TYPE = 'dev.driftline.verdict.v1'

/** A verdict from or into a format. */
export function castVerdict(event: VerdictEvent, form: Form): VerdictEvent {
  return {
    ...event,
    window: castWindow(event.window, form),
    outcome: form.symbol(event.outcome),
    skew: form.symbol(event.skew),
    drift: form.symbol(event.drift),
    checks: event.checks.map(one => castEvidence(one, form)),
    // JSON of earlier versions has none.
    cusum: castCusum(event.cusum ?? null, form),
    baseline: event.baseline && castBaseline(event.baseline, form),
  } as unknown as VerdictEvent
}

export function verdictAttributes(event: VerdictEvent): Omit<CloudEventAttributes, 'datacontenttype' | 'dataschema'> {
  const { id, series, window, outcome } = event
  return {
    id,
    source: sourceOf(series.model),
    type: VERDICT_TYPE,
    subject: subjectOf(series),
    time: window.end,
    partitionkey: series.model,
    extensions: { model: series.model, outcome },
  }
}
