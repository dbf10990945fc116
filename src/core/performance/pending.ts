import type { WindowSpec } from '../monitor.js'
import { curveAt, type LabelAge, type LabelCurve, labelCurve, type Maturity, maturity } from './maturity.js'

/** Complete windows that the usual course of labels is learnt from. */
const MOST_COURSES = 20

/** A window of a model version that labels can still come to. */
export interface PendingWindow {
  readonly version: string
  readonly end: number
  /** Its alerts have been stepped; what comes later corrects it. */
  readonly mature: boolean
  /** Labels by grid age, ascending: what it had by 0, 1, 2, 4, … advances. */
  readonly ages: readonly LabelAge[]
}

export interface PendingState {
  readonly windows: readonly PendingWindow[]
  /** What complete windows had by their ages, oldest first. */
  readonly courses: readonly (readonly LabelAge[])[]
}

/**
 * Windows between their first verdict and the last label that counts, of all model versions.
 *
 *     end       +1   +2     +4          +8   advances         + reviseFor
 *     due      looked at, labels or not   ▲ mature: alerts step    complete: its course is learnt
 */
export class Pending {
  /** In the order of their ends. */
  #windows: PendingWindow[] = []
  #courses: readonly (readonly LabelAge[])[] = []
  #curve: LabelCurve | null = null

  constructor(private readonly window: WindowSpec) {}

  /** Those that are not complete, in the order of their ends. */
  get windows(): readonly PendingWindow[] {
    return this.#windows
  }

  /** The next time after `after` at which one of them is to be looked at, whether or not labels come; Infinity: none. */
  next(after: number): number {
    return Math.min(
      ...this.#windows.map(one => (one.mature ? this.#completeAt(one) : this.#nextAge(one, after))),
      Number.POSITIVE_INFINITY,
    )
  }

  /** Coverage usual in the end; null: not known. */
  get finalCoverage(): number | null {
    return this.#curve?.coverage.at(-1) ?? null
  }

  /** What a window has by now. @param at event time up to which its parts are in */
  saw(version: string, end: number, at: number, labelled: number, predictions: number): PendingWindow {
    const known = this.#find(version, end) ?? { version, end, mature: false, ages: [] }
    const ageMs = this.#gridAge(at - end)
    const now = { ageMs, labelled, predictions }
    const next = { ...known, ages: [...known.ages.filter(age => age.ageMs < ageMs), now] }
    this.#put(next)
    return next
  }

  /** How far its labels are. */
  maturity({ end, ages }: PendingWindow, at: number): Maturity {
    const { labelled, predictions } = ages.at(-1)!
    return maturity(this.#curve, { ageMs: at - end, labelled, predictions }, this.window.reviseForMs)
  }

  /** The usual coverage of windows so old; null: not known. */
  expectedCoverage(ageMs: number): number | null {
    return this.#curve && curveAt(this.#curve, ageMs)
  }

  /** Its alerts have been stepped. */
  settle(one: PendingWindow): void {
    this.#put({ ...one, mature: true })
  }

  /** Lets the windows go that no label comes to from `at` on, and learns from them. */
  complete(at: number): void {
    const over = this.#windows.filter(one => this.#completeAt(one) <= at)
    if (over.length === 0) return
    this.#windows = this.#windows.filter(one => this.#completeAt(one) > at)
    const ended = over.map(({ ages }) => [...ages, { ...ages.at(-1)!, ageMs: this.window.reviseForMs }])
    this.#learn([...this.#courses, ...ended])
  }

  state(): PendingState {
    return { windows: this.#windows, courses: this.#courses }
  }

  restore({ windows, courses }: PendingState): void {
    this.#windows = [...windows]
    this.#learn(courses)
  }

  #learn(courses: readonly (readonly LabelAge[])[]): void {
    this.#courses = courses.slice(-MOST_COURSES)
    this.#curve = labelCurve(this.#courses, this.window.reviseForMs)
  }

  #find(version: string, end: number): PendingWindow | undefined {
    return this.#windows.find(one => one.end === end && one.version === version)
  }

  #put(one: PendingWindow): void {
    const at = this.#windows.findIndex(other => other.end === one.end && other.version === one.version)
    if (at >= 0) this.#windows[at] = one
    else {
      const after = this.#windows.findIndex(({ end }) => end > one.end)
      this.#windows.splice(after < 0 ? this.#windows.length : after, 0, one)
    }
  }

  #completeAt({ end }: PendingWindow): number {
    return end + this.window.reviseForMs
  }

  /** The first of its grid ages after a time. */
  #nextAge({ end }: PendingWindow, after: number): number {
    let age = 0
    while (end + age <= after) age = age === 0 ? this.window.advanceMs : 2 * age
    return Math.min(end + age, end + this.window.reviseForMs)
  }

  /** 0, 1, 2, 4, 8, … advances. */
  #gridAge(ageMs: number): number {
    let age = 0
    while (age < ageMs) age = age === 0 ? this.window.advanceMs : 2 * age
    return Math.min(age, this.window.reviseForMs)
  }
}
