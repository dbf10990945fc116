import type { IncidentEvent } from '../../src/core/alert/incident-event.js'
import { alertSample } from './alert-sample.js'

/** An incident as the service publishes it. */
export function incidentSample(more: Partial<IncidentEvent> = {}): IncidentEvent {
  const { incidentId = 'i1', sequence = 1, status = 'firing' } = more
  const { window, openedAt, durationMs, baseline, monitor, input, software } = alertSample()
  return {
    ...{ incidentId, sequence, status, window, openedAt, durationMs, baseline, monitor, input, software },
    id: `${incidentId}-${sequence}-${status}`,
    reason: '2 alerts opened',
    mergedInto: null,
    kind: 'quality',
    severity: 'major',
    summary: '2 features became null together, upstream source meter: fare and trip_miles, only in payment_type=Cash',
    suggestedAction: 'fix-pipeline',
    model: 'taxi-tips',
    modelVersion: 'v12',
    peak: { alerts: 2, windowEnd: window.end },
    cause: {
      code: 'missing-source',
      confidence: 'high',
      sentence: '2 features became null together, upstream source meter: fare and trip_miles',
      numbers: { features: 2, share: 1 },
      alternatives: ['null'],
      whoMoved: 'pipeline',
      source: 'meter',
    },
    scope: {
      where: 'segment',
      dimension: 'payment_type',
      segments: [{ segment: { payment_type: 'Cash' }, usualShare: 0.4, share: 0.41 }],
      sentence: 'only in payment_type=Cash',
    },
    featureCount: 2,
    features: (['fare', 'trip_miles'] as const).map((feature, i) => ({
      feature,
      importance: i === 0 ? 0.4 : null,
      severity: 'major',
      check: 'null',
      causeCode: 'null',
      sentence: `${feature}: nulls rose from 0 % to 15 %`,
      numbers: { baselineShare: 0, windowShare: 0.15 },
      z: i === 0 ? 31.4 : null,
      adjustedP: 1e-6,
      effect: 3,
      derived: false,
      alerts: 1,
    })),
    effects: [],
    alertCount: 2,
    alerts: (['fare', 'trip_miles'] as const).map(feature => ({
      alertId: `a-${feature}`,
      feature,
      segment: { payment_type: 'Cash' },
      kind: 'quality',
      check: 'null',
      causeCode: 'null',
      severity: 'major',
      status: status === 'resolved' ? 'resolved' : 'firing',
      openedAt,
      explainedBy: null,
      operator: 'none',
    })),
    operator: { state: 'none', by: null, until: null, note: null },
    ...more,
  }
}
