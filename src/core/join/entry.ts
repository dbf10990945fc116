/** A prediction that a label may come for: what counting it, and taking it back, needs. */
export interface Prediction {
  /** Epoch ms. */
  readonly time: number
  /** Where it lies in the serving topic. */
  readonly partition: number
  readonly offset: number
  /** Index into the joiner's model versions. */
  readonly version: number
  /** Index into the joiner's segments. */
  readonly segment: number
  /** One for each output; NaN: none. */
  readonly values: readonly number[]
}

/** What came true: one time and value. */
export interface Label {
  readonly time: number
  readonly value: number
  /** How often it came. */
  copies: number
}

/** All that is held of one key. */
export interface Entry {
  /** Where it lies (`Shelf.id`). */
  shelf: number
  prediction: Prediction | null
  /** By time, then value; none after the prediction's horizon. */
  readonly labels: Label[]
}

/** Different labels that are held of one key; of more, the latest. */
export const MOST_LABELS = 8

/** The label, where it is for the prediction: not earlier by more than grace. That none is later than the horizon, the entry sees to. */
export function labelFor({ time }: Prediction, label: Label | undefined, graceMs: number): Label | null {
  return label !== undefined && label.time >= time - graceMs ? label : null
}

/** Which of two rows of a key and side counts. */
export function isEarlier<R extends Pick<Prediction, 'time' | 'partition' | 'offset'>>(a: R, b: R): boolean {
  return (a.time - b.time || a.partition - b.partition || a.offset - b.offset) < 0
}

/**
 * Puts a label among those of its key, or counts a copy of it.
 * @returns its index; −1 for a copy
 */
export function insertLabel(labels: Label[], label: Label): number {
  let at = labels.length
  while (at > 0 && isBefore(label, labels[at - 1])) at--
  const before = labels[at - 1]
  if (before !== undefined && before.time === label.time && Object.is(before.value, label.value)) {
    before.copies++
    return -1
  }
  labels.splice(at, 0, label)
  return at
}

function isBefore(a: Label, b: Label): boolean {
  return a.time < b.time || (a.time === b.time && a.value < b.value)
}

/** In the first byte. */
const PREDICTED = 1
/** Values are doubles, where floats do not say the same. */
const WIDE = 2
/** Times are doubles, where 48 bits of whole milliseconds do not say the same. */
const FINE = 4
const LABELS_FROM = 3

/** Two doubles, and four varints of at most eight bytes. */
const LARGEST_HEAD = 1 + 8 + 4 * 8
const LARGEST_LABEL = 8 + 8 + 8
const WHOLE = 2 ** 48

let memory = new Uint8Array(LARGEST_HEAD + MOST_LABELS * LARGEST_LABEL + 64 * 8)
let view = new DataView(memory.buffer)

/** An entry in few bytes; its shelf is told beside them. */
export function encodeEntry({ prediction, labels }: Entry): Uint8Array {
  const outputs = prediction?.values.length ?? 0
  const room = LARGEST_HEAD + outputs * 8 + labels.length * LARGEST_LABEL
  if (room > memory.length) {
    memory = new Uint8Array(2 * room)
    view = new DataView(memory.buffer)
  }
  const wide = !(prediction?.values ?? []).every(isFloat) || !labels.every(({ value }) => isFloat(value))
  const fine = (prediction !== null && !isWhole(prediction.time)) || !labels.every(({ time }) => isWhole(time))
  memory[0] =
    (prediction === null ? 0 : PREDICTED) | (wide ? WIDE : 0) | (fine ? FINE : 0) | (labels.length << LABELS_FROM)
  let at = 1
  if (prediction !== null) {
    at = putTime(at, prediction.time, fine)
    for (const number of [prediction.partition, prediction.offset, prediction.version, prediction.segment])
      at = putNumber(at, number)
    for (const value of prediction.values) at = putValue(at, value, wide)
  }
  for (const { time, value, copies } of labels) at = putNumber(putValue(putTime(at, time, fine), value, wide), copies)
  return memory.slice(0, at)
}

/** @param outputs values of a prediction */
export function decodeEntry(shelf: number, bytes: Uint8Array, outputs: number): Entry {
  const reader = new Reader(bytes)
  let prediction: Prediction | null = null
  if (reader.has(PREDICTED)) {
    const time = reader.time()
    const [partition, offset, version, segment] = [reader.number(), reader.number(), reader.number(), reader.number()]
    const values = Array.from({ length: outputs }, () => reader.value())
    prediction = { time, partition, offset, version, segment, values }
  }
  const labels = Array.from({ length: bytes[0] >> LABELS_FROM }, () => {
    const [time, value] = [reader.time(), reader.value()]
    return { time, value, copies: reader.number() }
  })
  return { shelf, prediction, labels }
}

function isFloat(value: number): boolean {
  return Object.is(Math.fround(value), value)
}

function isWhole(time: number): boolean {
  return Number.isInteger(time) && time >= 0 && time < WHOLE
}

function putTime(at: number, time: number, fine: boolean): number {
  if (fine) return putValue(at, time, true)
  view.setUint16(at, Math.floor(time / 2 ** 32))
  view.setUint32(at + 2, time % 2 ** 32)
  return at + 6
}

function putValue(at: number, value: number, wide: boolean): number {
  if (wide) view.setFloat64(at, value)
  else view.setFloat32(at, value)
  return at + (wide ? 8 : 4)
}

/** Seven bits a byte, the low ones first. */
function putNumber(at: number, number: number): number {
  let rest = number
  while (rest >= 128) {
    memory[at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  memory[at] = rest
  return at + 1
}

class Reader {
  readonly #view: DataView
  #at = 1

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  has(flag: number): boolean {
    return (this.bytes[0] & flag) !== 0
  }

  time(): number {
    const at = this.#at
    this.#at += this.has(FINE) ? 8 : 6
    if (this.has(FINE)) return this.#view.getFloat64(at)
    return this.#view.getUint16(at) * 2 ** 32 + this.#view.getUint32(at + 2)
  }

  value(): number {
    const at = this.#at
    this.#at += this.has(WIDE) ? 8 : 4
    return this.has(WIDE) ? this.#view.getFloat64(at) : this.#view.getFloat32(at)
  }

  number(): number {
    let number = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = this.bytes[this.#at++]
      number += (byte & 127) * unit
      if (byte < 128) return number
    }
  }
}
