import type { OutgoingRecord } from '../core/ports.js'
import { Random } from './random.js'
import { MODEL } from './ride.js'

/** A ride that was priced, and what its rider will do. */
export interface Priced {
  readonly requestId: string
  /** Epoch ms. */
  readonly time: number
  readonly score: number
  readonly accepted: boolean
}

/** What the service writes once the rider has decided. */
export interface LabelEvent {
  requestId: string
  model: string
  /** Epoch ms. */
  labelledAt: number
  accepted: boolean
}

/** Of the rides: nobody ever hears what became of them. */
const NEVER = 0.08
const SOONEST_MS = 120_000
const USUAL_MS = 35 * 60_000
/** Within the horizon of the monitor. */
const MOST_MS = 170 * 60_000

/** Whether each price was taken, as it becomes known: minutes to hours later, out of order, of some rides never. */
export class Labels {
  sent = 0
  readonly #random: Random
  #waiting: LabelEvent[] = []

  constructor(seed: number) {
    this.#random = new Random(seed ^ 0x1abe1)
  }

  add({ requestId, time, accepted }: Priced): void {
    if (this.#random.chance(NEVER)) return
    const delay = Math.min(MOST_MS, SOONEST_MS + this.#random.exponential(USUAL_MS))
    this.#waiting.push({ requestId, model: MODEL, labelledAt: time + Math.floor(delay), accepted })
  }

  /** Those known before `until`, in no order of their times; calls follow each other. */
  records(until: number): OutgoingRecord[] {
    const due = this.#waiting.filter(({ labelledAt }) => labelledAt < until)
    this.#waiting = this.#waiting.filter(({ labelledAt }) => labelledAt >= until)
    this.sent += due.length
    return due.map(event => ({
      key: event.requestId,
      value: Buffer.from(JSON.stringify(event)),
      timestamp: event.labelledAt,
    }))
  }
}
