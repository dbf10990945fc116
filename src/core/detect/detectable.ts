import type { FeatureBaseline } from '../baseline/baseline.js'
import { shareZ } from '../statistic/shares.js'
import { counterAt } from './counters.js'
import type { Limits } from './limits.js'
import type { Profile } from './profile.js'
import { before, swing } from './score/errors.js'
import { FEWEST_USABLE } from './score.js'

/** The smallest change of one kind that a series' windows show. Infinity where none is large enough. */
export interface Change {
  /** In one window. */
  readonly once: number
  /** In two windows running. */
  readonly twice: number
}

/** What can be seen of a series at the volume it has, by its own past windows. */
export interface Detectable {
  /** Usable values of a window, on average. */
  readonly count: number
  /** Of the mean, in σ of training; null where it is not numeric or has too few windows. */
  readonly shift: (Change & Swings) | null
  /** Of rows without a value, as a share of all rows. */
  readonly nulls: Change | null
  /** Of the most frequent label, as a share of the usable values; null for numbers. */
  readonly label: (Change & { readonly value: string; readonly share: number }) | null
}

/** Standard deviations of a window's mean, in σ: what counting makes of it, which a larger window lowers, and what the world does. */
export interface Swings {
  readonly counting: number
  readonly own: number
}

/** Windows from which on it can be told. */
const FEWEST = 8

/** @param past clean windows of the series, oldest first */
export function detectable(contract: FeatureBaseline, past: readonly Profile[], limits: Limits): Detectable {
  const fit = past.filter(({ count }) => count >= FEWEST_USABLE)
  const count = past.length === 0 ? 0 : past.reduce((sum, one) => sum + one.count, 0) / past.length
  const at = counterAt('null')
  const nulls = shareChange(
    past.map(({ counters, rows }) => [counters[at], rows] as const),
    limits,
  )
  return { count, nulls, shift: contract.numeric ? shiftOf(fit, limits) : null, label: labelOf(contract, fit, limits) }
}

/** How many times the rows a window needs for a shift of so many σ to show in two windows running; Infinity where its own swings hide it. */
export function rowsFor(target: number, { counting, own }: Swings, { twice }: Limits): number {
  const room = (target / twice) ** 2 - own ** 2
  return room <= 0 ? Number.POSITIVE_INFINITY : counting ** 2 / room
}

function shiftOf(past: readonly Profile[], { once, twice }: Limits): (Change & Swings) | null {
  const shapes = past.flatMap(({ shape, count }) => (shape === null ? [] : [{ ...shape, count }]))
  const R = shapes.length
  if (R < FEWEST) return null
  const errors = shapes.map((shape, i) => shape.mean - meanOf(othersOf(shapes, i).map(({ mean }) => mean)))
  const counting = meanOf(shapes.map(({ variance, count }) => variance / count)) * (1 + 1 / R)
  const sd = Math.sqrt(Math.max(counting, swing(Float64Array.from(errors))))
  // What counting alone may leave by chance is not the world's.
  const chance = counting * (1 + 2 * Math.sqrt(2 / R))
  const squares = errors.reduce((sum, error) => sum + error * error, 0) / (R - 1)
  const own = squares > chance ? squares - counting : 0
  return { once: once * sd, twice: twice * sd, counting: Math.sqrt(counting), own: Math.sqrt(own) }
}

function labelOf({ values }: FeatureBaseline, past: readonly Profile[], limits: Limits): Detectable['label'] {
  if (values.length === 0 || past.length === 0) return null
  const totals = values
    .slice(0, past[0].cells.length - 2)
    .map((_, l) => past.reduce((sum, one) => sum + one.cells[l], 0))
  const most = totals.indexOf(Math.max(...totals))
  const change = shareChange(
    past.map(({ cells, count }) => [cells[most], count] as const),
    limits,
  )
  const rows = past.reduce((sum, { count }) => sum + count, 0)
  return change && { ...change, value: values[most], share: totals[most] / rows }
}

/** Of x of n rows: by how much the share has to rise, or to fall where it cannot rise so far. */
function shareChange(windows: readonly (readonly [x: number, n: number])[], { once, twice }: Limits): Change | null {
  const R = windows.length
  const sum = (some: readonly (readonly [number, number])[], of: 0 | 1): number =>
    some.reduce((a, one) => a + one[of], 0)
  const [X, N] = [sum(windows, 0), sum(windows, 1)]
  if (R < FEWEST || N === 0) return null
  const errors = windows.map(([x, n], i) => {
    const others = othersOf(windows, i)
    return shareZ(x, n, sum(others, 0), sum(others, 1))
  })
  const phi = X === 0 ? 1 : Math.max(1, swing(Float64Array.from(errors)))
  const [n, share] = [N / R, X / N]
  const z = (x: number): number => Math.abs(shareZ(x, n, X, N)) / Math.sqrt(phi)
  const least = (limit: number): number => {
    const up = solve(x => z(x), limit, share * n, n)
    const down = solve(x => z(x), limit, share * n, 0)
    return Math.min(up, down) / n
  }
  return { once: least(once), twice: least(twice) }
}

/** How far from `from` towards `to` the function first reaches the limit; Infinity where it does not. */
function solve(of: (x: number) => number, limit: number, from: number, to: number): number {
  if (of(to) < limit) return Number.POSITIVE_INFINITY
  let [near, far] = [from, to]
  for (let step = 0; step < 40; step++) {
    const middle = (near + far) / 2
    if (of(middle) < limit) near = middle
    else far = middle
  }
  return Math.abs(far - from)
}

/** The windows that one is compared with. */
function othersOf<T>(windows: readonly T[], i: number): readonly T[] {
  const until = before(i)
  return until === null ? windows.filter((_, w) => w !== i) : windows.slice(0, until)
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length
}
