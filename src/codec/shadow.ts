import type { ShadowEvent } from '../core/shadow/event.js'
import { type CloudEventAttributes, sourceOf, subjectOf } from './cloud-event.js'
import { castBaseline, castWindow, type Form } from './form.js'

export const SHADOW_TYPE = 'dev.driftline.shadow.v1'

/** A shadow event from or into a format. */
export function castShadow(event: ShadowEvent, form: Form): ShadowEvent {
  return {
    ...event,
    window: castWindow(event.window, form),
    advice: form.symbol(event.advice),
    outcome: form.symbol(event.outcome),
    baseline: event.baseline && castBaseline(event.baseline, form),
  } as unknown as ShadowEvent
}

export function shadowAttributes(event: ShadowEvent): Omit<CloudEventAttributes, 'datacontenttype' | 'dataschema'> {
  const { id, series, window, outcome, advice } = event
  return {
    id,
    source: sourceOf(series.model),
    type: SHADOW_TYPE,
    subject: subjectOf(series),
    time: window.end,
    partitionkey: series.model,
    extensions: { model: series.model, outcome, advice },
  }
}
