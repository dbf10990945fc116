import { baselineOf, FIRST_WINDOWS, gather } from '../baseline/first-windows.js'
import type { DueWindow } from '../window/collector.js'
import type { View } from '../window/view.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'

/** Without a baseline the first sufficient windows become one. */
export function gatherFirst(memory: Memory, version: string, due: DueWindow, view: View, decisions: Decisions): void {
  const { window, baseline } = memory.monitor
  if (typeof baseline === 'number' || memory.judges.baselines.length > 0) return
  if (Object.keys(view.segment).length > 0 || view.rows < window.minRows) return
  memory.gathered = gather(memory.gathered, { start: due.start, end: due.end, rows: view.rows }, [
    ...view.features.values(),
  ])
  if (memory.gathered.windows < FIRST_WINDOWS) return
  decisions.born.push(baselineOf(memory.monitor, memory.gathered, version))
  memory.gathered = null
}
