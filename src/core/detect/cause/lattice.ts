import type { NumericState } from '../../sketch/state.js'
import type { Tops } from '../profile.js'
import type { Reference } from './reference.js'

/** Share of the values that must lie on a grid. */
const NEARLY_ALL = 0.98
/** Multiples of the step that must be there: two points lie on many grids. */
const FEWEST_STEPS = 3
/** Finer grids than this, in σ, are only the way numbers are written. */
const FINEST = 1e-3

/** The coarsest step, 1, 2 or 5 times a power of ten, whose multiples nearly all values are; null where there is none or too few values. */
export function stepOf({ exact, count }: NumericState, sigma: number): number | null {
  if (exact === null) return null
  for (let power = Math.ceil(Math.log10(sigma)) + 3; ; power--) {
    for (const digit of [5, 2, 1]) {
      const step = digit * 10 ** power
      if (step < FINEST * sigma) return null
      let on = 0
      let multiples = 0
      for (const [i, value] of exact.values.entries()) {
        if (!onGrid(value, step)) continue
        on += exact.weights[i]
        multiples++
      }
      if (on >= NEARLY_ALL * count && multiples >= FEWEST_STEPS) return step
    }
  }
}

export function onGrid(value: number, step: number): boolean {
  const times = value / step
  return Math.abs(times - Math.round(times)) <= 1e-7 * Math.max(1, Math.abs(times))
}

/** So many steps, as the decimal number that is written. */
export function onStep(steps: number, step: number): number {
  return step < 1 ? steps / Math.round(1 / step) : steps * step
}

/** Share of the reference's repeated values that are multiples of `step`, and how many of them there are. */
export function onGridBefore({ windows }: Reference, step: number): { share: number; distinct: number } {
  const values = new Map<number, number>()
  const add = ({ values: tops, counts }: Tops): void => {
    for (const [t, value] of tops.entries()) values.set(value, (values.get(value) ?? 0) + counts[t])
  }
  for (const { tops } of windows) add(tops)
  let on = 0
  let all = 0
  let distinct = 0
  for (const [value, count] of values) {
    if (value === 0) continue
    distinct++
    all += count
    if (onGrid(value, step)) on += count
  }
  return { share: all === 0 ? 0 : on / all, distinct }
}

const STEPS = [60, 10, 5, 1, 0.5, 0.25, 0.1, 0.05, 0.01, 0.001]

/** The grid that the reference's frequent values lie on; null where they are few or on none. */
export function usualStep(former: readonly number[]): number | null {
  if (former.length < 4) return null
  return STEPS.find(step => former.every(value => onGrid(value, step))) ?? null
}

/** The reference's most frequent values, 0 only if asked for, at most `most`, with their shares. */
export function frequentBefore({ windows, count }: Reference, most: number, zero = false): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { tops } of windows)
    for (const [t, value] of tops.values.entries()) counts.set(value, (counts.get(value) ?? 0) + tops.counts[t])
  if (!zero) counts.delete(0)
  const ranked = [...counts].sort((a, b) => b[1] - a[1]).slice(0, most)
  return new Map(ranked.map(([value, rows]) => [value, rows / count]))
}

/** Share of the window's values that do not lie on the grid, as far as they are known one by one. */
export function offGrid({ exact, heavy, count }: NumericState, step: number): number {
  const { values, weights } = exact ?? { values: heavy?.values ?? [], weights: heavy?.counts ?? [] }
  let off = 0
  for (const [i, value] of values.entries()) if (!onGrid(value, step)) off += weights[i]
  return off / count
}
