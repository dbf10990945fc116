import type { Batch, Offsets, OutgoingRecord } from '../core/ports.js'

const SEGMENT_BYTES = 1 << 20
const NO_HEADERS: Readonly<Record<string, Uint8Array>> = Object.freeze({})
const utf8 = new TextEncoder()

/** Consecutive records side by side in one buffer: some twenty bytes beside its content for each, however many there are. */
class Segment {
  count = 0
  readonly #starts: number[] = []
  /** −1 for null. */
  readonly #keys: number[] = []
  readonly #values: number[] = []
  readonly #timestamps: number[] = []
  readonly #headers = new Map<number, Readonly<Record<string, Uint8Array>>>()
  #bytes = Buffer.allocUnsafeSlow(1024)
  #used = 0

  constructor(readonly base: number) {}

  get end(): number {
    return this.base + this.count
  }

  get isLarge(): boolean {
    return this.#used >= SEGMENT_BYTES
  }

  add({ key, value, headers }: OutgoingRecord, timestamp: number): void {
    const index = this.count++
    this.#starts.push(this.#used)
    this.#keys.push(this.#put(typeof key === 'string' ? utf8.encode(key) : key))
    this.#values.push(this.#put(value))
    this.#timestamps.push(timestamp)
    if (headers === undefined) return
    const entries = Object.entries(headers).map(([name, one]) => [name, Buffer.from(one as Uint8Array)] as const)
    this.#headers.set(index, Object.fromEntries(entries))
  }

  /** No more records come: the spare room is given back. */
  close(): void {
    const exact = Buffer.allocUnsafeSlow(this.#used)
    exact.set(this.#bytes.subarray(0, this.#used))
    this.#bytes = exact
  }

  key(index: number): Uint8Array | null {
    const start = this.#starts[index]
    return this.#keys[index] < 0 ? null : this.#bytes.subarray(start, start + this.#keys[index])
  }

  value(index: number): Uint8Array | null {
    return this.#values[index] < 0 ? null : this.#bytes.subarray(this.valueStart(index), this.valueEnd(index))
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  valueStart(index: number): number {
    return this.#starts[index] + Math.max(0, this.#keys[index])
  }

  valueEnd(index: number): number {
    return this.#values[index] < 0 ? -1 : this.valueStart(index) + this.#values[index]
  }

  timestamp(index: number): number {
    return this.#timestamps[index]
  }

  headers(index: number): Readonly<Record<string, Uint8Array>> {
    return this.#headers.get(index) ?? NO_HEADERS
  }

  #put(bytes: Uint8Array | null): number {
    if (bytes === null) return -1
    const needed = this.#used + bytes.length
    if (needed > this.#bytes.length) {
      // Batches handed out keep the old buffer, whose content does not change.
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, this.#used))
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#used)
    this.#used = needed
    return bytes.length
  }
}

class SegmentBatch implements Batch {
  readonly nextOffset: number
  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly segment: Segment,
    private readonly from: number,
    readonly size: number,
    readonly highWatermark: number,
  ) {
    this.nextOffset = segment.base + from + size
  }
  offset(index: number): number {
    return this.segment.base + this.from + index
  }
  value(index: number): Uint8Array | null {
    return this.segment.value(this.from + index)
  }
  memory(): Uint8Array {
    return this.segment.bytes
  }
  valueStart(index: number): number {
    return this.segment.valueStart(this.from + index)
  }
  valueEnd(index: number): number {
    return this.segment.valueEnd(this.from + index)
  }
  key(index: number): Uint8Array | null {
    return this.segment.key(this.from + index)
  }
  timestamp(index: number): number {
    return this.segment.timestamp(this.from + index)
  }
  headers(index: number): Readonly<Record<string, Uint8Array>> {
    return this.segment.headers(this.from + index)
  }
}

/** One partition of the embedded log. A batch ends where a segment does. */
export class EmbeddedPartition {
  readonly #segments: Segment[] = []
  #first = 0
  #end = 0

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly batchSize: number,
  ) {}

  get offsets(): Offsets {
    return { first: this.#first, end: this.#end }
  }

  append(record: OutgoingRecord, timestamp: number): void {
    let segment = this.#segments.at(-1)
    if (segment === undefined || segment.count >= this.batchSize || segment.isLarge) {
      segment?.close()
      segment = new Segment(this.#end)
      this.#segments.push(segment)
    }
    segment.add(record, timestamp)
    this.#end++
  }

  /** Up to a batch of records from `offset` on, or from the oldest that is left; null at the end. */
  read(offset: number): Batch | null {
    const from = Math.max(offset, this.#first)
    if (from >= this.#end) return null
    const segment = this.#segments[this.#segmentAt(from)]
    const size = Math.min(this.batchSize, segment.end - from)
    return new SegmentBatch(this.topic, this.partition, segment, from - segment.base, size, this.#end)
  }

  offsetAt(time: number): number {
    for (const segment of this.#segments)
      for (let i = 0; i < segment.count; i++)
        if (segment.timestamp(i) >= time && segment.base + i >= this.#first) return segment.base + i
    return this.#end
  }

  /** Forgets the records below `before`; their memory goes segment by segment. */
  truncate(before: number): void {
    this.#first = Math.max(this.#first, Math.min(before, this.#end))
    let gone = 0
    while (gone < this.#segments.length && this.#segments[gone].end <= this.#first) gone++
    if (gone > 0) this.#segments.splice(0, gone)
  }

  /** Index of the segment that holds an offset: the last whose base is not above it. */
  #segmentAt(offset: number): number {
    let low = 0
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#segments[middle].base <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}
