import type { Logger } from 'pino'
import { deadLetter } from '../codec/dead-letter.js'
import type { Batch, OutgoingRecord } from '../core/ports.js'
import type { Rejection } from '../core/rejection.js'

/** Dead letters that are held at once, and their bytes: some hundred bytes of garbage cost a kilobyte each. */
const MOST_LETTERS = 500
const MOST_BYTES = 1 << 20
/** A flood of rejected records is one line of the log in this time. */
const TELL_EVERY_MS = 60_000

/** Dead letters of a batch that are still to be written. Who fills it writes when it is full: a flood waits in the source topic, not in memory. */
export class Letters {
  #records: OutgoingRecord[] = []
  #bytes = 0

  get isFull(): boolean {
    return this.#records.length >= MOST_LETTERS || this.#bytes >= MOST_BYTES
  }

  put(batch: Batch, index: number, cause: Rejection, now: number): void {
    this.#records.push(deadLetter(batch, index, cause, now))
    this.#bytes += batch.value(index)?.length ?? 0
  }

  /** Takes all that are there. */
  take(): readonly OutgoingRecord[] {
    const records = this.#records
    this.#records = []
    this.#bytes = 0
    return records
  }
}

/** Says in the log that records of a topic are rejected: the first at once, then how many, once a minute while it goes on. */
export class RejectionLog {
  readonly #causes = new Map<Rejection, number>()
  #toldAt = Number.NEGATIVE_INFINITY
  #last: { readonly partition: number; readonly offset: number } | null = null

  constructor(
    private readonly topic: string,
    private readonly logger: Logger,
  ) {}

  count(cause: Rejection, partition: number, offset: number, now: number): void {
    this.#causes.set(cause, (this.#causes.get(cause) ?? 0) + 1)
    if (now - this.#toldAt < TELL_EVERY_MS) this.#last = { partition, offset }
    else this.#tell({ partition, offset }, now)
  }

  /** What has been held back is told when its time has come. */
  tick(now: number): void {
    if (this.#last !== null && now - this.#toldAt >= TELL_EVERY_MS) this.#tell(this.#last, now)
  }

  #tell(last: { readonly partition: number; readonly offset: number }, now: number): void {
    this.logger.warn(
      { topic: this.topic, rejected: Object.fromEntries(this.#causes), last },
      'records are rejected; `driftline dead-letters list` shows them',
    )
    this.#causes.clear()
    this.#last = null
    this.#toldAt = now
  }
}
