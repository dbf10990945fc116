import kafkajs from 'kafkajs'
import { FetchedRecords } from './fetched-records.js'
import { ZigzagReader } from './zigzag-reader.js'

/** A transaction that was given up: records of this producer from this offset on, up to its abort marker, do not count. */
export interface Aborted {
  readonly producer: bigint
  readonly from: number
}

/** Bytes of a batch before `length` counts, and those before its records. */
const BEFORE_LENGTH = 12
const HEADER = 61
/** Where the byte lies that tells the format, in this one and in the older message sets. */
const FORMAT = 16
const FIRST_TIME = 27
const LATEST_TIME = 35
const RECORD_BATCHES = 2

const CODEC = 0x07
const APPEND_TIME = 0x08
const TRANSACTIONAL = 0x10
const CONTROL = 0x20
/** Key of a control record: a version, then this, both of two bytes. */
const ABORT_MARKER = 0

/** Bytes that are no record batches, though their header says so. */
class UnreadableRecords extends Error {}

/**
 * The records of one partition in a fetch's answer, in the format of Kafka 0.11 and later
 * (https://kafka.apache.org/documentation/#recordbatch). A last batch that is cut off is left for the next fetch. Checksums are not looked at,
 * as kafkajs does not either.
 * @returns null where there is nothing whole
 */
export async function decodeRecordBatches(bytes: Buffer, aborted: readonly Aborted[]): Promise<FetchedRecords | null> {
  const ends = wholeBatches(bytes)
  if (ends.length === 0) return null
  const records = new FetchedRecords(countOf(bytes, ends))
  const giveUps = new GivenUp(aborted)
  let start = 0
  for (const end of ends) {
    const batch = new RecordBatch(bytes, start, end)
    start = end
    records.nextOffset = batch.lastOffset + 1
    if (giveUps.includes(batch) || batch.isControl) continue
    const unpacked = await batch.unpack()
    readRecords(batch, unpacked.bytes, unpacked.from, unpacked.to, records)
  }
  return records
}

/** Whether these are batches of the format read here. */
export function areRecordBatches(bytes: Buffer): boolean {
  return bytes.length <= FORMAT || bytes[FORMAT] === RECORD_BATCHES
}

function wholeBatches(bytes: Buffer): number[] {
  const ends: number[] = []
  for (let start = 0; start + HEADER <= bytes.length; ) {
    const end = start + BEFORE_LENGTH + bytes.readInt32BE(start + 8)
    if (end < start + HEADER) throw new UnreadableRecords(`A record batch of ${end - start} bytes`)
    if (end > bytes.length) break
    if (bytes[start + FORMAT] !== RECORD_BATCHES) throw new UnreadableRecords(`Format ${bytes[start + FORMAT]}`)
    ends.push(end)
    start = end
  }
  return ends
}

function countOf(bytes: Buffer, ends: readonly number[]): number {
  let count = 0
  let start = 0
  for (const end of ends) {
    const more = bytes.readInt32BE(start + HEADER - 4)
    // Packed or not, a record takes bytes: a count beyond them must not ask for memory.
    if (more < 0 || more > MOST_RECORDS) throw new UnreadableRecords(`A record batch of ${more} records`)
    count += more
    start = end
  }
  return count
}

const MOST_RECORDS = 1 << 24

/** The header of a batch, and where its records lie. */
class RecordBatch {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly count: number
  readonly #attributes: number

  constructor(
    readonly bytes: Buffer,
    readonly start: number,
    readonly end: number,
  ) {
    this.firstOffset = long(bytes, start)
    this.#attributes = bytes.readInt16BE(start + 21)
    this.lastOffset = this.firstOffset + bytes.readInt32BE(start + 23)
    this.count = bytes.readInt32BE(start + HEADER - 4)
  }

  get isControl(): boolean {
    return (this.#attributes & CONTROL) !== 0
  }

  get isTransactional(): boolean {
    return (this.#attributes & TRANSACTIONAL) !== 0
  }

  /** Whether the broker stamped all records with one time; else each has its own, told from the first one's. */
  get isStamped(): boolean {
    return (this.#attributes & APPEND_TIME) !== 0
  }

  get time(): number {
    return long(this.bytes, this.start + (this.isStamped ? LATEST_TIME : FIRST_TIME))
  }

  get producer(): bigint {
    return this.bytes.readBigInt64BE(this.start + 43)
  }

  get isAbortMarker(): boolean {
    if (!this.isControl || this.count === 0) return false
    const reader = new ZigzagReader(this.bytes, this.start + HEADER)
    reader.int()
    reader.at++
    reader.long()
    reader.int()
    const key = reader.bytes()
    return key !== null && key.length >= 4 && ((key[2] << 8) | key[3]) === ABORT_MARKER
  }

  async unpack(): Promise<{ bytes: Buffer; from: number; to: number }> {
    const from = this.start + HEADER
    const codec = this.#attributes & CODEC
    if (codec === 0 || this.count === 0) return { bytes: this.bytes, from, to: this.end }
    const codecs: Readonly<Record<number, (() => { decompress(bytes: Buffer): Promise<Buffer> }) | undefined>> =
      kafkajs.CompressionCodecs
    const make = codecs[codec]
    if (make === undefined) throw new UnreadableRecords(`Compression codec ${codec}`)
    const bytes = await make().decompress(this.bytes.subarray(from, this.end))
    return { bytes, from: 0, to: bytes.length }
  }
}

/** Follows the transactions that were given up, batch by batch. */
class GivenUp {
  readonly #coming: Aborted[]
  readonly #now = new Set<bigint>()

  constructor(aborted: readonly Aborted[]) {
    this.#coming = [...aborted].sort((a, b) => a.from - b.from)
  }

  includes(batch: RecordBatch): boolean {
    if (this.#coming.length === 0 && this.#now.size === 0) return false
    while (this.#coming.length > 0 && this.#coming[0].from <= batch.lastOffset)
      this.#now.add(this.#coming.shift()!.producer)
    if (batch.isAbortMarker) this.#now.delete(batch.producer)
    return batch.isTransactional && this.#now.has(batch.producer)
  }
}

function readRecords(batch: RecordBatch, bytes: Buffer, from: number, to: number, records: FetchedRecords): void {
  const { firstOffset, isStamped, time, count } = batch
  const reader = new ZigzagReader(bytes, from)
  for (let i = 0; i < count; i++) {
    const size = reader.int()
    const end = reader.at + size
    reader.at++ // attributes, of which there are none yet
    const sinceFirst = reader.long()
    const offset = firstOffset + reader.int()
    const keyLength = reader.int()
    const keyAt = reader.at
    if (keyLength > 0) reader.at += keyLength
    const valueLength = reader.int()
    const valueAt = reader.at
    if (valueLength > 0) reader.at += valueLength
    if (!(size > 0 && reader.at < end && end <= to))
      throw new UnreadableRecords(`Record ${offset} runs out of its batch`)
    reader.at = end
    records.add(offset, isStamped ? time : time + sinceFirst, keyAt, keyLength, valueAt, valueLength)
  }
  if (count > 0) records.liesIn(bytes)
}

/** A 64-bit number that is exact below 2^53, as offsets and times are. */
function long(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)
}
