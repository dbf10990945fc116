import type { ParityEvent } from '../core/parity/event.js'
import { type CloudEventAttributes, sourceOf, subjectOf } from './cloud-event.js'
import { castBaseline, castWindow, type Form } from './form.js'

export const PARITY_TYPE = 'dev.driftline.parity.v1'

/** A parity event from or into a format. */
export function castParity(event: ParityEvent, form: Form): ParityEvent {
  return {
    ...event,
    window: castWindow(event.window, form),
    outcome: form.symbol(event.outcome),
    baseline: event.baseline && castBaseline(event.baseline, form),
  } as unknown as ParityEvent
}

export function parityAttributes(event: ParityEvent): Omit<CloudEventAttributes, 'datacontenttype' | 'dataschema'> {
  const { id, series, window, outcome } = event
  return {
    id,
    source: sourceOf(series.model),
    type: PARITY_TYPE,
    subject: subjectOf(series),
    time: window.end,
    partitionkey: series.model,
    extensions: { model: series.model, outcome },
  }
}
