import { type FeatureBaseline, segmentKey } from '../baseline/baseline.js'
import { type Before, explainedByMix } from '../detect/attribution.js'
import type { Finding } from '../detect/finding.js'
import { profileOf } from '../detect/profile.js'
import type { View } from '../window/view.js'
import type { VerdictEvent } from './event.js'
import type { IncidentAlert } from './incident-state.js'
import type { AlertState } from './lifecycle.js'
import { severityOf } from './severity.js'

/** A firing alert as its incident sees it. */
export function incidentAlert(
  { series }: Pick<VerdictEvent, 'series'>,
  finding: Finding,
  state: AlertState,
  z: number | null,
): IncidentAlert {
  const { feature, segment, importance } = series
  const { alertId, openedAt, effect } = state
  const { kind, cause, summary } = finding
  const severity = severityOf(effect, importance)
  const { check } = state.opening
  return { alertId, feature, segment, importance, kind, check, cause, summary, z, effect, severity, openedAt }
}

/** How much of it the segments' new shares explain, against training. */
export function withMixShares(
  alert: IncidentAlert,
  contract: FeatureBaseline | undefined,
  views: readonly View[],
): IncidentAlert {
  if (contract === undefined || views.length < 2 || segmentKey(alert.segment) !== '') return alert
  const [all, ...segments] = views.map(({ segment, rows, features }): Before => {
    const known = contract.segments.get(segmentKey(segment))
    const now = profileOf(contract, { rows, sketch: features.get(contract.name) ?? null })
    return { segment, now, before: known === undefined ? null : profileOf(contract, known) }
  })
  return { ...alert, explainedByMix: explainedByMix(all, segments) }
}
