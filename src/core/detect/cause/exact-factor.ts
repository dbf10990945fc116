import type { Cause } from '../../alert/event.js'
import { number } from '../../alert/words.js'
import { AFFINE_MAPS, LARGEST_LOG, namedFactors } from './constants.js'
import { frequentBefore, onGrid, usualStep } from './lattice.js'
import type { Reference } from './reference.js'
import type { Seen } from './seen.js'
import { LARGE_SHIFT } from './shift.js'

/** Repeated values that are compared, and how many there must be. */
const MOST_VALUES = 12
const FEWEST_VALUES = 4
/** The part of them that may lie on the old grid by chance. */
const LEFT = 0.4
const AGREE = 0.4

/**
 * Values that lie on a grid of their own (whole numbers, cents) and all left it for multiples of it, each as frequent as its former self: no
 * change of the world does that, so that even a factor of 1.1 is told.
 */
export function exactFactor(seen: Seen, reference: Reference): Cause | null {
  const before = frequentBefore(reference, MOST_VALUES)
  const step = usualStep([...before.keys()])
  const found = leftGrid(seen, step)
  if (step === null || found === null) return null
  let best = { factor: 0, common: 0 }
  for (const value of found.keys()) {
    for (const one of before.keys()) {
      const factor = value / one
      if (
        !(Math.abs(Math.log(factor)) < LARGEST_LOG) ||
        ![...found.keys()].every(other => onGrid(other / factor, step))
      )
        continue
      const common = overlap(found, before, other => other / factor)
      if (common > best.common) best = { factor, common }
    }
  }
  return best.common > agreed(found) ? tellFactor(best.factor, step, seen.unit) : null
}

/** The same of the named affine maps. */
export function exactAffine(seen: Seen, reference: Reference): Cause | null {
  const before = frequentBefore(reference, MOST_VALUES)
  const step = usualStep([...before.keys()])
  const found = leftGrid(seen, step)
  if (step === null || found === null) return null
  const map = AFFINE_MAPS.find(({ scale, offset }) => {
    const back = (value: number): number => (value - offset) / scale
    return (
      [...found.keys()].every(value => onGrid(back(value), step)) && overlap(found, before, back) > agreed(found) / 2
    )
  })
  if (map === undefined) return null
  return {
    code: 'unit',
    confidence: 'high',
    sentence: `values look like ${number(map.scale)} · x ${map.offset < 0 ? '−' : '+'} ${number(Math.abs(map.offset))}: ${map.words}`,
    numbers: { scale: map.scale, offset: map.offset, step },
    alternatives: [],
    whoMoved: 'pipeline',
  }
}

/** Every value on a grid moved by the same amount off it: the world hardly, but a small offset is told as no more than what it is. */
export function exactOffset(seen: Seen, reference: Reference): Cause | null {
  const before = frequentBefore(reference, MOST_VALUES)
  const step = usualStep([...before.keys()])
  const found = leftGrid(seen, step)
  if (step === null || found === null) return null
  const [first] = found.keys()
  let best = { offset: 0, common: 0 }
  for (const one of [0, ...before.keys()]) {
    const offset = first - one
    if (![...found.keys()].every(other => onGrid(other - offset, step))) continue
    const common = overlap(found, before, other => other - offset)
    if (common > best.common) best = { offset, common }
  }
  if (best.common <= agreed(found)) return null
  return tellOffset(best.offset, seen.contract.numeric!.sigma)
}

/** Shares of the window's frequent values but 0, where (nearly) none of them lies on the old grid. */
function leftGrid({ now }: Seen, step: number | null): Map<number, number> | null {
  const found = new Map([...now.tops.values].map((value, t) => [value, now.tops.counts[t] / now.count] as const))
  found.delete(0)
  if (step === null || found.size < FEWEST_VALUES) return null
  const stayed = [...found.keys()].filter(value => onGrid(value, step)).length
  return stayed > LEFT * found.size ? null : found
}

/** Share that must be in common: submultiples of a grid fit as well, but not the frequencies. */
function agreed(found: ReadonlyMap<number, number>): number {
  let sum = 0
  for (const share of found.values()) sum += share
  return AGREE * sum
}

/** Share that both have in common, once the found values are led back. */
function overlap(
  found: ReadonlyMap<number, number>,
  before: ReadonlyMap<number, number>,
  back: (value: number) => number,
): number {
  let sum = 0
  for (const [value, share] of found) {
    const former = back(value)
    for (const [one, usual] of before)
      if (Math.abs(one - former) <= 1e-7 * Math.max(1, Math.abs(one))) sum += Math.min(share, usual)
  }
  return sum
}

function tellFactor(factor: number, step: number, unit: string | null): Cause {
  const named = namedFactors(Math.log(factor), 0.002, unit)
  const said = factor >= 1 ? `multiplied by ${number(factor)}` : `divided by ${number(1 / factor)}`
  return {
    code: 'unit',
    confidence: 'high',
    sentence: `values look ${said}${named.length > 0 ? ` (${named[0].words})` : ''}: multiples of ${number(step)} became multiples of ${number(step * factor)}`,
    numbers: { factor, step, ...Object.fromEntries(named.map(({ value }) => [`× ${number(value)}`, value])) },
    alternatives: named.slice(1).map(({ value, words }) => `unit × ${number(value)} (${words})`),
    whoMoved: 'pipeline',
  }
}

function tellOffset(offset: number, sigma: number): Cause {
  const large = Math.abs(offset) >= LARGE_SHIFT * sigma
  return {
    code: large ? 'unit' : 'distribution',
    confidence: large ? 'high' : 'medium',
    sentence: `every value moved by ${number(offset)} (${number(offset / sigma)} σ), off the grid that they lie on`,
    numbers: { shift: offset },
    alternatives: [large ? 'distribution' : 'unit: shift'],
    whoMoved: large ? 'pipeline' : 'unknown',
  }
}
