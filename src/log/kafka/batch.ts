import type { Batch as KafkajsBatch, KafkaMessage } from 'kafkajs'
import type { Batch } from '../../core/ports.js'
import { Fetched } from './fetch-answer.js'
import type { FetchedRecords } from './fetched-records.js'

const NOTHING = new Uint8Array(0)
const NO_HEADERS: Readonly<Record<string, Uint8Array>> = Object.freeze({})

/** What is new in a fetched batch, whoever decoded it. @param position records before it have been handed over already */
export function batchFrom(batch: KafkajsBatch, position: number): Batch {
  const all: unknown = batch.messages[0]
  return all instanceof Fetched
    ? new FetchedBatch(batch, all.records, position)
    : new KafkaBatch(batch, firstAt(batch, position))
}

/** A batch of records that we have decoded ourselves. */
class FetchedBatch implements Batch {
  readonly topic: string
  readonly partition: number
  readonly size: number
  readonly nextOffset: number
  readonly highWatermark: number
  readonly #records: FetchedRecords
  readonly #from: number

  constructor(batch: KafkajsBatch, records: FetchedRecords, position: number) {
    this.topic = batch.topic
    this.partition = batch.partition
    this.highWatermark = Number(batch.highWatermark)
    this.nextOffset = records.nextOffset
    this.#records = records
    this.#from = records.firstAt(position)
    this.size = records.size - this.#from
  }

  offset(index: number): number {
    return this.#records.offsets[this.#from + index]
  }

  value(index: number): Uint8Array | null {
    return this.#records.value(this.#from + index)
  }

  memory(index: number): Uint8Array {
    return this.#records.memory(this.#from + index)
  }

  valueStart(index: number): number {
    return this.#records.valueStart(this.#from + index)
  }

  valueEnd(index: number): number {
    return this.#records.valueEnd(this.#from + index)
  }

  key(index: number): Uint8Array | null {
    return this.#records.key(this.#from + index)
  }

  timestamp(index: number): number {
    return this.#records.timestamps[this.#from + index]
  }

  headers(index: number): Readonly<Record<string, Uint8Array>> {
    return this.#records.headers(this.#from + index)
  }
}

/** A fetched batch as kafkajs decoded it; nothing is copied, and what is not asked for is not made. */
class KafkaBatch implements Batch {
  readonly topic: string
  readonly partition: number
  readonly size: number
  readonly nextOffset: number
  readonly highWatermark: number
  readonly #messages: readonly KafkaMessage[]
  readonly #from: number
  /** Offset of the first record where none is missing in between; −1 otherwise. */
  readonly #first: number

  /** @param from records before it have been handed over already */
  constructor(batch: KafkajsBatch, from: number) {
    this.topic = batch.topic
    this.partition = batch.partition
    this.#messages = batch.messages
    this.#from = from
    this.size = batch.messages.length - from
    this.nextOffset = Number(batch.lastOffset()) + 1
    this.highWatermark = Number(batch.highWatermark)
    const first = this.size > 0 ? Number(this.#messages[from].offset) : 0
    this.#first = this.size > 0 && Number(this.#messages.at(-1)!.offset) === first + this.size - 1 ? first : -1
  }

  offset(index: number): number {
    return this.#first >= 0 ? this.#first + index : Number(this.#messages[this.#from + index].offset)
  }

  value(index: number): Uint8Array | null {
    return this.#messages[this.#from + index].value
  }

  memory(index: number): Uint8Array {
    return this.#messages[this.#from + index].value ?? NOTHING
  }

  valueStart(): number {
    return 0
  }

  valueEnd(index: number): number {
    return this.#messages[this.#from + index].value?.length ?? -1
  }

  key(index: number): Uint8Array | null {
    return this.#messages[this.#from + index].key
  }

  timestamp(index: number): number {
    return decimal(this.#messages[this.#from + index].timestamp)
  }

  /** Of a repeated name the last; a header without a value is left out. */
  headers(index: number): Readonly<Record<string, Uint8Array>> {
    const { headers } = this.#messages[this.#from + index]
    if (headers === undefined) return NO_HEADERS
    const normal = Object.entries(headers).flatMap(([name, one]) => {
      const last = Array.isArray(one) ? one.at(-1) : one
      return last == null ? [] : [[name, typeof last === 'string' ? Buffer.from(last) : last] as const]
    })
    return Object.fromEntries(normal)
  }
}

/** Only control records or records that compaction has taken: the position moves, nothing is to be read. */
export class EmptyBatch implements Batch {
  readonly size = 0
  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly nextOffset: number,
    readonly highWatermark: number,
  ) {}
  offset(): number {
    return this.nextOffset
  }
  value(): null {
    return null
  }
  memory(): Uint8Array {
    return NOTHING
  }
  valueStart(): number {
    return 0
  }
  valueEnd(): number {
    return -1
  }
  key(): null {
    return null
  }
  timestamp(): number {
    return 0
  }
  headers(): Readonly<Record<string, Uint8Array>> {
    return NO_HEADERS
  }
}

/** Index of the first record at or after an offset. */
function firstAt(batch: KafkajsBatch, offset: number): number {
  const { messages } = batch
  let index = 0
  while (index < messages.length && Number(messages[index].offset) < offset) index++
  return index
}

/** kafkajs gives numbers as text; for a time of 13 digits this takes a third of what `Number` does. */
function decimal(text: string): number {
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return Number(text)
    value = value * 10 + digit
  }
  return value
}
