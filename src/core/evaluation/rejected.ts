import type { VerdictEvent } from '../alert/event.js'
import { isFlood, REJECTED, rejectedEffect, rejectedFinding } from '../detect/rejected.js'
import { TRAFFIC } from '../detect/traffic.js'
import { specOf } from '../monitor.js'
import type { Case } from './case.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'
import { tellUnwatched } from './unwatched.js'
import type { Since } from './version.js'

const KEY = `||${TRAFFIC} ${REJECTED}`

/**
 * One alert while many records of the topic become dead letters. They have no event time: they count for the windows during which they were read,
 * so that a crash may tell it a window sooner or later. It is no part of the verdict, whose content the rows alone decide.
 * @param published verdict of the rows
 */
export function tellRejected(
  memory: Memory,
  one: Case,
  since: Since,
  published: VerdictEvent,
  decisions: Decisions,
): void {
  const { alerts, monitor } = memory
  if (specOf(monitor, TRAFFIC)?.checks[REJECTED]?.enabled === false) return
  if (!isFlood(since) && alerts.get(KEY) === undefined) return
  const finding = rejectedFinding(since)
  const what = { finding, effect: rejectedEffect(since), check: REJECTED }
  tellUnwatched(memory, { ...one, key: KEY }, what, published, decisions)
}
