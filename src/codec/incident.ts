import type { IncidentEvent } from '../core/alert/incident-event.js'
import { type CloudEventAttributes, sourceOf } from './cloud-event.js'
import { castBaseline, castWindow, type Form } from './form.js'

export const INCIDENT_TYPE = 'dev.driftline.incident.v1'

/** An incident event from or into a format. */
export function castIncident(event: IncidentEvent, form: Form): IncidentEvent {
  const { peak, scope, effects, alerts, operator, baseline } = event
  return {
    ...event,
    kind: form.symbol(event.kind),
    suggestedAction: form.symbol(event.suggestedAction),
    window: castWindow(event.window, form),
    openedAt: form.time(event.openedAt),
    peak: { ...peak, windowEnd: form.time(peak.windowEnd) },
    scope: { ...scope, where: form.symbol(scope.where) },
    // Events of before there were any have none.
    mergedInto: event.mergedInto ?? null,
    effects: (effects ?? []).map(one => ({ ...one, kind: form.symbol(one.kind), openedAt: form.time(one.openedAt) })),
    alerts: alerts.map(one => ({ ...one, kind: form.symbol(one.kind), openedAt: form.time(one.openedAt) })),
    operator: { ...operator, until: operator.until === null ? null : form.time(operator.until) },
    baseline: baseline && castBaseline(baseline, form),
  } as unknown as IncidentEvent
}

/** As for alerts; its subject is `model/version`. */
export function incidentAttributes(event: IncidentEvent): Omit<CloudEventAttributes, 'datacontenttype' | 'dataschema'> {
  const { id, model, modelVersion, window, kind, severity, status } = event
  return {
    id,
    source: sourceOf(model),
    type: INCIDENT_TYPE,
    subject: `${encodeURIComponent(model)}/${encodeURIComponent(modelVersion)}`,
    time: window.end,
    partitionkey: model,
    extensions: { model, kind, severity, status },
  }
}
