import type { Monitor } from '../../monitor.js'
import { COUNTERS } from '../counters.js'

const HOUR = 3_600_000
/** Days from Monday on; the last two are the weekend. */
export const DAYS = 7
/** Share that a slot keeps of what it knows from one week to the next: ten weeks count, older ones fade. */
const WEEKLY = 0.9
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
/** Windows whose slot is kept in memory. */
const MOST_KNOWN = 1000

/**
 * Slots of the week that a monitor's windows fall into, by the local clock at their middle: hours, or as many hours as a window is long. A day
 * of 23 or 25 hours goes past one slot or into one twice; the others stay what they are.
 */
export class SeasonClock {
  /** Slots of a day: 24 or a divisor of it, 1 where windows are days. */
  readonly perDay: number
  /** Of what a slot knows, when a window is added. */
  readonly decay: number
  readonly #format: Intl.DateTimeFormat
  readonly #half: number
  readonly #known = new Map<number, number>()

  /** Of zone and slots, and of how many counters a slot's numbers are. */
  readonly name: string

  private constructor(zone: string, sizeMs: number) {
    const hours = [1, 2, 3, 4, 6, 8, 12, 24].find(length => length * HOUR >= sizeMs)!
    this.perDay = 24 / hours
    this.name = `${zone}/${this.perDay}/${COUNTERS.length}`
    this.decay = WEEKLY ** Math.min(1, sizeMs / HOUR)
    this.#half = sizeMs / 2
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hour: 'numeric',
      weekday: 'short',
      hourCycle: 'h23',
    })
  }

  /** Null where the monitor wants no seasons, or its windows are longer than a day. */
  static of({ window, seasons }: Pick<Monitor, 'window' | 'seasons'>): SeasonClock | null {
    if (seasons?.kind === 'none' || window.sizeMs > 24 * HOUR) return null
    return new SeasonClock(seasons?.zone ?? 'UTC', window.sizeMs)
  }

  /** Slots of a week. */
  get slots(): number {
    return DAYS * this.perDay
  }

  /**
   * @param start of a window, epoch ms
   * @returns 0 for the first slot of Monday
   */
  slotOf(start: number): number {
    let slot = this.#known.get(start)
    if (slot === undefined) {
      const parts = this.#format.formatToParts(start + this.#half)
      const said = (type: string): string => parts.find(part => part.type === type)!.value
      const day = WEEKDAYS.indexOf(said('weekday'))
      slot = day * this.perDay + Math.floor((Number(said('hour')) * this.perDay) / 24)
      if (this.#known.size >= MOST_KNOWN) this.#known.clear()
      this.#known.set(start, slot)
    }
    return slot
  }
}

/** Whether a day of the week, from Monday = 0, is one of the weekend. */
export function isWeekend(day: number): boolean {
  return day >= 5
}
