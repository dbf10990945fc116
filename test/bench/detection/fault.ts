import type { Random } from '../../random.js'
import type { Profile } from './profile.js'
import type { Column, Value } from './values.js'

/** One fault at work on a feature, in one window. */
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

/** A kind of fault in one size. */
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

/** Numbers that vary: at least 5 values, none of them held by more than 95 in 100. */
export const varies = (p: Profile): boolean =>
  p.feature.kind === 'numeric' && p.sorted.length >= 50 && p.sigma > 0 && p.distinct >= 5 && p.top <= 0.95
/** Varying, and no value that stands for something of its own (a share of zeros): adding to all values means something. */
export const smooth = (p: Profile): boolean => varies(p) && p.top < 0.2
/** Labels: at least two, not a key of the rows. */
export const labelled = (p: Profile): boolean =>
  p.feature.kind === 'categorical' && p.labels.length >= 2 && p.labels.length < 0.5 * (1 - p.nulls) * p.rows
/** Mostly there. */
export const served = (p: Profile): boolean => p.nulls < 0.5 && p.rows > 0

export const numbers = (values: Column, change: (x: number) => Value): Column =>
  values.map(value => (typeof value === 'number' ? change(value) : value))
/** Every value that is there becomes another with probability `share`. */
export const some = (
  values: Column,
  share: number,
  random: Random,
  change: (value: number | string) => Value,
): Column => values.map(value => (value != null && random.chance(share) ? change(value) : value))

/** What a fault does, without its name. */
export type Body = Pick<Fault, 'applies' | 'start'>
/** A fault that does the same to every number. */
export const mapped = (
  applies: Fault['applies'],
  change: (p: Profile, choice: Random) => (x: number) => Value,
): Body => ({
  applies,
  start: (p, choice) => {
    const one = change(p, choice)
    return ({ values }) => numbers(values, one)
  },
})
