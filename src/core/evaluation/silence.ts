import { isFlood } from '../detect/rejected.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'
import { relate } from './relate.js'
import { judgeTraffic, trafficKey } from './traffic.js'
import { reportOf, unreported, versionOf } from './version.js'

/**
 * Windows that close while every partition is idle and that have no rows at all: their volume is judged, in the name of the version served last,
 * until its alert fires. That is said once, and lasts until there are rows again. A flood of rejected records is told all the same.
 *
 *     rows       400  400   0    0    0   400  400  400
 *     at rest              ├──────────┤
 *     volume               ▲    –    –              ▼
 *
 * @param before boundary up to which windows had been closed
 */
export function judgeSilence(memory: Memory, before: number, decisions: Decisions): void {
  const { alerts, collector, histories, monitor, versions } = memory
  const { sizeMs, advanceMs, reviseForMs } = monitor.window
  const [last] = [...versions].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  if (last === undefined) return
  const [version, newest] = last
  const key = trafficKey({})
  for (let end = Math.max(before, newest) + advanceMs; end <= collector.boundary; end += advanceMs) {
    const isTold = alerts.get(key)?.status === 'firing' || !histories.get(key)?.calibrated
    if (isTold && !isFlood(unreported(memory))) return
    alerts.passed(end, reviseForMs + sizeMs)
    const partitions = { expected: collector.partitions, present: 0 }
    const gaps = collector.gapsIn(end - sizeMs, end)
    const due = { start: end - sizeMs, end, revision: 0, parts: [], past: [], partitions, gaps }
    const since = reportOf(memory)
    const nobody = versionOf(memory, version, due, since)
    judgeTraffic(memory, due, false, since, [nobody], decisions)
    relate(memory, nobody, decisions)
  }
}
