import { DAYS, isWeekend } from './clock.js'

/** Which slots are told apart. */
export type SeasonKind = 'none' | 'weekday-hour' | 'hour-of-week'

/**
 * What a series is like by slot of the week: for each the sum of its windows' levels, older ones fading, their weight at 0. Immutable; in single
 * precision, at most 64 kB. Slots of the weekday × hour kind are sums of these.
 */
export interface Slots {
  /** Numbers of one slot. */
  readonly width: number
  /** What is to be added to every slot to have the present level, where a standing difference has moved it; null: nothing. */
  readonly level: Float32Array | null
  /** By day from Monday on: the slots of the day one after the other. Null where no window has come. See `newest`. */
  readonly days: readonly (Float32Array | null)[]
  /**
   * The slot that a window has come in last, in place of what its day has of it: of windows of a minute sixty come in one slot, and a day is
   * copied only where another slot has its turn. Absent: the days have all.
   */
  readonly newest?: { readonly slot: number; readonly levels: Float32Array }
}

/** Windows that the coarser slot counts for in the mean of a finer one. */
const SHRINK = 1

export function noSlots(width: number): Slots {
  return { width, level: null, days: Array<null>(DAYS).fill(null) }
}

/** With a window's levels in its slot; what the slot had before fades. */
export function learnt(slots: Slots, perDay: number, slot: number, levels: Float64Array, decay: number): Slots {
  const { level } = slots
  const after = opened(slots, perDay, slot)
  const own = after.newest.levels
  for (let l = 0; l < own.length; l++) own[l] = decay * own[l] + levels[l] - (level === null ? 0 : level[l])
  return after
}

/** With a window in it other than it was (null: that was not in it), whose part in the slot has faded to `weight`. */
export function amended(
  slots: Slots,
  perDay: number,
  slot: number,
  { was, is, weight }: { was: Float64Array | null; is: Float64Array; weight: number },
): Slots {
  const { level } = slots
  const after = opened(slots, perDay, slot)
  const own = after.newest.levels
  for (let l = 0; l < own.length; l++) own[l] += weight * (is[l] - (was === null ? (level?.[l] ?? 0) : was[l]))
  return after
}

/** At another level: what the slots are beside each other stays. */
export function moved(slots: Slots, by: Float64Array): Slots {
  return { ...slots, level: Float32Array.from(by, (x, l) => (l === 0 ? 0 : x + (slots.level?.[l] ?? 0))) }
}

type Opened = Slots & Required<Pick<Slots, 'newest'>>

/** With a copy of a slot as the newest, to be changed. */
function opened(slots: Slots, perDay: number, slot: number): Opened {
  const { width, level, newest } = slots
  const isOpen = newest !== undefined && newest.slot === slot
  const days = isOpen ? slots.days : daysOf(slots, perDay)
  const d = Math.floor(slot / perDay)
  const day = days[d] ?? new Float32Array(perDay * width)
  const from = (slot % perDay) * width
  const levels = isOpen ? newest.levels.slice() : day.slice(from, from + width)
  return { width, level, days: days[d] === day ? days : days.with(d, day), newest: { slot, levels } }
}

/** The days with all that has come. */
export function daysOf({ width, days, newest }: Slots, perDay: number): Slots['days'] {
  if (newest === undefined) return days
  const d = Math.floor(newest.slot / perDay)
  const day = days[d]!.slice()
  day.set(newest.levels, (newest.slot % perDay) * width)
  return days.with(d, day)
}

/** A window that is left out of what is said of its slot, and the share of it that has not faded. */
export interface Without {
  readonly levels: Float64Array
  readonly weight: number
}

/**
 * Mean levels by slot, each shrunk towards the next coarser: the whole week, the hour of any day, the hour of weekdays or of the weekend, the
 * hour of this day of the week.
 */
export class SlotMeans {
  readonly #week: Float64Array
  /** By hour; then by hour of weekdays and of the weekend. */
  readonly #hours: Float64Array
  readonly #classes: Float64Array
  readonly #days: Slots['days']

  constructor(
    private readonly slots: Slots,
    private readonly perDay: number,
  ) {
    const { width } = slots
    const days = daysOf(slots, perDay)
    this.#days = days
    const size = perDay * width
    this.#week = new Float64Array(width)
    this.#hours = new Float64Array(size)
    this.#classes = new Float64Array(2 * size)
    for (const [d, day] of days.entries()) {
      if (day === null) continue
      const from = isWeekend(d) ? size : 0
      for (let i = 0; i < size; i++) this.#classes[from + i] += day[i]
    }
    for (let i = 0; i < size; i++) {
      this.#hours[i] = this.#classes[i] + this.#classes[size + i]
      this.#week[i % width] += this.#hours[i]
    }
  }

  /** Windows that say what the slot is like, as far as they have not faded. */
  weightOf(kind: SeasonKind, slot: number): number {
    const { width } = this.slots
    const day = Math.floor(slot / this.perDay)
    const at = (slot % this.perDay) * width
    if (kind === 'hour-of-week') return this.#days[day]?.[at] ?? 0
    return kind === 'none' ? this.#week[0] : this.#classes[(isWeekend(day) ? this.perDay * width : 0) + at]
  }

  /** @returns levels, the weight left aside; null where there is no other window at all */
  of(kind: SeasonKind, slot: number, without: Without | null = null): Float64Array | null {
    const { width, level } = this.slots
    const { perDay } = this
    const less = without?.weight ?? 0
    const whole = this.#week[0] - less
    if (whole < 1e-3) return null
    const mean = new Float64Array(width)
    const levels = without === null || level === null ? without?.levels : without.levels.map((x, l) => x - level[l])
    const rest = 1 / whole
    if (levels === undefined) for (let l = 1; l < width; l++) mean[l] = this.#week[l] * rest
    else for (let l = 1; l < width; l++) mean[l] = (this.#week[l] - less * levels[l]) * rest
    if (kind === 'none') return atLevel(mean, level)
    const day = Math.floor(slot / perDay)
    const at = (slot % perDay) * width
    shrink(mean, this.#hours, at, less, levels)
    shrink(mean, this.#classes, at + (isWeekend(day) ? perDay * width : 0), less, levels)
    const own = this.#days[day]
    if (kind === 'hour-of-week' && own !== null) shrink(mean, own, at, less, levels)
    return atLevel(mean, level)
  }
}

function atLevel(mean: Float64Array, level: Float32Array | null): Float64Array {
  if (level !== null) for (let l = 1; l < mean.length; l++) mean[l] += level[l]
  return mean
}

/** From the coarser slot's mean to that of the finer one, whose sums begin at `at`. */
function shrink(
  mean: Float64Array,
  sums: Float64Array | Float32Array,
  at: number,
  less: number,
  levels: Float64Array | undefined,
): void {
  const weight = Math.max(0, sums[at] - less)
  const share = 1 / (weight + SHRINK)
  // A slot without a window of its own has no sums, but for what rounding left.
  const own = weight === 0 ? 0 : share
  const coarse = SHRINK * share
  if (levels === undefined) for (let l = 1; l < mean.length; l++) mean[l] = own * sums[at + l] + coarse * mean[l]
  else for (let l = 1; l < mean.length; l++) mean[l] = own * (sums[at + l] - less * levels[l]) + coarse * mean[l]
}
