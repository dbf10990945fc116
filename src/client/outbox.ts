import type { WriterSchema } from './writer-schema.js'

/** An event as it will be sent. */
export interface Letter {
  readonly key: Buffer
  /** Avro: its schema's id is written into it before it is sent. */
  readonly value: Buffer
  readonly schema: WriterSchema | null
}

export interface OutboxBound {
  readonly events: number
  readonly bytes: number
}

/** Why an event was not taken. */
export type Declined = 'sampledOut' | 'bufferFull' | 'invalid' | 'closed'

/**
 * Sums that always hold: offered = accepted + all declined, and accepted = sent + buffered + all dropped.
 */
export interface OutboxStats {
  readonly offered: number
  readonly accepted: number
  readonly declined: Readonly<Record<Declined, number>>
  /** Acknowledged by Kafka. */
  readonly sent: number
  readonly buffered: number
  readonly bufferedBytes: number
  /** Accepted and then lost: refused by the broker for good (too large, say), or still here when closing ran out of time. */
  readonly dropped: { readonly refused: number; readonly abandoned: number }
  /** 0 to 1: how full the buffer is. */
  readonly pressure: number
}

/** What waits for one topic, oldest first, within a bound. A full one takes nothing more: what it has goes first, in order. */
export class Outbox {
  readonly #declined: Record<Declined, number> = { sampledOut: 0, bufferFull: 0, invalid: 0, closed: 0 }
  readonly #dropped = { refused: 0, abandoned: 0 }
  #letters: Letter[] = []
  /** Letters before it are gone; cut off now and then, since a shift of a long array moves all of it. */
  #first = 0
  #bytes = 0
  #accepted = 0
  #sent = 0

  constructor(readonly bound: OutboxBound) {}

  get size(): number {
    return this.#letters.length - this.#first
  }

  get pressure(): number {
    return Math.min(1, Math.max(this.size / this.bound.events, this.#bytes / this.bound.bytes))
  }

  get stats(): OutboxStats {
    const declined = { ...this.#declined }
    const refusals = Object.values(declined).reduce((sum, count) => sum + count, 0)
    return {
      offered: this.#accepted + refusals,
      accepted: this.#accepted,
      declined,
      sent: this.#sent,
      buffered: this.size,
      bufferedBytes: this.#bytes,
      dropped: { ...this.#dropped },
      pressure: this.pressure,
    }
  }

  /** One more event may come. An empty outbox has room for any event, however large. */
  get hasRoom(): boolean {
    return this.size < this.bound.events && (this.size === 0 || this.#bytes < this.bound.bytes)
  }

  decline(why: Declined): void {
    this.#declined[why]++
  }

  put(letter: Letter): void {
    this.#letters.push(letter)
    this.#bytes += sizeOf(letter)
    this.#accepted++
  }

  /** The oldest, at most so many events and bytes, but one at least. They stay until they are settled. */
  oldest(events: number, bytes: number): readonly Letter[] {
    let end = this.#first
    let size = 0
    while (end < this.#letters.length && end - this.#first < events) {
      size += sizeOf(this.#letters[end])
      if (size > bytes && end > this.#first) break
      end++
    }
    return this.#letters.slice(this.#first, end)
  }

  /** The oldest `count` are acknowledged. */
  sent(count: number): void {
    this.#sent += this.#take(count)
  }

  /** The oldest `count` are lost. */
  drop(count: number, why: 'refused' | 'abandoned'): void {
    this.#dropped[why] += this.#take(count)
  }

  #take(count: number): number {
    const end = Math.min(this.#letters.length, this.#first + count)
    const taken = end - this.#first
    for (let i = this.#first; i < end; i++) this.#bytes -= sizeOf(this.#letters[i])
    this.#first = end
    if (this.#first > 1024 && this.#first * 2 > this.#letters.length) {
      this.#letters = this.#letters.slice(this.#first)
      this.#first = 0
    }
    return taken
  }
}

/** Offsets, lengths, time and headers of a record, about. */
const OVERHEAD = 100

function sizeOf({ key, value }: Letter): number {
  return key.length + value.length + OVERHEAD
}
