import type { Cause } from '../../alert/event.js'
import { percent } from '../../alert/words.js'
import { sharesOf } from './label-shares.js'
import type { Reference } from './reference.js'
import { quoted, type Seen } from './seen.js'

/** Rows that a label should have had where it is said to be gone, over the scatter of the labels. */
const LEAST_EXPECTED = 10
/** Standard errors by which the gain may miss the loss, and by which every other label may move. */
const AGREES = 3

/** Labels that are gone, and one that has their rows: a mapping that joins them. */
export function mergedLabels(seen: Seen, reference: Reference): Cause | null {
  if (seen.contract.kind === 'numeric' || seen.now.count === 0) return null
  const { labels, before, now, phi } = sharesOf(seen, reference)
  const n = seen.now.count / phi
  const all = [...labels.keys()]
  const gone = all.filter(l => now[l] === 0 && before[l] * n >= LEAST_EXPECTED)
  if (gone.length === 0) return null
  const kept = all.filter(l => !gone.includes(l))
  const [into, ...others] = kept.sort((a, b) => now[b] - before[b] - (now[a] - before[a]))
  if (into === undefined) return null
  const lost = gone.reduce((sum, l) => sum + before[l], 0)
  const error = (share: number): number => Math.sqrt((share * (1 - share) + 1 / n) / n)
  const gained = now[into] - before[into]
  if (Math.abs(gained - lost) > AGREES * error(now[into])) return null
  if (Math.min(lost, gained) < AGREES * error(now[into])) return null
  // Of many labels, some rises by that much in any window.
  if (others.some(l => now[l] - before[l] > gained / 2)) return null
  if (others.some(l => Math.abs(now[l] - before[l]) > AGREES * error(Math.max(now[l], before[l])))) return null
  const names = gone.map(l => quoted(seen, labels[l])).join(', ')
  return {
    code: 'merged-labels',
    confidence: 'medium',
    sentence: `${names} ${gone.length === 1 ? 'is' : 'are'} gone (usually ${percent(lost)}), and ${quoted(seen, labels[into])} rose ${percent(before[into])} → ${percent(now[into])}, by as much: merged into it`,
    numbers: { lost, before: before[into], now: now[into], labels: gone.length },
    alternatives: ['distribution'],
    whoMoved: 'pipeline',
  }
}
