import type { Cause } from '../../../src/core/alert/event.js'
import { causeOf } from '../../../src/core/detect/cause/cause.js'
import type { Profile } from '../../../src/core/detect/profile.js'
import { scoresOf } from '../../../src/core/detect/score.js'
import { type Random, seeded } from '../../random.js'
import type { Column } from './columns.js'
import type { Facts, Fault } from './faults.js'
import { Lab, type Value } from './lab.js'
import type { Shape } from './shapes.js'

/** One stream: a lab and its clean windows, and where the faulty window's rows come from. */
export interface Stream {
  readonly name: string
  readonly lab: Lab
  readonly past: readonly Profile[]
  /** Clean rows of the window to come. */
  readonly rows: readonly Value[]
  readonly facts: Facts
  readonly hasNulls: boolean
  /** The window rings as it is: what moved there is real, and no fault on top of it can be told alone. */
  readonly ringsClean: boolean
}

export interface Outcome {
  readonly stream: string
  readonly n: number
  readonly fault: Fault
  /** Null where the window does not ring. */
  readonly cause: Cause | null
}

/** A window rings where a statistic is this far out. */
const RINGS = 4
const WINDOWS = 30
const TRAINING = 8000

export function streamOf(shape: Shape, n: number, seed: number): Stream {
  const random = seeded(seed)
  const nulls = seed % 2 === 1 ? 0.15 : 0
  const draw = (): Value => (nulls > 0 && random.chance(nulls) ? null : shape.draw(random))
  const rows = (size: number): Value[] => Array.from({ length: size }, draw)
  const training = rows(TRAINING)
  const lab = new Lab(shape.kind, training)
  const size = (): number => Math.max(100, Math.round(n * (1 + 0.1 * random.normal())))
  const past = Array.from({ length: WINDOWS }, () => lab.window(rows(size())).profile)
  return {
    name: shape.name,
    lab,
    past,
    rows: rows(size()),
    facts: factsOf(lab, training, shape.grid, () => shape.draw(random)),
    hasNulls: training.includes(null),
    ringsClean: false,
  }
}

/** A real column, its rows drawn at random. */
export function shuffledShape({ name, kind, values }: Column): Shape {
  return { name, kind, draw: random => random.pick(values), grid: gridOf(values) }
}

/** The coarsest grid that nearly all values lie on. */
function gridOf(values: readonly Value[]): number | null {
  const numbers = values.filter(value => typeof value === 'number')
  const on = (step: number): number =>
    numbers.filter(x => Math.abs(x / step - Math.round(x / step)) < 1e-6).length / Math.max(1, numbers.length)
  return [60, 1, 0.5, 0.1, 0.05, 0.01].find(step => on(step) > 0.99) ?? null
}

/** A real column in its own order: training, 30 windows and the one to come follow each other; seeds begin at different rows. */
export function orderedStream({ name, kind, values }: Column, n: number, seed: number): Stream | null {
  const training = Math.min(4000, values.length - (WINDOWS + 2) * n)
  const start = (seed * 37) % n
  if (training < 1000) return null
  const lab = new Lab(kind, values.slice(start, start + training))
  const at = (w: number): readonly Value[] => values.slice(start + training + w * n, start + training + (w + 1) * n)
  const past = Array.from({ length: WINDOWS }, (_, w) => lab.window(at(w)).profile)
  const random = seeded(seed)
  const rows = at(WINDOWS)
  const stream = {
    name,
    lab,
    past,
    rows,
    facts: factsOf(lab, values, gridOf(values), () => random.pick(rows)),
    hasNulls: rows.includes(null),
    ringsClean: false,
  }
  return { ...stream, ringsClean: judge(stream, rows) !== null }
}

export function factsOf(lab: Lab, training: readonly Value[], grid: number | null, draw: () => Value): Facts {
  const sorted = Float64Array.from(training.filter(value => typeof value === 'number')).sort()
  return {
    sigma: lab.contract.numeric?.sigma ?? 1,
    grid,
    quantile: p => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))],
    labels: lab.contract.values,
    draw,
  }
}

/** The window's rows with the fault in them; null where it changes next to nothing. */
export function faulty(stream: Stream, fault: Fault, random: Random): Value[] | null {
  const { rows, facts, lab } = stream
  if (!fault.kinds.includes(lab.kind) || (fault.nulls === true && !stream.hasNulls)) return null
  const turned = fault.apply(rows, facts, random)
  const changed = turned.filter((value, i) => !Object.is(value, rows[i])).length
  return changed < 0.005 * rows.length && fault.name !== '(none)' ? null : turned
}

export function tryFault(stream: Stream, fault: Fault, seed: number, launch = false): Outcome | null {
  if (stream.ringsClean && fault.name !== '(none)') return null
  const rows = faulty(stream, fault, seeded(seed))
  if (rows === null) return null
  return { stream: stream.name, n: rows.length, fault, cause: judge(stream, rows, launch) }
}

/**
 * The cause of a window of these rows, if it rings.
 * @param launch as where there is no history: only training is the reference, and no statistic has a z
 */
export function judge({ lab, past }: Stream, rows: readonly Value[], launch = false): Cause | null {
  const { profile, sketch } = lab.window(rows)
  const scores = scoresOf(lab.contract, profile, past, lab.contract.segments.get('')!)
  if (!scores.some(({ z }) => Math.abs(z) > RINGS)) return null
  return causeOf({
    contract: lab.contract,
    now: profile,
    sketch: rows.every(value => value === undefined) ? null : sketch,
    past: launch ? [] : past,
    training: lab.training,
    scores: launch ? [] : scores,
    startsWithVersion: false,
    unit: null,
  })
}
