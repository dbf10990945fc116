import type { VerdictEvent } from '../alert/event.js'
import { CAPACITY, capacityEffect, capacityFinding } from '../detect/capacity.js'
import type { Finding } from '../detect/finding.js'
import { TRAFFIC } from '../detect/traffic.js'
import { specOf } from '../monitor.js'
import { allOmitted, CAPS, type Cap, type Omitted } from '../window/caps.js'
import type { Part } from '../window/part.js'
import type { Case } from './case.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'
import { tellUnwatched } from './unwatched.js'

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

/** One alert a cap. @param published verdict of the rows */
export function tellCapacity(
  memory: Memory,
  one: Case,
  caps: readonly Capped[],
  published: VerdictEvent,
  decisions: Decisions,
): void {
  for (const { omitted, finding } of caps) {
    const effect = capacityEffect(omitted, one.window.rows)
    const what = { finding, effect, check: `${CAPACITY} ${omitted.cap}` }
    tellUnwatched(memory, { ...one, key: keyOf(omitted.cap) }, what, published, decisions)
  }
}

function keyOf(cap: Cap): string {
  return `||${TRAFFIC} ${CAPACITY} ${cap}`
}
