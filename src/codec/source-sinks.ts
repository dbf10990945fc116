import { INFINITE, NAN, NULL, NUMBER, type Row, TEXT, UNSAFE, WRONG_TYPE } from '../core/row.js'
import type { Sink } from './sink.js'
import type { Varint } from './varint.js'

/** Takes nothing but null: what a sink of one kind of value makes of all others. */
abstract class KindSink implements Sink {
  constructor(readonly slot: number) {}

  none(row: Row): void {
    row.flags[this.slot] = NULL
  }
  number(row: Row, _x: number): void {
    this.wrong(row)
  }
  unsafe(row: Row, _x: number, _exact: Varint | null): void {
    this.wrong(row)
  }
  boolean(row: Row, _value: boolean): void {
    this.wrong(row)
  }
  text(row: Row, _from: number, _length: number): void {
    this.wrong(row)
  }
  bytes(row: Row, _from: number, _length: number): void {
    this.wrong(row)
  }
  wrong(row: Row): void {
    row.flags[this.slot] = WRONG_TYPE
  }
}

/** Writes where a text lies into its slot of the row; what is made of it is computed from there. */
export class TextSlotSink extends KindSink {
  override text(row: Row, from: number, length: number): void {
    const { slot } = this
    row.flags[slot] = TEXT
    row.categories[slot] = -1
    row.starts[slot] = from
    row.lengths[slot] = length
  }
}

/**
 * Writes a vector of numbers into the row, number by number: `begin`, any of `take`, `number` and what is no number, `end`. A vector that is
 * empty, too long, or has anything in it that is no usable number is none: the slot's flag says why.
 */
export class VectorSink extends KindSink {
  /** Takes the single items of an array whose items are not all of one binary form. */
  readonly items: Sink = new Items(this)
  #from = 0
  #size = 0
  #flag: number = NUMBER

  /** @param most numbers of a vector */
  constructor(
    slot: number,
    private readonly most: number,
  ) {
    super(slot)
  }

  begin(row: Row): void {
    this.#from = row.vectorsUsed
    this.#size = 0
    this.#flag = NUMBER
  }

  push(row: Row, x: number): void {
    if (x - x !== 0) {
      this.spoil(Number.isNaN(x) ? NAN : INFINITE)
      return
    }
    if (!this.#room(row, 1)) return
    row.vectors[this.#from + this.#size++] = x
  }

  /** So many doubles, or floats, from there on; all of them lie within the record. */
  take(row: Row, view: DataView, at: number, count: number, double: boolean): void {
    if (!this.#room(row, count)) return
    const { vectors } = row
    let to = this.#from + this.#size
    let sum = 0
    for (let i = 0; i < count; i++) {
      const x = double ? view.getFloat64(at + 8 * i, true) : view.getFloat32(at + 4 * i, true)
      vectors[to++] = x
      sum += x - x
    }
    this.#size += count
    if (sum !== 0) this.spoil(vectors.subarray(to - count, to).some(Number.isNaN) ? NAN : INFINITE)
  }

  /** Something in it is no usable number; the first says what. */
  spoil(flag: number): void {
    if (this.#flag === NUMBER) this.#flag = flag
  }

  end(row: Row): void {
    const { slot } = this
    const flag = this.#size === 0 && this.#flag === NUMBER ? WRONG_TYPE : this.#flag
    row.flags[slot] = flag
    if (flag !== NUMBER) return
    row.starts[slot] = this.#from
    row.lengths[slot] = this.#size
    row.vectorsUsed = this.#from + this.#size
  }

  #room(row: Row, more: number): boolean {
    if (this.#size + more > this.most) {
      this.spoil(WRONG_TYPE)
      return false
    }
    row.fitVectors(this.#size + more)
    return true
  }
}

/** One number of a vector. */
class Items implements Sink {
  constructor(private readonly vector: VectorSink) {}

  number(row: Row, x: number): void {
    this.vector.push(row, x)
  }
  unsafe(_row: Row, _x: number, _exact: Varint | null): void {
    this.vector.spoil(UNSAFE)
  }
  /** No number, as a NaN is: files and writers of both do not tell the two apart. */
  none(): void {
    this.vector.spoil(NAN)
  }
  boolean(): void {
    this.vector.spoil(WRONG_TYPE)
  }
  text(): void {
    this.vector.spoil(WRONG_TYPE)
  }
  bytes(): void {
    this.vector.spoil(WRONG_TYPE)
  }
  wrong(): void {
    this.vector.spoil(WRONG_TYPE)
  }
}
