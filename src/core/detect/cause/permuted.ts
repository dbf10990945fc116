import type { Cause } from '../../alert/event.js'
import { type LabelShares, sharesOf } from './label-shares.js'
import type { Reference } from './reference.js'
import { quoted, type Seen } from './seen.js'

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
  { labels, before: all, now: found, phi }: LabelShares,
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
  const df = among.length - 1
  const noise = df + 3 * Math.sqrt(2 * df)
  if (apart < 2 * noise) return null
  const agree = sorted <= Math.max(Math.min(noise, 0.25 * apart), 0.1 * apart)
  // Shares that swing by themselves agree less, once a large exchange is undone.
  const far = distance(before, now)
  const exchanged = apart > 6 * noise && far > 0.3 && distance(down(before), down(now)) < 0.3 * far
  if (!agree && !exchanged) return null
  if (isOneOfMany(before, now) && chi(...othersInProportion(before, now)) < Math.max(noise, sorted)) return null
  const swaps = matching(before, now)
    .map((to, from) => [labels[among[from]], labels[among[to]]] as const)
    .filter(([from, to]) => from !== to)
  if (swaps.length < 2) return null
  // Of many labels that move, two may change places by themselves.
  const mayBeTheWorld = swaps.length === 2 && labels.length > MANY
  return {
    code: 'permuted-labels',
    confidence: sorted < noise && sorted < 0.1 * apart && !mayBeTheWorld ? 'high' : 'medium',
    sentence: `same shares on other labels: ${swaps
      .slice(0, 3)
      .map(([from, to]) => `${quoted(seen, from)} now looks like ${quoted(seen, to)}`)
      .join(', ')}`,
    numbers: { labels: swaps.length, chiBefore: apart, chiSorted: sorted },
    alternatives: ['distribution'],
    whoMoved: 'pipeline',
  }
}

const MANY = 10
/** So little share, one label among others may gain or lose while their order stays. */
const LITTLE = 0.1

function isOneOfMany(before: readonly number[], now: readonly number[]): boolean {
  return before.length > 2 && now.every((share, l) => Math.abs(share - before[l]) < LITTLE)
}

/** Without the label that moved most, what the others had if it alone came or went, and what they have: of many alike labels that looks permuted too. */
function othersInProportion(before: readonly number[], now: readonly number[]): [number[], number[]] {
  const moved = now.map((share, l) => Math.abs(share - before[l]))
  const most = moved.indexOf(Math.max(...moved))
  const left = (1 - now[most]) / Math.max(1e-9, 1 - before[most])
  const isOther = (_: number, l: number): boolean => l !== most
  return [before.filter(isOther).map(share => share * left), now.filter(isOther)]
}

/** Half the sum of the differences. */
function distance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, share, i) => sum + Math.abs(share - b[i]), 0) / 2
}

/** For each label the one whose former share it has now: by rank, those that did not move beyond noise kept. */
function matching(before: readonly number[], now: readonly number[]): number[] {
  const order = (a: readonly number[]): number[] => [...a.keys()].sort((x, y) => a[y] - a[x])
  const earlier = order(before)
  const result: number[] = []
  for (const [rank, label] of order(now).entries()) result[label] = earlier[rank]
  return result
}
