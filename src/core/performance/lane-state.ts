import type { SeriesAlertsState } from '../alert/series-alerts.js'
import type { CollectorState } from '../window/collector.js'
import type { PendingState } from './pending.js'
import type { SeriesState } from './reference.js'

/** What the lane keeps between windows. */
export interface LaneState extends PendingState {
  readonly collector: CollectorState
  readonly alerts: SeriesAlertsState
  readonly series: readonly SeriesState[]
}
