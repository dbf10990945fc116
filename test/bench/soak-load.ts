import type { Rejection } from '../../src/core/rejection.js'
import type { Random } from '../random.js'
import { seeded } from '../random.js'

export interface LoadShape {
  readonly models: number
  readonly partitions: number
  /** Of a window, of its grace, and how long it is revised after its end; ms of event time. */
  readonly sizeMs: number
  readonly graceMs: number
  readonly reviseForMs: number
  /** Event time of the first round. */
  readonly start: number
  /** Of a window, each a record of every model in every partition. */
  readonly rounds: number
}

/** A record of the features' schema. @param drifts whether some of its features are not as in training */
export type MakeRecord = (model: number, eventTime: number, id: number, drifts: boolean) => Buffer

export interface LoadRecord {
  readonly key: null
  readonly partition: number
  readonly value: Buffer | null
}

/** Poison comes once in so many rounds. */
const POISON_EVERY = 60
const POISON = ['not-avro', 'truncated', 'event-time-implausible', 'tombstone'] as const satisfies Rejection[]
/** Every so many windows another model drifts, for so many windows. */
const EPISODE = 12
const DRIFTS_FOR = 4
/** Most are within grace; some come for a revision; a few beyond any. */
const LATENESS_MS = [...new Array(45).fill(4_000), ...new Array(4).fill(100_000), 480_000]

/**
 * Records of a time that goes on, late ones and poison among them. What must become of each is known from the records before it in its
 * partition: Driftline's counts are compared with it.
 */
export class Load {
  /** All records made so far. */
  sent = 0
  aggregated = 0
  /** Too late for any revision. */
  late = 0
  readonly poisoned = new Map<Rejection, number>()
  readonly #random: Random = seeded(20260105)
  /** By model and partition. */
  readonly #watermarks: Float64Array
  /** Event time of the last round, and of a round, ms. */
  #time: number
  #step: number

  constructor(
    private readonly shape: LoadShape,
    private readonly record: MakeRecord,
  ) {
    this.#watermarks = new Float64Array(shape.models * shape.partitions).fill(Number.NEGATIVE_INFINITY)
    this.#step = shape.sizeMs / shape.rounds
    this.#time = shape.start - this.#step
  }

  /** Event time that every partition has come to with the last record. */
  get reached(): number {
    return Math.floor(this.#time)
  }

  /** Windows whose time has passed, with the part of the one that it is in. */
  get windows(): number {
    return (this.#time + this.#step - this.shape.start) / this.shape.sizeMs
  }

  /** End of the newest window that closes, now that every partition has come this far. */
  get closed(): number {
    const { sizeMs, graceMs } = this.shape
    return Math.floor((this.reached - graceMs) / sizeMs) * sizeMs
  }

  /** From now on a window has so many rounds. */
  pace(rounds: number): void {
    this.#step = this.shape.sizeMs / rounds
  }

  /** Some rounds more; all of the last are on time, so that time comes as far in every partition. */
  next(rounds: number): LoadRecord[] {
    const { models, partitions } = this.shape
    const random = this.#random
    const records: LoadRecord[] = []
    for (let left = rounds; left > 0; left--) {
      this.#time += this.#step
      const now = this.reached
      for (let i = 0; i < models * partitions; i++) {
        const lateness = left === 1 ? 0 : random.integer(0, random.pick(LATENESS_MS))
        records.push(this.#row(i % models, Math.floor(i / models), now - lateness))
      }
      if (random.chance(1 / POISON_EVERY)) records.push(this.#poison(now))
    }
    return records
  }

  /** One of each model in each partition, long after all others: closes all windows. */
  last(): LoadRecord[] {
    this.#time += 10 * this.shape.sizeMs
    return this.next(1)
  }

  #row(model: number, partition: number, time: number): LoadRecord {
    const { sizeMs, graceMs, reviseForMs, start, models } = this.shape
    const at = model * this.shape.partitions + partition
    const watermark = this.#watermarks[at]!
    const end = (Math.floor(time / sizeMs) + 1) * sizeMs
    if (watermark >= end + reviseForMs + graceMs) this.late++
    else {
      this.aggregated++
      this.#watermarks[at] = Math.max(watermark, time)
    }
    const drifts = isDrifting(model, Math.floor((time - start) / sizeMs), models)
    return { key: null, partition, value: this.record(model, time, this.sent++, drifts) }
  }

  #poison(now: number): LoadRecord {
    const cause = this.#random.pick(POISON)
    this.poisoned.set(cause, (this.poisoned.get(cause) ?? 0) + 1)
    const partition = this.#random.integer(0, this.shape.partitions - 1)
    return { key: null, partition, value: this.#spoilt(cause, now, this.sent++) }
  }

  #spoilt(cause: (typeof POISON)[number], now: number, id: number): Buffer | null {
    if (cause === 'tombstone') return null
    if (cause === 'not-avro') return Buffer.from('{"no": "Avro"}')
    // Seconds for milliseconds lie in 1970.
    const whole = this.record(id % this.shape.models, cause === 'truncated' ? now : now / 1000, id, false)
    return cause === 'truncated' ? whole.subarray(0, Math.floor(0.6 * whole.length)) : whole
  }
}

/** @param window number of a window since the start */
export function isDrifting(model: number, window: number, models: number): boolean {
  const episode = Math.floor(window / EPISODE)
  return episode > 0 && episode % models === model && window % EPISODE < DRIFTS_FOR
}
