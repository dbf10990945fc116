import type { VerdictEvent } from '../alert/event.js'
import type { Observation } from '../alert/lifecycle.js'
import { CAPACITY, capacityEffect, capacityFinding, capacityOpening, NO_BASELINE } from '../detect/capacity.js'
import type { Finding } from '../detect/finding.js'
import { TRAFFIC } from '../detect/traffic.js'
import { specOf } from '../monitor.js'
import { allOmitted, CAPS, type Cap, type Omitted } from '../window/caps.js'
import type { Part } from '../window/part.js'
import type { Case } from './case.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'
import { alertOf, stepped } from './publish.js'

/** A cap that has kept something out of a window, or that did so before and does no more. */
export interface Capped {
  readonly omitted: Omitted
  readonly finding: Finding
}

/** @param rows of the window */
export function capped({ alerts, monitor }: Memory, parts: readonly Part[], rows: number): Capped[] {
  if (specOf(monitor, TRAFFIC)?.checks[CAPACITY]?.enabled === false) return []
  const found = new Map(allOmitted(parts.flatMap(({ omitted }) => omitted)).map(one => [one.cap, one]))
  return CAPS.flatMap(cap => {
    const opening = alerts.get(keyOf(cap))?.opening
    const before = opening && { cap, limit: opening.cause.numbers['cap'] ?? 0, rows: 0, values: 0 }
    const omitted = found.get(cap) ?? before
    return omitted === undefined ? [] : [{ omitted, finding: capacityFinding(omitted, rows) }]
  })
}

/** One alert a cap, of no incident: what is not watched moves nothing. @param published verdict of the rows */
export function tellCapacity(
  memory: Memory,
  one: Case,
  caps: readonly Capped[],
  published: VerdictEvent,
  decisions: Decisions,
): void {
  const { alerts } = memory
  const { window } = one
  if (window.revision > 0) return
  for (const { omitted, finding } of caps) {
    const key = keyOf(omitted.cap)
    const outcome = finding.ratio > 0 ? 'breach' : 'ok'
    const effect = capacityEffect(omitted, window.rows)
    const seen: Observation = { outcome, ratio: finding.ratio, effect, window, confirmed: true, over: null }
    const before = alerts.get(key)
    const modelVersion = (before && alerts.operators.last(before.alertId)?.modelVersion) ?? one.version
    const opening = { ...capacityOpening(finding), check: `${CAPACITY} ${omitted.cap}` }
    const next = stepped(memory, { ...one, key }, seen, () => opening)
    const series = { ...published.series, modelVersion }
    const verdict = { ...published, series, baseline: published.baseline ?? NO_BASELINE }
    const alert = alertOf(memory, verdict, finding, next)
    if (alert !== null) decisions.alerts.push(alert)
  }
}

function keyOf(cap: Cap): string {
  return `||${TRAFFIC} ${CAPACITY} ${cap}`
}
