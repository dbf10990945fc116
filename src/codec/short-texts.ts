import { type Dictionary, utf8 } from '../core/dictionary.js'

/**
 * The texts of a dictionary that have at most eight bytes, found by two words instead of a loop over bytes: categories are mostly short, and
 * loops of a few turns cost more in mispredicted branches than in work. Follows the dictionary as it grows.
 */
export class ShortTexts {
  /** Four entries a place: low word, high word, length, id. Open addressing; empty where the length is −1. */
  #table = new Int32Array(0)
  #mask = 0
  #shift = 0
  #size = -1

  constructor(private readonly dictionary: Dictionary) {}

  /**
   * The id of the `length` ≤ 8 bytes at `at`, or −1 when no short text of the dictionary is those.
   * @param at eight bytes from here on lie in the view, whatever they are
   */
  find(view: DataView, at: number, length: number): number {
    if (this.dictionary.size !== this.#size) this.#build()
    const low = view.getInt32(at, true) & LOW[length]
    const high = view.getInt32(at + 4, true) & HIGH[length]
    const table = this.#table
    for (let place = mix(low, high, length) >>> this.#shift; ; place = (place + 1) & this.#mask) {
      const i = place << 2
      if (table[i] === low && table[i + 1] === high && table[i + 2] === length) return table[i + 3]
      if (table[i + 2] < 0) return -1
    }
  }

  #build(): void {
    const { values } = this.dictionary
    this.#size = values.length
    const bits = Math.max(4, Math.ceil(Math.log2(2 * values.length + 1)))
    const places = 2 ** bits
    this.#mask = places - 1
    this.#shift = 32 - bits
    const table = new Int32Array(4 * places).fill(-1)
    const word = new DataView(new ArrayBuffer(8))
    values.forEach((text, id) => {
      const bytes = utf8(text)
      if (bytes.length > 8) return
      new Uint8Array(word.buffer).fill(0)
      new Uint8Array(word.buffer).set(bytes)
      const low = word.getInt32(0, true)
      const high = word.getInt32(4, true)
      let place = mix(low, high, bytes.length) >>> this.#shift
      while (table[4 * place + 2] >= 0) place = (place + 1) & this.#mask
      table.set([low, high, bytes.length, id], 4 * place)
    })
    this.#table = table
  }
}

const LOW = Int32Array.from({ length: 9 }, (_, n) => (n >= 4 ? -1 : (1 << (8 * n)) - 1))
const HIGH = Int32Array.from({ length: 9 }, (_, n) => (n >= 8 ? -1 : n <= 4 ? 0 : (1 << (8 * (n - 4))) - 1))

/** The upper bits are the good ones. */
function mix(low: number, high: number, length: number): number {
  return Math.imul(Math.imul(low + length, 0x85ebca6b) ^ high, 0x9e3779b1)
}
