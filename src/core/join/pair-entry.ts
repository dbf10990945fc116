import { textOf, utf8 } from '../dictionary.js'
import { NUMBER, TEXT } from '../row.js'
import { flagOf, type PairValue, pairValue } from './pair-value.js'

/** The row of one side of a pair. */
export interface PairRow {
  /** Epoch ms. */
  readonly time: number
  /** Where it lies in its topic. */
  readonly partition: number
  readonly offset: number
  /** Index into the joiner's model versions; −1 on sides that know none. */
  readonly version: number
  /** Index into the joiner's segments; −1 on sides that know none. */
  readonly segment: number
  /** 32-bit hash of the entity; 0: none. */
  readonly entity: number
  /** By the joiner's columns; those at the end that are left out are undefined. */
  readonly values: readonly PairValue[]
  /** Rows of the key on this side, this one included. */
  readonly copies: number
}

/** All that is held of one key. */
export interface PairEntry {
  /** Where it lies (`Shelf.id`). */
  shelf: number
  served: PairRow | null
  other: PairRow | null
}

const SERVED = 1
const OTHER = 2

/** An entry in few bytes; its shelf is told beside them. */
export function encodePairEntry({ served, other }: PairEntry): Uint8Array {
  const writer = new Writer()
  writer.byte((served === null ? 0 : SERVED) | (other === null ? 0 : OTHER))
  for (const row of [served, other]) if (row !== null) writer.row(row)
  return writer.take()
}

export function decodePairEntry(shelf: number, bytes: Uint8Array): PairEntry {
  const reader = new Reader(bytes)
  const flags = reader.byte()
  const served = (flags & SERVED) === 0 ? null : reader.row()
  return { shelf, served, other: (flags & OTHER) === 0 ? null : reader.row() }
}

let memory = new Uint8Array(1024)
let view = new DataView(memory.buffer)

class Writer {
  #at = 0

  take(): Uint8Array {
    return memory.slice(0, this.#at)
  }

  byte(byte: number): void {
    this.#room(1)
    memory[this.#at++] = byte
  }

  row({ time, partition, offset, version, segment, entity, values, copies }: PairRow): void {
    this.#double(time)
    for (const number of [partition, offset, version + 1, segment + 1, entity >>> 0, copies, values.length])
      this.#number(number)
    for (const value of values) this.#value(value)
  }

  #value(value: PairValue): void {
    const flag = flagOf(value)
    this.byte(flag)
    if (flag === NUMBER) this.#double(value as number)
    if (flag !== TEXT) return
    const bytes = utf8(value as string)
    this.#number(bytes.length)
    this.#room(bytes.length)
    memory.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #double(value: number): void {
    this.#room(8)
    view.setFloat64(this.#at, value)
    this.#at += 8
  }

  /** Seven bits a byte, the low ones first. */
  #number(number: number): void {
    let rest = number
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128)
    this.byte(rest)
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= memory.length) return
    const grown = new Uint8Array(2 * (this.#at + bytes))
    grown.set(memory)
    memory = grown
    view = new DataView(memory.buffer)
  }
}

class Reader {
  readonly #view: DataView
  #at = 0

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  byte(): number {
    return this.bytes[this.#at++]
  }

  row(): PairRow {
    const time = this.#double()
    const [partition, offset, version, segment] = [this.#number(), this.#number(), this.#number(), this.#number()]
    const [entity, copies, size] = [this.#number(), this.#number(), this.#number()]
    const values = Array.from({ length: size }, () => this.#value())
    return { time, partition, offset, version: version - 1, segment: segment - 1, entity, copies, values }
  }

  #value(): PairValue {
    const flag = this.byte()
    if (flag === NUMBER) return this.#double()
    if (flag !== TEXT) return pairValue(flag, 0)
    const length = this.#number()
    this.#at += length
    return textOf(this.bytes, this.#at - length, length)
  }

  #double(): number {
    this.#at += 8
    return this.#view.getFloat64(this.#at - 8)
  }

  #number(): number {
    let number = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = this.byte()
      number += (byte & 127) * unit
      if (byte < 128) return number
    }
  }
}
