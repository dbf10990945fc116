import type { Cause } from '../../alert/event.js'
import { number, percent } from '../../alert/words.js'
import { shareZ } from '../../statistic/shares.js'
import { sharesOf } from './label-shares.js'
import { changeOf, type Reference } from './reference.js'
import { quoted, type Seen } from './seen.js'

/** One label takes a part of every other one, in proportion. */
export function imputedLabel(seen: Seen, reference: Reference): Cause | null {
  if (seen.contract.kind === 'numeric' || seen.now.count === 0) return null
  const { labels, before, now, phi } = sharesOf(seen, reference)
  const gains = now.map((share, l) => share - before[l])
  const at = gains.indexOf(Math.max(...gains))
  if (at < 0 || gains[at] < 0.02) return null
  // Several that rise are new shares, not one label filled in.
  if (gains.some((gain, l) => l !== at && gain > gains[at] / 3)) return null
  const n = seen.now.count
  const z = shareZ(now[at] * n, n, before[at] * reference.count, reference.count) / Math.sqrt(phi)
  const nulls = changeOf(seen, reference, 'null')
  const filled = nulls.z < -3 && nulls.delta <= -0.01
  if (z < (filled ? 3 : 4)) return null
  const others = labels.map((_, l) => l).filter(l => l !== at && before[l] * n >= 5)
  if (others.length < 2 && !filled) return null
  const kept = (1 - now[at]) / (1 - before[at])
  const chi = others.reduce((sum, l) => sum + (n * (now[l] - kept * before[l]) ** 2) / (kept * before[l]), 0) / phi
  const df = Math.max(1, others.length - 1)
  if (chi > df + 2.5 * Math.sqrt(2 * df)) return null
  return {
    code: 'imputation',
    confidence: filled ? 'high' : 'low',
    sentence: `${quoted(seen, labels[at])} rose ${percent(before[at])} → ${percent(now[at])}${
      filled ? ` as nulls fell ${number(-100 * nulls.delta)} points` : ''
    }, taking the same part of every other value`,
    numbers: { before: before[at], now: now[at], nullsBefore: nulls.before, nullsNow: nulls.now },
    alternatives: filled ? [] : ['distribution'],
    whoMoved: filled ? 'pipeline' : 'unknown',
  }
}
