import { type Cusum, summed } from './cusum.js'
import { grown, type Limits, NO_TAIL, type Tail } from './limits.js'
import type { Profile } from './profile.js'
import type { Score } from './score.js'
import type { Seasons } from './season/season.js'

/** One window of a series, as its history keeps it. */
export interface Kept {
  /** Epoch ms, half-open. */
  readonly start: number
  readonly end: number
  readonly profile: Profile
}

/**
 * What a series is compared with: its own clean windows, and what its newest windows said.
 *
 *     window        clean … clean  odd   clean   breach ─ firing ─ calm calm calm        firing for 8 windows
 *     reference       +      +      –      +       –        –        +    +    +          these 8, in place of all before
 *
 * A window with a score beyond `ODD` is not taken in, so that what may be the beginning of a change is not learnt from. Windows of an alert
 * never are, but for the calm ones that end it and for a standing difference: told once, then usual. A later return to what was usual before
 * changes the reference back.
 */
export interface History {
  /** Baseline version whose cells the profiles count at. */
  readonly baseline: number
  /** Oldest first, at most `MOST_KEPT`. */
  readonly past: readonly Kept[]
  /** The reference before a standing difference took its place: a return to it is no news. */
  readonly former: readonly Kept[]
  /** Windows since the alert began to fire, or of a relation since a feature that it is made of moved; empty where neither is so. */
  readonly during: readonly Kept[]
  /** There have been enough windows to judge by them; until then the launch rule decides. */
  readonly calibrated: boolean
  /** Statistics that went so far in the newest windows that a change may be lasting, and which way. */
  readonly beyond: readonly Beyond[]
  /** Windows seen of this model version, up to `FIRST`. */
  readonly seen: number
  /** What it is like by slot of the week; absent where no window has been learnt, or none is to be. */
  readonly seasons?: Seasons
  /** End of the newest window of the training rows that it began with; absent where it began with none. */
  readonly trained?: number
  /** How far the scores went while nothing was wrong: what limits are made of. Absent: nothing is known. */
  readonly tail?: Tail
  /** What its scores come to since the last alert, or change of the reference. Absent: nothing yet. */
  readonly cusum?: Cusum | null
}

export interface Beyond {
  readonly end: number
  readonly statistics: readonly Far[]
}

export interface Far {
  /** With the value, where it is of one: `gain 0`. */
  readonly statistic: string
  readonly sign: number
  /** |z| over `Limits.once` as it was, in this window and in those right before it that went the same way; newest first, at most four. */
  readonly run: readonly number[]
}

/** Windows that a reference keeps; older ones are forgotten. */
export const MOST_KEPT = 60
/** Windows from which on a series is judged by its own history. */
export const ENOUGH = 20
/** See `History`. */
const ODD = 3.5
/** Windows of an alert after which the difference is the usual state. */
export const STANDING = 8
/** Windows of a model version in which a change is said to begin with it. */
const FIRST = 3
/** Windows that a run keeps. */
const LONGEST = 4
/** What moves may be another value in every window: no more than two in a row say that it lasts, unless it is the same one (`sameValue`). */
const MANY_VALUES: ReadonlySet<string> = new Set(['gain'])

export function begin(baseline: number, inherited: History | null): History {
  // A new model version is compared with what the one before it was served with.
  if (inherited !== null && inherited.baseline === baseline) return { ...inherited, during: [], beyond: [], seen: 0 }
  return { baseline, past: [], former: [], during: [], calibrated: false, beyond: [], seen: 0 }
}

/** Of a series that has not been served yet: the windows of its training rows, if they lie before `start`. */
export function beginTrained(
  baseline: number,
  history: Pick<History, 'past' | 'seasons'> | undefined,
  start: number,
): History {
  const none = begin(baseline, null)
  const trained = history?.past.at(-1)?.end
  if (history === undefined || trained === undefined || trained > start) return none
  return { ...none, ...history, calibrated: history.past.length >= ENOUGH, trained }
}

/** Whether there is nothing to compare with but training: a difference is skew. */
export function isOfTraining({ past, trained }: History): boolean {
  return trained !== undefined && past.every(({ end }) => end <= trained)
}

/** The series is again what it was before a standing difference. */
export function returned(history: History): History {
  return { ...history, past: history.former, former: history.past, beyond: [], cusum: null }
}

/** How far a score goes: 1 is an alert. */
export function reach(score: Score, { beyond }: History, start: number, limits: Limits): number {
  const { statistic, value } = score
  const { once, twice, lasting, sameValue } = limits
  const z = Math.abs(score.z)
  const sign = Math.sign(score.z)
  const run = runOf(beyond, statistic, sign, start)
  const same = value === undefined ? NO_RUN : runOf(beyond, ofValue(statistic, value), sign, start)
  if (run.length === 0 && same.length === 0) return z / once
  const inRow = MANY_VALUES.has(statistic) ? [twice] : [twice, ...lasting]
  return z / Math.min(limitAfter(run, once, inRow), limitAfter(same, once, sameValue))
}

/** The least limit that the windows before allow: that of two in a row, if the one before is beyond it, of three, if two are, and so on. */
function limitAfter(run: readonly number[], once: number, inRow: readonly number[]): number {
  return inRow.reduce((least, limit, before) => {
    const all = run.length > before && run.slice(0, before + 1).every(share => share * once > limit)
    return all ? Math.min(least, limit) : least
  }, once)
}

/** What a run by one value of a statistic is kept by. */
function ofValue(statistic: string, value: number): string {
  return `${statistic} ${value}`
}

const NO_RUN: readonly number[] = []

/** Of the newest window that ended by `start`; empty where the statistic stood still or went the other way. */
function runOf(beyond: readonly Beyond[], statistic: string, sign: number, start: number): readonly number[] {
  const before = beyond.findLast(({ end }) => end <= start)
  return before?.statistics.find(one => one.statistic === statistic && one.sign === sign)?.run ?? NO_RUN
}

/** Whether the window differs from the reference by none of its scores: it may end an alert. */
export function isCalm(scores: readonly Score[], { twice }: Limits): boolean {
  return scores.every(({ z }) => Math.abs(z) <= twice)
}

/** Whether an operator has called a difference wanted, and there are not yet windows enough of it to compare with: the series still moves. */
export function isRelearning({ calibrated, past }: History): boolean {
  return calibrated && past.length < STANDING
}

export function startsWithVersion(history: History): boolean {
  return history.calibrated && history.seen < FIRST && history.past.length > history.seen && !isOfTraining(history)
}

/** A feature has moved to stay, and its relation with it: that is told of the feature. */
export function followed(history: History): History {
  return { ...history, past: history.during, former: history.past, during: [], beyond: [], cusum: null }
}

/** What the alert of a series did in a window; `beside`: none fires, and a feature that the series is made of moved. */
export type AlertStep = 'none' | 'beside' | 'firing' | 'calmed' | 'standing'

/** The history with what a window's scores say of its tail. */
export function watched(history: History, scores: readonly Score[]): History {
  if (scores.length === 0) return history
  const peak = scores.reduce((far, { z }) => Math.max(far, Math.abs(z)), 0)
  return { ...history, tail: grown(history.tail ?? NO_TAIL, peak) }
}

/** The history after a window. Windows that overlap one that was taken in are passed over: they would count its rows again. */
export function remember(
  before: History,
  kept: Kept,
  scores: readonly Score[],
  alert: AlertStep,
  calmWindows: number,
  limits: Limits,
): History {
  if (alert === 'beside' && before.calibrated) return { ...before, during: append(before.during, kept) }
  // What an alert tells of is taken for true: it says nothing of what is usual.
  const isQuiet = alert === 'none' || alert === 'beside'
  const history = isQuiet ? watched(before, scores) : before
  const statistics = farOf(scores, history.beyond, kept.start, limits)
  const beyond = [...newest(history.beyond, kept), { end: kept.end, statistics }]
  // What is told begins anew.
  const cusum = isQuiet ? summed(history.cusum ?? null, scores, kept) : null
  const next = { ...history, beyond, cusum, seen: Math.min(FIRST, history.seen + 1) }
  const during = isQuiet ? [] : append(history.during, kept)
  if (alert === 'firing') return { ...next, during }
  if (alert === 'standing')
    return { ...next, past: during.slice(-MOST_KEPT), former: history.past, during: [], beyond: [] }
  if (alert === 'calmed') return { ...next, past: during.slice(-calmWindows).reduce(append, history.past), during: [] }
  const odd = history.calibrated && scores.some(({ z }) => Math.abs(z) > ODD)
  const past = odd ? history.past : append(history.past, kept)
  return { ...next, past, during: [], calibrated: history.calibrated || past.length >= ENOUGH }
}

/** A revision: the window as it is known now, if it is kept. Runs that later windows have of it stay as they are. */
export function correct(history: History, kept: Kept, scores: readonly Score[], limits: Limits): History {
  const swap = (one: Kept): Kept => (one.end === kept.end && one.start === kept.start ? kept : one)
  return {
    ...history,
    past: history.past.map(swap),
    former: history.former.map(swap),
    during: history.during.map(swap),
    beyond: history.beyond.map(one =>
      one.end === kept.end ? { end: kept.end, statistics: farOf(scores, history.beyond, kept.start, limits) } : one,
    ),
  }
}

/** Late events have taken back an alert: its windows belong to the reference after all. @param isFiring another one does, and has its own */
export function regained({ past, during, ...history }: History, kept: Kept, isFiring: boolean): History {
  const all = [...past, ...(isFiring ? [] : during), kept].sort((a, b) => a.end - b.end)
  return { ...history, past: all.reduce<readonly Kept[]>(append, []), during: isFiring ? during : [] }
}

function farOf(
  scores: readonly Score[],
  beyond: readonly Beyond[],
  start: number,
  { once, twice, lasting, sameValue }: Limits,
): readonly Far[] {
  const farFrom = (least: number, statistic: string, z: number): Far[] => {
    if (Math.abs(z) <= least) return []
    const sign = Math.sign(z)
    const run = [Math.abs(z) / once, ...runOf(beyond, statistic, sign, start)].slice(0, LONGEST)
    return [{ statistic, sign, run }]
  }
  return scores.flatMap(({ statistic, z, value }) => {
    const far = farFrom(lasting.at(-1) ?? twice, statistic, z)
    const least = sameValue.at(-1)
    return value === undefined || least === undefined ? far : [...far, ...farFrom(least, ofValue(statistic, value), z)]
  })
}

/**
 * The entries that a later window may still follow on: of the newest window before this one, and of those that overlap it and end before it; no
 * more than windows begin in the time of one, in whatever order they come.
 */
function newest(beyond: readonly Beyond[], { start, end: own }: Kept): readonly Beyond[] {
  const before = beyond.findLast(({ end }) => end <= start)
  const overlapping = beyond.filter(({ end }) => end > start && end < own)
  return before === undefined ? overlapping : [before, ...overlapping]
}

function append(windows: readonly Kept[], kept: Kept): readonly Kept[] {
  const last = windows.at(-1)
  return last !== undefined && kept.start < last.end ? windows : [...windows, kept].slice(-MOST_KEPT)
}
