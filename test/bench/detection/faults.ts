import { type Random, seeded } from '../../random.js'
import { kolmogorov, moved, type Profile, snap } from './profile.js'
import { ascending, type Column, quantile, seedOf, type Value } from './values.js'

/** One fault at work on a feature. */
export interface Work {
  /** The feature's values of a window that the fault has reached. */
  readonly values: Column
  /** Windows since the fault began: 0 in its first. */
  readonly age: number
  readonly random: Random
  /** The feature's clean values so many windows from this one: earlier ones are negative. */
  readonly clean: (offset: number) => Column
  readonly profile: Profile
}

export interface Fault {
  readonly kind: string
  readonly size: 'larger' | 'smaller'
  /** Codes of causes that name it rightly. */
  readonly causes: readonly string[]
  /** Windows, from its first, within which an alert must open. */
  readonly within: number
  /** Whether it can show at all in this feature; the rule is part of the figure. */
  readonly applies: (profile: Profile) => boolean
  /** @param choice draws that hold for all windows of the fault */
  readonly start: (profile: Profile, choice: Random) => (work: Work) => Column
}

/** Windows of the slow shift, and of the wait for it. */
export const SLOW = 30
const WITHIN = 5

/** Codes that name a cause, the first the one that is meant. */
const CODES = {
  unit: ['unit'],
  scale: ['unit', 'distribution'],
  distribution: ['distribution'],
  nulls: ['null', 'nulls'],
  missing: ['missing', 'missing-source', 'null', 'nulls'],
  imputation: ['imputation'],
  partial: ['partial-unit'],
  unseen: ['unseen'],
  truncation: ['truncation'],
  rounding: ['rounding', 'truncation'],
  permuted: ['permuted-labels', 'permuted'],
  encoding: ['encoding'],
  clipping: ['clipping'],
  sign: ['sign-flip', 'sign'],
  stale: ['stale'],
  lagged: ['stale', 'lag', 'hours-shifted'],
  hours: ['hours-shifted', 'lag', 'stale'],
  type: ['type'],
} as const

// ── where a fault can show ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Numbers that vary: at least 5 values, none of them held by more than 95 in 100. */
const varies = (p: Profile): boolean =>
  p.feature.kind === 'numeric' && p.sorted.length >= 50 && p.sigma > 0 && p.distinct >= 5 && p.top <= 0.95
/** Varying, and no value that stands for something of its own (a share of zeros): adding to all values means something. */
const smooth = (p: Profile): boolean => varies(p) && p.top < 0.2
/** Labels: at least two, not a key of the rows. */
const labelled = (p: Profile): boolean =>
  p.feature.kind === 'categorical' && p.labels.length >= 2 && p.labels.length < 0.5 * (1 - p.nulls) * p.rows
const served = (p: Profile): boolean => p.nulls < 0.5 && p.rows > 0

// ── ways to change values ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const numbers = (values: Column, change: (x: number) => Value): Column =>
  values.map(value => (typeof value === 'number' ? change(value) : value))
/** Every value that is there becomes another with probability `share`. */
const some = (values: Column, share: number, random: Random, change: (value: number | string) => Value): Column =>
  values.map(value => (value != null && random.chance(share) ? change(value) : value))

type Body = Pick<Fault, 'applies' | 'start'>
/** A fault that does the same to every number. */
const mapped = (applies: Fault['applies'], change: (p: Profile, choice: Random) => (x: number) => Value): Body => ({
  applies,
  start: (p, choice) => {
    const one = change(p, choice)
    return ({ values }) => numbers(values, one)
  },
})
const fault = (kind: string, size: Fault['size'], causes: readonly string[], body: Body, within = WITHIN): Fault => ({
  kind,
  size,
  causes,
  within,
  ...body,
})

/** Shows where the values move by a twentieth of σ. */
const factor = (by: number): Body =>
  mapped(
    p => varies(p) && moved(p, x => by * x) >= 0.05,
    () => x => by * x,
  )

const affine: Body = {
  applies: p => smooth(p) && moved(p, x => 1.8 * x + 32) >= 1,
  start: (_, choice) => {
    const change = choice.chance(0.5) ? (x: number) => 1.8 * x + 32 : (x: number) => (x - 32) / 1.8
    return ({ values }) => numbers(values, change)
  },
}

/** Shifted values keep the feature's steps (cents, whole minutes); shows where half of the way survives the rounding. */
const shifted = (sigmas: number): Body =>
  mapped(
    p => smooth(p) && Math.abs(snap(sigmas * p.sigma, p.step)) >= 0.5 * sigmas * p.sigma,
    (p, choice) => {
      const by = snap((choice.chance(0.5) ? 1 : -1) * sigmas * p.sigma, p.step)
      return x => snap(x + by, p.step)
    },
  )

const slowly: Body = {
  applies: shifted(1).applies,
  start: (p, choice) => {
    const by = (choice.chance(0.5) ? 1 : -1) * p.sigma
    return ({ values, age }) => numbers(values, x => snap(x + by * Math.min(1, (age + 1) / SLOW), p.step))
  },
}

/** Variance, not standard deviation; about the mean. Whole numbers show it only where σ is some steps wide. */
const wider = (variance: number): Body =>
  mapped(
    p => smooth(p) && p.sigma >= 3 * p.step,
    p => x => snap(p.mean + Math.sqrt(variance) * (x - p.mean), p.step),
  )

/** So many points of all rows become null. */
const nulled = (points: number): Body => ({
  applies: p => served(p) && p.distinct >= 1,
  start:
    p =>
    ({ values, random }) =>
      some(values, points / (1 - p.nulls), random, () => null),
})

const gone = (value: null | undefined): Body => ({
  applies: served,
  start:
    () =>
    ({ values }) =>
      values.map(() => value),
})

type Fill = (p: Profile) => number
const zero: Fill = () => 0
const median: Fill = p => p.sorted[p.sorted.length >> 1]!
const shareOf = (p: Profile, value: number): number => p.sorted.filter(x => x === value).length / p.sorted.length

/** Rows that come with the fill instead of what was measured; the fill must not be what most rows hold anyway. */
const imputed = (share: number, fill: Fill): Body => ({
  applies: p => varies(p) && shareOf(p, fill(p)) < 0.5,
  start: p => {
    const value = fill(p)
    return ({ values, random }) => some(values, share, random, () => value)
  },
})

/** Every null becomes the fill. */
const nullsImputed = (least: number, most: number, fill: Fill): Body => ({
  applies: p => varies(p) && p.nulls >= least && p.nulls < most && shareOf(p, fill(p)) < 0.5,
  start: p => {
    const value = fill(p)
    return ({ values }) => values.map(x => (x === null ? value : x))
  },
})

const partly = (share: number): Body => ({
  applies: p => varies(p) && p.zeros < 0.5,
  start: (_, choice) => {
    const by = choice.pick([30.44, 1000])
    return ({ values, random }) => some(values, share, random, x => (typeof x === 'number' ? by * x : x))
  },
})

const unseen = (share: number): Body => ({
  applies: labelled,
  start:
    () =>
    ({ values, random }) =>
      some(values, share, random, () => 'never seen before'),
})

/** The two labels whose exchange moves most; both hold a twentieth of the rows, and their shares are 10 points apart. */
function exchanged({ labels }: Profile): readonly [string, string] | null {
  const frequent = labels.filter(({ share }) => share >= 0.05)
  const [first, last] = [frequent[0], frequent.at(-1)]
  return first !== undefined && last !== undefined && first.share - last.share >= 0.1 ? [first.label, last.label] : null
}

const permuted: Body = {
  applies: p => labelled(p) && exchanged(p) !== null,
  start: p => {
    const [a, b] = exchanged(p)!
    return ({ values }) => values.map(value => (value === a ? b : value === b ? a : value))
  },
}

/** Ways to write a label otherwise. */
const SPELLINGS: readonly ((label: string) => string)[] = [
  label => label.toUpperCase(),
  label => label.toLowerCase(),
  label => `${label} `,
  label => ` ${label}`,
  label => (/^\d+$/.test(label) ? label.replace(/^0+(?=\d)/, '') : label),
  label => (/^\d+$/.test(label) ? `0${label}` : label),
]
/** Those that alter at least half of the rows. */
const spellings = ({ labels }: Profile) =>
  SPELLINGS.filter(
    spell => labels.reduce((sum, { label, share }) => sum + (spell(label) === label ? 0 : share), 0) >= 0.5,
  )

const respelled: Body = {
  applies: p => labelled(p) && spellings(p).length > 0,
  start: (p, choice) => {
    const spell = choice.pick(spellings(p))
    return ({ values }) => values.map(value => (typeof value === 'string' ? spell(value) : value))
  },
}

const truncated: Body = mapped(
  p => varies(p) && p.integers < 0.6,
  () => x => Math.trunc(x) + 0,
)

/** To the power of ten next to σ/2; shows where the present values are finer and most of them change. */
const rounded: Body = mapped(
  p => varies(p) && roundingOf(p) > p.step && p.sorted.filter(x => roundUp(x, p) !== x).length >= 0.5 * p.sorted.length,
  p => x => roundUp(x, p),
)
const roundingOf = ({ sigma }: Profile): number => 10 ** Math.round(Math.log10(sigma / 2))
const roundUp = (x: number, p: Profile): number => snap(x, roundingOf(p))

/** Shows where at least half as many values as the level says do lie beyond it. */
const clipped = (level: number): Body =>
  mapped(
    p => varies(p) && p.sorted.filter(x => x > quantile(p.sorted, level)).length >= 0.5 * (1 - level) * p.sorted.length,
    p => {
      const most = snap(quantile(p.sorted, level), p.step)
      return x => Math.min(x, most)
    },
  )

const flipped: Body = mapped(
  p => varies(p) && kolmogorov(p.sorted, ascending(p.sorted.map(x => -x))) >= 0.3,
  () => x => -x + 0,
)

/** Every row repeats the last value there was. */
const frozen: Body = {
  applies: p => (varies(p) || labelled(p)) && p.top < 0.7 && served(p),
  start:
    () =>
    ({ values, age, clean }) => {
      const last = clean(-1 - age).findLast(value => value != null)
      return values.map(value => (value == null ? value : last))
    },
}

/** Values of other windows: shows only where windows differ by the hour. */
const DAILY = new Set(['amount', 'wait', 'temperature', 'score', 'booked_hour', 'channel', 'member'])
const fromWindow = (offset: number): Body => ({
  applies: p => p.family === 'seasonal' && DAILY.has(p.feature.name),
  start:
    () =>
    ({ clean }) =>
      clean(offset),
})

/** The hour of another zone. */
const otherZone: Body = mapped(
  p => {
    const hours =
      p.sorted.length > 0 && p.sorted[0]! >= 0 && p.sorted.at(-1)! <= 23 && p.integers === 1 && p.distinct >= 12
    return varies(p) && hours && kolmogorov(p.sorted, ascending(p.sorted.map(x => (x + 6) % 24))) >= 0.1
  },
  () => x => (x + 6) % 24,
)

const asText: Body = mapped(
  p => p.feature.kind === 'numeric' && served(p) && p.sorted.length > 0,
  () => x => String(x),
)

/** STATISTICS §5 in the sizes of issue 4, part 12. */
export const FAULTS: readonly Fault[] = [
  fault('unit ×1.1', 'smaller', CODES.scale, factor(1.1)),
  fault('unit ×30.44', 'larger', CODES.unit, factor(30.44)),
  fault('unit ×1000', 'larger', CODES.unit, factor(1000)),
  fault('unit °F↔°C', 'larger', CODES.unit, affine),
  fault('shift .25σ', 'smaller', CODES.distribution, shifted(0.25)),
  fault('shift 1σ', 'larger', CODES.distribution, shifted(1)),
  fault('slow shift 1σ', 'larger', CODES.distribution, slowly, SLOW),
  fault('variance ×1.2', 'smaller', CODES.distribution, wider(1.2)),
  fault('variance ×1.5', 'larger', CODES.distribution, wider(1.5)),
  fault('nulls +3', 'smaller', CODES.nulls, nulled(0.03)),
  fault('nulls +15', 'larger', CODES.nulls, nulled(0.15)),
  fault('source all null', 'larger', CODES.missing, gone(null)),
  fault('source absent', 'larger', CODES.missing, gone(undefined)),
  fault('imputed 0, 3 %', 'smaller', CODES.imputation, imputed(0.03, zero)),
  fault('imputed 0, 15 %', 'larger', CODES.imputation, imputed(0.15, zero)),
  fault('imputed median, 3 %', 'smaller', CODES.imputation, imputed(0.03, median)),
  fault('imputed median, 15 %', 'larger', CODES.imputation, imputed(0.15, median)),
  fault('few nulls imputed', 'smaller', CODES.imputation, nullsImputed(0.01, 0.1, zero)),
  fault('many nulls imputed', 'larger', CODES.imputation, nullsImputed(0.1, 1, median)),
  fault('partial unit 5 %', 'smaller', CODES.partial, partly(0.05)),
  fault('partial unit 30 %', 'larger', CODES.partial, partly(0.3)),
  fault('unseen 2 %', 'smaller', CODES.unseen, unseen(0.02)),
  fault('unseen 10 %', 'larger', CODES.unseen, unseen(0.1)),
  fault('labels permuted', 'larger', CODES.permuted, permuted),
  fault('labels respelled', 'larger', CODES.encoding, respelled),
  fault('truncated', 'larger', CODES.truncation, truncated),
  fault('rounded', 'larger', CODES.rounding, rounded),
  fault('clipped at q.99', 'smaller', CODES.clipping, clipped(0.99)),
  fault('clipped at q.95', 'larger', CODES.clipping, clipped(0.95)),
  fault('sign flipped', 'larger', CODES.sign, flipped),
  fault('stale, frozen', 'larger', CODES.stale, frozen),
  fault('stale, 6 windows behind', 'smaller', CODES.lagged, fromWindow(-6)),
  fault('hours shifted by 6', 'smaller', CODES.hours, fromWindow(6)),
  fault('hour of another zone', 'larger', CODES.hours, otherZone),
  fault('numbers as text', 'larger', CODES.type, asText),
]

/** The values of one window under a fault; the same at every call. */
export function injection(fault: Fault, profile: Profile, seed: number) {
  const change = fault.start(profile, seeded(seed))
  return (values: Column, age: number, clean: (offset: number) => Column): Column =>
    change({ values, age, clean, profile, random: seeded(seedOf(seed, age)) })
}
