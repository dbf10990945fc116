import type { Decisions } from './decisions.js'
import { endAll } from './endings.js'
import type { Memory } from './memory.js'

/** Histories that are kept, in units of `limits.series`, and versions that have any. */
const HISTORIES_OF_SERIES = 8
const MOST_KNOWN = 128

/** Histories of the model versions that were served longest ago go when there are more of them than there is room for. */
export function forgetVersions(memory: Memory, decisions: Decisions): void {
  const { alerts, histories, monitor, rows, versions } = memory
  const most = HISTORIES_OF_SERIES * monitor.limits.series
  if (histories.size <= most && versions.size <= MOST_KNOWN) return
  const oldest = [...versions].sort(([a, m], [b, n]) => m - n || (a < b ? -1 : 1))
  const newest = oldest.at(-1)?.[1]
  for (const [version, end] of oldest) {
    if (end === newest || (histories.size <= most && versions.size <= MOST_KNOWN)) return
    const own = `${version}|`
    const reason = `model version ${version} is known no more: newer ones have taken its room`
    const over = alerts.firing.filter(({ key }) => key.startsWith(own)).map(one => ({ ...one, reason }))
    endAll(memory, over, decisions)
    alerts.forget(own)
    for (const key of histories.keys()) if (key.startsWith(own)) histories.delete(key)
    rows.forget(version)
    versions.delete(version)
  }
}
