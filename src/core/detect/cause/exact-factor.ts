import type { Cause } from '../../alert/event.js'
import { number } from '../../alert/words.js'
import { namedFactors } from './constants.js'
import { onGrid } from './lattice.js'
import type { Reference } from './reference.js'
import type { Seen } from './seen.js'

/** Repeated values that are compared, and how many there must be. */
const MOST_VALUES = 8
const FEWEST_VALUES = 4
const STEPS = [1, 0.5, 0.25, 0.1, 0.05, 0.01, 0.001]

/**
 * Values that lie on a grid of their own (whole numbers, cents) and all left it for the same multiple of it: no change of the world does
 * that, so that even a factor of 1.1 is told.
 */
export function exactFactor({ now, unit }: Seen, { windows }: Reference): Cause | null {
  const found = [...now.tops.values].filter(value => value !== 0)
  const former = mostFrequent(windows)
  if (found.length < FEWEST_VALUES || former.length < FEWEST_VALUES) return null
  const step = STEPS.find(s => former.every(value => onGrid(value, s)))
  if (step === undefined || found.filter(value => onGrid(value, step)).length > found.length / 4) return null
  for (const value of found.slice(0, 4)) {
    for (const one of former) {
      const factor = value / one
      if (factor > 0 && found.every(other => onGrid(other / factor, step))) return tell(factor, step, unit)
    }
  }
  return null
}

/** The reference's most frequent values but 0. */
function mostFrequent(windows: Reference['windows']): number[] {
  const counts = new Map<number, number>()
  for (const { tops } of windows)
    for (const [t, value] of tops.values.entries()) counts.set(value, (counts.get(value) ?? 0) + tops.counts[t])
  counts.delete(0)
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_VALUES)
    .map(([value]) => value)
}

function tell(factor: number, step: number, unit: string | null): Cause {
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
