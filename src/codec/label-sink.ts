import { utf8 } from '../core/dictionary.js'
import { LONGEST_CLASS } from '../core/join/side-rows.js'
import { NULL, NUMBER, type Row, WRONG_TYPE } from '../core/row.js'
import { same, TextSink } from './role-sinks.js'
import { SlotSink } from './slot-sink.js'

const TRUE = ['true', '1'].map(utf8)
const FALSE = ['false', '0'].map(utf8)

/** The label of a binary task, by its text: 1 for the positive class, else 0. */
export class BinaryLabelSink extends TextSink {
  readonly #positive: readonly Uint8Array[]
  /** Null: all that is not positive. */
  readonly #negative: readonly Uint8Array[] | null

  /** @param positive the positive class as text; null: true or 1, and then nothing but true, false, 1 and 0 is a label */
  constructor(
    private readonly slot: number,
    positive: string | null,
  ) {
    super()
    this.#positive = positive === null ? TRUE : [utf8(positive)]
    this.#negative = positive === null ? FALSE : null
  }

  take(row: Row, bytes: Uint8Array, from: number, length: number): void {
    const { slot } = this
    const is = (text: Uint8Array): boolean => same(text, bytes, from, length)
    row.flags[slot] = NUMBER
    if (this.#positive.some(is)) row.numbers[slot] = 1
    else if (this.#negative === null || this.#negative.some(is)) row.numbers[slot] = 0
    else this.wrong(row)
  }
  override number(row: Row, x: number): void {
    if (Number.isFinite(x)) super.number(row, x)
    else this.wrong(row)
  }
  override none(row: Row): void {
    row.flags[this.slot] = NULL
  }
  override bytes(row: Row): void {
    this.wrong(row)
  }
  override wrong(row: Row): void {
    row.flags[this.slot] = WRONG_TYPE
  }
}

/** A class, as text: the label of a multiclass task, or its prediction. */
export class ClassSink extends SlotSink {
  override text(row: Row, from: number, length: number): void {
    if (length > LONGEST_CLASS) this.wrong(row)
    else super.text(row, from, length)
  }
}
