import { AFFINE_MAPS, FACTORS, namedFactors } from '../detect/cause/constants.js'
import { onGrid, onStep } from '../detect/cause/lattice.js'
import {
  beyondChance,
  FEWEST_ROWS,
  FEWEST_VALUES,
  type Hypothesis,
  type Mismatch,
  type Proposer,
} from './hypothesis.js'
import { exactly, span } from './words.js'

type Row = Mismatch<number>
type Found = Hypothesis<number>

/** Relative error of a number that was computed and written otherwise. */
const COMPUTED = 1e-6
/** Rounding explains no more than this part of the expected value. */
const LOOSE = 0.1
/** Width, in log, of the ratios that are taken as one factor; also how near a constant must be to name it. */
const FACTOR_WIDTH = 1e-3
/** How far rounding may carry the ratio from its constant, in log. */
const ROUNDED_REACH = 0.02
/** Differences this near to each other, in parts of the values, are one shift. */
const SHIFT_WIDTH = 1e-6
/** Steps of its grid from which on a value is hardly rounded; such are looked at alone where there are so many. */
const FINE = 500
const ENOUGH_FINE = 50
/** Part of the rows that a constant must explain where no ratio stands out. */
const MOST_OF_THEM = 0.5
const GRAINS = [1000, 100, 10, 1, 0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6]
const STEPS = [1000, 100, 10, 5, 1, 0.5, 0.25, 0.1, 0.05, 0.01, 0.001, 1e-4]
const TIME_STEPS = [86_400_000, 3_600_000, 900_000, 60_000, 1000]
const HOUR = 3_600_000

const finite = ({ a, b }: Row): boolean => Number.isFinite(a) && Number.isFinite(b)

function near(a: number, expected: number, grain: number): boolean {
  const size = Math.abs(expected)
  return Math.abs(a - expected) <= Math.max(COMPUTED * size, Math.min((grain / 2) * (1 + COMPUTED), LOOSE * size))
}

/** The coarsest power of ten whose multiples nearly all are; 0 where there is none. */
function grainOf(values: readonly number[]): number {
  return GRAINS.find(step => values.filter(value => onGrid(value, step)).length >= 0.98 * values.length) ?? 0
}

function backed(rows: readonly Row[], found: Found): Found[] {
  const explained = rows.filter(found.explains)
  if (new Set(explained.map(({ b }) => b)).size < FEWEST_VALUES) return []
  return beyondChance(rows, found.explains) ? [found] : []
}

export const negated: Proposer<number> = rows =>
  backed(rows, {
    code: 'sign-flip',
    explains: ({ a, b }) => near(a, -b, 0),
    sentence: "A's values are the negatives of B's",
    numbers: {},
  })

/** Another unit without an offset: the ratio that most rows have, else a known constant that rounding hides. */
export const multiplied: Proposer<number> = all => {
  const rows = all.filter(row => finite(row) && row.a * row.b > 0)
  const grains = [grainOf(rows.map(({ a }) => a)), grainOf(rows.map(({ b }) => b))] as const
  const fine = rows.filter(({ a, b }) => Math.abs(a) >= FINE * grains[0] && Math.abs(b) >= FINE * grains[1])
  const ratios = commonRatios(fine.length >= ENOUGH_FINE ? fine : rows)
  const known = FACTORS.flatMap(({ factor }) => [factor, 1 / factor])
  const candidates = (ratios.length > 0 ? ratios : known).map(value => byFactor(value, grains))
  const hits = candidates.map(({ explains }) => rows.filter(explains).length)
  const best = hits.indexOf(Math.max(...hits))
  return ratios.length > 0 || hits[best] >= MOST_OF_THEM * rows.length ? backed(all, candidates[best]) : []
}

/** The ratio that most rows have, as near as rounding lets it be known, in some ways; none where no ratio stands out. */
function commonRatios(rows: readonly Row[]): number[] {
  const logs = rows.map(({ a, b }) => Math.log(a / b))
  const order = [...rows.keys()].sort((i, j) => logs[i] - logs[j])
  const dense = densest(
    order.map(i => logs[i]),
    FACTOR_WIDTH,
  )
  if (dense === null) return []
  const members = order.slice(dense.from, dense.to).map(i => rows[i])
  // Large values are the least rounded.
  const large = members.sort((x, y) => Math.abs(y.b) - Math.abs(x.b)).slice(0, Math.ceil(members.length / 2))
  const middle = median(large.map(({ a, b }) => a / b))
  const slope = members.reduce((sum, { a, b }) => sum + a * b, 0) / members.reduce((sum, { b }) => sum + b * b, 0)
  const named = namedFactors(Math.log(middle), ROUNDED_REACH, null).map(({ value }) => value)
  return [middle, slope, ...named].filter(factor => Math.abs(Math.log(factor)) >= 2 * FACTOR_WIDTH)
}

function byFactor(factor: number, [grainA, grainB]: readonly [number, number]): Found {
  const named = namedFactors(Math.log(factor), FACTOR_WIDTH, null)
  const words = named.length > 0 ? ` (${named.map(({ words }) => words).join('; ')})` : ''
  return {
    code: 'unit',
    explains: ({ a, b }) => near(a, factor * b, grainA) || near(b, a / factor, grainB),
    sentence: `A's values are B's multiplied by ${exactly(factor)}${words}`,
    numbers: { factor },
  }
}

/** °C, °F, kelvin. */
export const mappedByName: Proposer<number> = all => {
  const rows = all.filter(finite)
  const grain = grainOf(rows.map(({ a }) => a))
  return AFFINE_MAPS.flatMap(({ scale, offset, words }) =>
    backed(all, {
      code: 'unit',
      explains: ({ a, b }) => near(a, scale * b + offset, grain),
      sentence: `A's values are ${exactly(scale)} · B ${offset < 0 ? '−' : '+'} ${exactly(Math.abs(offset))}: ${words}`,
      numbers: { scale, offset },
    }),
  )
}

/** The same amount more or less; of times the clock of another zone. */
export function moved(isTime: boolean): Proposer<number> {
  return all => {
    const rows = all.filter(finite)
    if (rows.length === 0) return []
    const apart = rows.map(({ a, b }) => a - b).sort((x, y) => x - y)
    const size = median(rows.map(({ b }) => Math.abs(b)))
    const dense = densest(apart, SHIFT_WIDTH * Math.max(size, Math.abs(apart[apart.length >> 1])))
    if (dense === null) return []
    const shift = median(apart.slice(dense.from, dense.to))
    const perMs = isTime ? 1 : epochUnit(rows)
    const ms = perMs === null ? null : shift / perMs
    const zone = ms !== null && Math.abs(ms) <= 26 * HOUR && Math.round(ms) % (HOUR / 4) === 0
    const amount = ms === null ? exactly(Math.abs(shift)) : span(Math.round(ms))
    return backed(all, {
      code: zone ? 'hours-shifted' : 'unit',
      explains: ({ a, b }) => Math.abs(a - b - shift) <= Math.max(1e-9 * Math.abs(a), COMPUTED * Math.abs(shift)),
      sentence:
        ms === null
          ? `A's values are B's ${shift < 0 ? 'less' : 'plus'} ${amount}`
          : `A's times are ${amount} ${shift < 0 ? 'earlier' : 'later'} than B's${zone ? ': the clock of another time zone' : ''}`,
      numbers: ms === null ? { shift } : { shift, hours: ms / HOUR },
    })
  }
}

/** Hours of the day by the clock of another zone. */
export const turned: Proposer<number> = rows => {
  const hours = rows.filter(({ a, b }) => [a, b].every(x => Number.isInteger(x) && x >= 0 && x < 24))
  const seen = new Set(hours.map(({ b }) => b))
  if (hours.length < 0.9 * rows.length || Math.max(...seen) - Math.min(...seen) < 18) return []
  const votes = new Float64Array(24)
  for (const { a, b } of hours) votes[(a - b + 24) % 24]++
  const best = votes.indexOf(Math.max(...votes))
  const by = best > 12 ? best - 24 : best
  return backed(rows, {
    code: 'hours-shifted',
    explains: ({ a, b }) => (a - b + 48) % 24 === best,
    sentence: `A's hours are ${Math.abs(by)} ${by > 0 ? 'later' : 'earlier'} around the clock: another time zone`,
    numbers: { hours: by },
  })
}

/** One side has fewer digits. */
export function coarser(isTime: boolean): Proposer<number> {
  const candidates = (isTime ? TIME_STEPS : STEPS).flatMap(step =>
    [true, false].flatMap(truncated => [
      cut(step, truncated, isTime, 'A', row => [row.a, row.b]),
      cut(step, truncated, isTime, 'B', row => [row.b, row.a]),
    ]),
  )
  return rows => {
    const votes = candidates.map(({ found }) => rows.filter(found.explains).length)
    const { found, error } = candidates[votes.indexOf(Math.max(...votes))]
    const explained = rows.filter(found.explains)
    const values = [new Set(explained.map(({ a }) => a)), new Set(explained.map(({ b }) => b))]
    if (explained.length < FEWEST_ROWS || Math.max(...values.map(({ size }) => size)) < FEWEST_VALUES) return []
    // Everything cut to 0, or hardly more, is rather a default.
    if (values.some(side => side.size < FEWEST_VALUES - 1 && side.has(0))) return []
    // What is cut off is anything up to the limit and nothing beyond: noise is mostly little, and has no limit.
    const errors = rows.map(error).filter(Number.isFinite)
    const nearly = errors.filter(e => e >= 0.4 && e <= 1 + COMPUTED).length
    const beyond = errors.filter(e => (e > 1 + COMPUTED && e <= 2) || (e < -COMPUTED && e >= -1)).length
    return nearly >= 0.1 * explained.length && beyond <= 0.25 * nearly ? [found] : []
  }
}

interface Cut {
  readonly found: Found
  /** What the finer value has beyond the coarse one, in parts of the most that is cut off; NaN of rows that are not coarse. */
  readonly error: (row: Row) => number
}

function cut(
  step: number,
  truncated: boolean,
  isTime: boolean,
  side: 'A' | 'B',
  sides: (row: Row) => readonly [number, number],
): Cut {
  const whole = step === 1 && !isTime
  const other = side === 'A' ? 'B' : 'A'
  const way = truncated ? 'cut off' : 'rounded'
  const found: Found = {
    code: truncated && whole ? 'truncation' : 'rounding',
    explains: row => {
      const [coarse, fine] = sides(row)
      if (!onGrid(coarse, step)) return false
      // Half a step goes up, down or to the even one.
      if (!truncated) return Math.abs(coarse - fine) <= (step / 2) * (1 + COMPUTED)
      return Math.abs(coarse - onStep(Math.trunc(fine / step + nudge(fine)), step)) <= 1e-9 * Math.abs(coarse)
    },
    sentence: whole
      ? `${side} has whole numbers where ${other} has decimals: ${way}`
      : `${side} has ${other}'s values ${way} to multiples of ${isTime ? span(step) : exactly(step)}`,
    numbers: { step },
  }
  const error = (row: Row): number => {
    const [coarse, fine] = sides(row)
    if (!onGrid(coarse, step)) return Number.NaN
    return truncated ? ((fine - coarse) / step) * Math.sign(fine) : Math.abs(fine - coarse) / (step / 2)
  }
  return { found, error }
}

/** What keeps .3/.1 from being 2.9999. */
const nudge = (x: number): number => Math.sign(x) * 1e-9

/** Other windows that the densest one is held against. */
const OTHERS = 8

/**
 * The window of this width with the most values; null where it has few, or where the next densest are nearly as dense: then the values
 * lie around, and one place among many has the most.
 */
function densest(sorted: readonly number[], width: number): { from: number; to: number } | null {
  let best = { from: 0, to: 0 }
  const counts: number[] = []
  let end = 0
  for (let from = 0, to = 0; from < sorted.length; from++) {
    while (to < sorted.length && sorted[to] - sorted[from] <= width) to++
    if (to - from > best.to - best.from) best = { from, to }
    if (from < end) continue
    counts.push(to - from)
    end = to
  }
  const hits = best.to - best.from
  const others = counts.sort((x, y) => y - x).slice(1, 1 + OTHERS)
  const usual = others.length < OTHERS ? 0 : others[OTHERS / 2]
  return hits < FEWEST_ROWS || hits <= 2 * usual + 3 * Math.sqrt(usual) ? null : best
}

function median(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[values.length >> 1]
}

const FROM_S = Date.UTC(1990, 0) / 1000
const TO_S = Date.UTC(2100, 0) / 1000

/** Units in a millisecond, of numbers that are all times between 1990 and 2100; null of others. */
function epochUnit(rows: readonly Row[]): number | null {
  const within = (per: number) => (x: number) => x >= FROM_S * per && x < TO_S * per
  const per = [1, 1e3, 1e6, 1e9].find(per => rows.every(({ a, b }) => within(per)(a) && within(per)(b)))
  return per === undefined ? null : per / 1000
}
