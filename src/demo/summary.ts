import { balances } from './account.js'
import type { DemoResult } from './run.js'

/** The closing table for programs: the last object of `--json`. */
export function summary(result: DemoResult, seed: number) {
  const { schedule, outcome, labels, account, sent, windows, verdicts, told, incidents, now, stopped } = result
  const iso = (ms: number): string | null => (Number.isFinite(ms) ? new Date(ms).toISOString() : null)
  return {
    summary: {
      seed,
      from: iso(schedule.start),
      to: iso(now),
      stopped,
      windows,
      verdicts,
      alertEvents: told.length,
      incidents: new Set(incidents.map(({ incidentId }) => incidentId)).size,
      incidentEvents: incidents.length,
      faults: outcome.faults.map(
        ({ fault, openings, followers, effects, delayMs, windows: after, resolvedAfterMs }) => ({
          feature: fault.feature,
          what: fault.what,
          from: iso(fault.from),
          until: iso(fault.until),
          found: openings.length > 0,
          checks: [...new Set(openings.map(({ alert }) => alert.check))],
          alsoMoved: [...new Set(followers.map(({ alert }) => alert.series.feature))],
          effects: [...new Set(effects.map(({ alert }) => alert.kind))],
          delayMs,
          windows: after,
          resolvedAfterMs,
        }),
      ),
      falseAlarms: outcome.falseAlarms.map(({ alert: { id, alertId, series, check } }) => ({
        id,
        alertId,
        feature: series.feature,
        check,
      })),
      labels,
      records: { sent: sent.records, ...account, exact: balances(account) },
    },
  }
}
