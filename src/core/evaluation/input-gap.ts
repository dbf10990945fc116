import type { VerdictEvent } from '../alert/event.js'
import { GAP_EFFECT, gapFinding, INPUT_GAP } from '../detect/input-gap.js'
import { TRAFFIC } from '../detect/traffic.js'
import { specOf } from '../monitor.js'
import type { Case } from './case.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'
import { tellUnwatched } from './unwatched.js'

const KEY = `||${TRAFFIC} ${INPUT_GAP} `

/**
 * One alert for each topic of which records were gone before they were read: from the first window that may lack rows until some are whole again.
 *
 *     offsets   ── read ──┤ gone ├── read ──▶
 *     windows   ok   ok   gap  gap   ok   ok   ok
 *     alert               ▲ firing             ▼ resolved
 *
 * @param published verdict of the rows
 */
export function tellGaps(memory: Memory, one: Case, published: VerdictEvent, decisions: Decisions): void {
  const { alerts, monitor } = memory
  if (specOf(monitor, TRAFFIC)?.checks[INPUT_GAP]?.enabled === false) return
  const { gaps } = one.window
  const open = alerts.firing.flatMap(({ key }) => (key.startsWith(KEY) ? [key.slice(KEY.length)] : []))
  for (const topic of [...new Set([...open, ...gaps.map(gap => gap.topic)])].sort()) {
    const own = gaps.filter(gap => gap.topic === topic)
    const finding = gapFinding(topic, own, one.window)
    const what = { finding, effect: GAP_EFFECT, check: `${INPUT_GAP} ${topic}` }
    tellUnwatched(memory, { ...one, key: `${KEY}${topic}` }, what, published, decisions)
  }
}
