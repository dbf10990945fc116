import { hashBytes, utf8 } from '../../../src/core/dictionary.js'
import { type Layout, MISSING, NULL, NUMBER, NUMERIC_TEXT, Row, TEXT, WRONG_TYPE } from '../../../src/core/row.js'
import type { Value } from './values.js'

interface Text {
  readonly start: number
  readonly length: number
  readonly hash: number
}

/** Puts values into a row as a reader of events would. */
export class RowFiller {
  readonly row: Row
  readonly #texts = new Map<string, Text>()
  #bytes = new Uint8Array(4096)
  #used = 0

  constructor(private readonly layout: Layout) {
    this.row = new Row(layout)
  }

  /** A feature that the layout does not have and does not discover is schema news. */
  put(feature: string, value: Value): void {
    const { row, layout } = this
    const slot = layout.discover ? layout.add(feature, 'auto') : layout.indexOf(feature)
    row.fit()
    if (slot < 0) {
      if (value !== undefined) row.news.push(feature)
      return
    }
    const numeric = layout.slots[slot]!.kind === 'numeric'
    if (value === undefined) row.flags[slot] = MISSING
    else if (value === null) row.flags[slot] = NULL
    else if (typeof value === 'string') {
      if (numeric) row.flags[slot] = Number.isNaN(Number(value)) ? WRONG_TYPE : NUMERIC_TEXT
      else this.#text(slot, value)
    } else if (layout.slots[slot]!.kind === 'categorical') this.#text(slot, String(value))
    else {
      row.flags[slot] = NUMBER
      row.numbers[slot] = value
    }
  }

  #text(slot: number, label: string): void {
    const { row, layout } = this
    let text = this.#texts.get(label)
    if (text === undefined) this.#texts.set(label, (text = this.#keep(label)))
    row.flags[slot] = TEXT
    row.bytes = this.#bytes
    row.starts[slot] = text.start
    row.lengths[slot] = text.length
    row.hashes[slot] = text.hash
    row.categories[slot] = layout.slots[slot]!.dictionary.find(this.#bytes, text.start, text.length, text.hash)
  }

  #keep(label: string): Text {
    const bytes = utf8(label)
    if (this.#used + bytes.length > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length + bytes.length)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes.set(bytes, this.#used)
    const text = { start: this.#used, length: bytes.length, hash: hashBytes(bytes, 0, bytes.length) }
    this.#used += bytes.length
    return text
  }
}
