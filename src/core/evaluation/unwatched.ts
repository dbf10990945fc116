import type { VerdictEvent } from '../alert/event.js'
import type { Observation } from '../alert/lifecycle.js'
import { NO_BASELINE } from '../detect/capacity.js'
import type { Finding } from '../detect/finding.js'
import type { Case } from './case.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'
import { alertOf, stepped } from './publish.js'

/** Part of the input that is not watched; with a ratio of 0 it is again. */
export interface Unwatched {
  readonly finding: Finding
  /** In units of the effect that matters. */
  readonly effect: number
  /** As its alert is called: there is one for each. */
  readonly check: string
}

/** Its alert, of no incident: what is not watched moves nothing. It needs no baseline. @param published verdict of the rows */
export function tellUnwatched(
  memory: Memory,
  one: Case & { readonly key: string },
  { finding, effect, check }: Unwatched,
  published: VerdictEvent,
  decisions: Decisions,
): void {
  const { alerts } = memory
  const { key, window } = one
  if (window.revision > 0) return
  const outcome = finding.ratio > 0 ? 'breach' : 'ok'
  const seen: Observation = { outcome, ratio: finding.ratio, effect, window, confirmed: true, over: null }
  const before = alerts.get(key)
  const modelVersion = (before && alerts.operators.last(before.alertId)?.modelVersion) ?? one.version
  const next = stepped(memory, one, seen, () => {
    const { kind, summary, cause, action } = finding
    return { check, kind, summary, cause, action, calibrated: false }
  })
  const series = { ...published.series, modelVersion }
  const verdict = { ...published, series, baseline: published.baseline ?? NO_BASELINE }
  const alert = alertOf(memory, verdict, finding, next)
  if (alert !== null) decisions.alerts.push(alert)
}
