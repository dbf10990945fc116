import type { Cause } from '../../alert/event.js'
import { moved, percent } from '../../alert/words.js'
import { shareZ } from '../../statistic/shares.js'
import { changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'
import { differences, plain } from './spelling.js'

const LEAST_Z = 3
const LEAST_DELTA = 0.005

/** Values that training never saw: known ones spelled differently, nulls under a name, or new ones. */
export function unseen(seen: Seen, reference: Reference): Cause | null {
  const { contract, sketch } = seen
  const change = changeOf(seen, reference, 'unseen')
  const categorical = sketch?.categorical
  if (contract.kind === 'numeric' || categorical == null) return null
  if (change.z <= LEAST_Z || change.delta < LEAST_DELTA) return null
  const known = new Map(contract.values.map(value => [plain(value), value]))
  const found = categorical.heavy.filter(({ value }) => known.has(plain(value)))
  const rows = (of: typeof found): number => of.reduce((sum, { count, error }) => sum + count - error, 0)
  const listed = rows([...categorical.heavy])
  if (listed > 0 && rows(found) >= listed / 2) {
    const [first] = found
    const twin = known.get(plain(first.value))!
    const kinds = [...new Set(found.flatMap(({ value }) => differences(value, known.get(plain(value))!)))]
    return {
      code: 'encoding',
      confidence: rows(found) >= 0.9 * listed ? 'high' : 'medium',
      sentence: `known values are spelled differently (${kinds.join(', ') || 'spelling'}): "${first.value}" for "${twin}" and ${found.length - 1} more, in ${percent(change.now)} of the rows`,
      numbers: { before: change.before, now: change.now, matched: rows(found) / listed },
      alternatives: [],
      whoMoved: 'pipeline',
    }
  }
  return strange(seen, reference, change)
}

function strange(seen: Seen, reference: Reference, change: ReturnType<typeof changeOf>): Cause {
  const { heavy } = seen.sketch!.categorical!
  const nulls = changeOf(seen, reference, 'null')
  const [top] = heavy
  const filled = nulls.z < -LEAST_Z && nulls.delta <= -0.01 && top.count >= 0.5 * seen.sketch!.categorical!.unknown
  if (filled) {
    return {
      code: 'imputation',
      confidence: 'high',
      sentence: `"${top.value}" rose to ${percent(top.count / seen.now.count)} as nulls fell by ${percent(-nulls.delta)} of the rows`,
      numbers: { before: change.before, now: change.now, nullsBefore: nulls.before, nullsNow: nulls.now },
      alternatives: ['unseen'],
      whoMoved: 'pipeline',
    }
  }
  const names = heavy.slice(0, 3).map(({ value }) => `"${value}"`)
  return {
    code: 'unseen',
    confidence: change.z >= 10 || change.delta >= 0.05 ? 'high' : 'medium',
    sentence: `values that training never saw ${moved(change.before, change.now)}: ${names.join(', ')}`,
    numbers: { before: change.before, now: change.now, z: change.z },
    alternatives: [],
    whoMoved: 'unknown',
  }
}

interface Shares {
  readonly labels: readonly string[]
  readonly before: readonly number[]
  readonly now: readonly number[]
  /** By how much these labels scatter between windows, over counting. */
  readonly phi: number
}

/** Labels that either side has in more than .5 % of the rows. */
function sharesOf({ contract, now, scores }: Seen, reference: Reference): Shares {
  const named = Math.min(contract.values.length, now.cells.length - 2)
  const kept = Array.from({ length: named }, (_, l) => l).filter(
    l => reference.cells[l] > 0.005 * reference.count || now.cells[l] > 0.005 * now.count,
  )
  const phis = scores.filter(({ statistic }) => statistic.startsWith('=')).map(({ phi }) => phi)
  return {
    labels: kept.map(l => contract.values[l]),
    before: kept.map(l => reference.cells[l] / reference.count),
    now: kept.map(l => now.cells[l] / now.count),
    phi: Math.max(1, phis.reduce((a, b) => a + b, 0) / Math.max(1, phis.length)),
  }
}

/** The shares are the same, on other labels: those that moved, or all of them, agree once they are put in order. */
export function permuted(seen: Seen, reference: Reference): Cause | null {
  if (seen.contract.kind === 'numeric' || seen.now.count === 0) return null
  const shares = sharesOf(seen, reference)
  const moved = shares.labels
    .map((_, l) => l)
    .filter(l => {
      const { before, now, phi } = shares
      return Math.abs(now[l] - before[l]) > 3 * Math.sqrt((phi * (before[l] + now[l])) / 2 / seen.now.count)
    })
  return permutedAmong(seen, shares, moved) ?? permutedAmong(seen, shares, [...shares.labels.keys()])
}

function permutedAmong(
  seen: Seen,
  { labels, before: all, now: found, phi }: Shares,
  among: readonly number[],
): Cause | null {
  if (among.length < 2) return null
  const before = among.map(l => all[l])
  const now = among.map(l => found[l])
  const n = seen.now.count / phi
  const chi = (a: readonly number[], b: readonly number[]): number =>
    a.reduce(
      (sum, share, i) => sum + (n * (share - b[i]) ** 2) / (Math.max(share, b[i]) / 2 + share / 4 + b[i] / 4 + 1 / n),
      0,
    )
  const down = (a: readonly number[]): number[] => [...a].sort((x, y) => y - x)
  const apart = chi(before, now)
  const sorted = chi(down(before), down(now))
  const noise = among.length + 3 * Math.sqrt(2 * among.length)
  if (apart < 2 * noise || sorted > Math.max(Math.min(noise, 0.25 * apart), 0.1 * apart)) return null
  const swaps = matching(before, now)
    .map((to, from) => [labels[among[from]], labels[among[to]]] as const)
    .filter(([from, to]) => from !== to)
  if (swaps.length < 2) return null
  return {
    code: 'permuted-labels',
    confidence: sorted < noise && sorted < 0.1 * apart ? 'high' : 'medium',
    sentence: `same shares on other labels: ${swaps
      .slice(0, 3)
      .map(([from, to]) => `"${from}" now looks like "${to}"`)
      .join(', ')}`,
    numbers: { labels: swaps.length, chiBefore: apart, chiSorted: sorted },
    alternatives: ['distribution'],
    whoMoved: 'pipeline',
  }
}

/** For each label the one whose former share it has now: by rank, those that did not move beyond noise kept. */
function matching(before: readonly number[], now: readonly number[]): number[] {
  const order = (a: readonly number[]): number[] => [...a.keys()].sort((x, y) => a[y] - a[x])
  const earlier = order(before)
  const result: number[] = []
  for (const [rank, label] of order(now).entries()) result[label] = earlier[rank]
  return result
}

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
  const filled = nulls.z < -LEAST_Z && nulls.delta <= -0.01
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
    sentence: `"${labels[at]}" rose ${percent(before[at])} → ${percent(now[at])}${
      filled ? ` as nulls fell by ${percent(-nulls.delta)} of the rows` : ''
    }, taking the same part of every other value`,
    numbers: { before: before[at], now: now[at], nullsBefore: nulls.before, nullsNow: nulls.now },
    alternatives: filled ? [] : ['distribution'],
    whoMoved: filled ? 'pipeline' : 'unknown',
  }
}
