import { hashBytes } from '../core/dictionary.js'
import type { Row } from '../core/row.js'

/** Where the texts of the row at hand lie that have no id. */
export class RowTexts {
  #bytes: Uint8Array = new Uint8Array(1 << 16)
  #used = 0

  begin(row: Row): void {
    this.#used = 0
    row.bytes = this.#bytes
  }

  /** Returns where they start in `row.bytes`. */
  keep(row: Row, bytes: Uint8Array): number {
    const from = this.#used
    this.#used += bytes.length
    if (this.#used > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#used)
      larger.set(this.#bytes.subarray(0, from))
      row.bytes = this.#bytes = larger
    }
    this.#bytes.set(bytes, from)
    return from
  }
}

export interface TextEntry {
  readonly bytes: Uint8Array
  readonly hash: number
  /** Of the dictionary when it had `size` values: only growth can change it. */
  id: number
  size: number
}

const MOST_TEXTS = 8192

/** Bytes and hashes of the texts met of late: columns of categories repeat them. */
export class TextEntries {
  /** @param hash what stands for a text; null: the text itself */
  constructor(private readonly hash: ((text: string) => string) | null = null) {}

  readonly #entries = new Map<string, TextEntry>()

  get(text: string): TextEntry {
    let entry = this.#entries.get(text)
    if (!entry) {
      const bytes = Buffer.from(this.hash?.(text) ?? text, 'utf8')
      entry = { bytes, hash: hashBytes(bytes, 0, bytes.length), id: -1, size: -1 }
      if (this.#entries.size >= MOST_TEXTS) this.#entries.clear()
      this.#entries.set(text, entry)
    }
    return entry
  }
}

export function hashText(text: string): number {
  const bytes = Buffer.from(text, 'utf8')
  return hashBytes(bytes, 0, bytes.length)
}
