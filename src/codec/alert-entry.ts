import type { AlertState } from '../core/alert/lifecycle.js'
import type { SeriesAlertsState } from '../core/alert/series-alerts.js'

type Alerts = SeriesAlertsState['alerts']

/** An alert as decision states have it, flat. */
export type AlertRecord = Omit<AlertState, 'peak'> & { key: string; peakValue: number; peakWindowEnd: number }

export function alertRecords(alerts: Alerts): AlertRecord[] {
  return alerts.map(({ key, state: { peak, ...alert } }) => ({
    key,
    ...alert,
    peakValue: peak.value,
    peakWindowEnd: peak.windowEnd,
  }))
}

export function alertStates(records: readonly AlertRecord[]): Alerts {
  return records.map(({ key, peakValue, peakWindowEnd, ...alert }) => ({
    key,
    state: { ...alert, peak: { value: peakValue, windowEnd: peakWindowEnd } },
  }))
}
