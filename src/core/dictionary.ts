/** 32-bit FNV-1a with a final mix, of bytes[from, from + length). */
export function hashBytes(bytes: Uint8Array, from: number, length: number): number {
  let hash = 0x811c9dc5 | 0
  for (let i = from, end = from + length; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/**
 * UTF-8 texts with consecutive ids from 0, found by their bytes without making a string. Only `add` grows it: what passes by on the wire
 * gets no id, so its memory is that of the declared values.
 */
export class Dictionary {
  readonly values: string[] = []
  readonly #bytes: Uint8Array[] = []
  /** Pairs (id + 1, hash), open addressing; the number of pairs is a power of two. */
  #table = new Int32Array(2 * 16)
  /** Ids of numbers met in a categorical slot: their texts are made once. */
  readonly #numbers = new Map<number, number>()

  get size(): number {
    return this.values.length
  }

  /** The id of the text, given one when it is new. */
  add(text: string): number {
    const bytes = utf8(text)
    const known = this.find(bytes, 0, bytes.length, hashBytes(bytes, 0, bytes.length))
    if (known >= 0) return known
    const id = this.values.push(text) - 1
    this.#bytes.push(bytes)
    this.#numbers.clear()
    if (4 * this.size > this.#table.length) {
      this.#table = new Int32Array(2 * this.#table.length)
      for (let i = 0; i < this.size; i++) this.#place(i)
    } else this.#place(id)
    return id
  }

  /** The id of bytes[from, from + length), or −1. `hash` is their hashBytes. */
  find(bytes: Uint8Array, from: number, length: number, hash: number): number {
    const table = this.#table
    const mask = table.length / 2 - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = table[2 * slot] - 1
      if (id < 0) return -1
      if (table[2 * slot + 1] === hash && same(this.#bytes[id], bytes, from, length)) return id
    }
  }

  /** The id of a number's shortest decimal form, or −1. */
  findNumber(x: number): number {
    let id = this.#numbers.get(x)
    if (id === undefined) {
      const bytes = utf8(String(x))
      id = this.find(bytes, 0, bytes.length, hashBytes(bytes, 0, bytes.length))
      if (this.#numbers.size < 4096) this.#numbers.set(x, id)
    }
    return id
  }

  #place(id: number): void {
    const bytes = this.#bytes[id]
    const hash = hashBytes(bytes, 0, bytes.length)
    const mask = this.#table.length / 2 - 1
    let slot = hash & mask
    while (this.#table[2 * slot] !== 0) slot = (slot + 1) & mask
    this.#table[2 * slot] = id + 1
    this.#table[2 * slot + 1] = hash
  }
}

function same(known: Uint8Array, bytes: Uint8Array, from: number, length: number): boolean {
  if (known.length !== length) return false
  for (let i = 0; i < length; i++) if (known[i] !== bytes[from + i]) return false
  return true
}

/** UTF-8 of a text. Written out because the core has neither Buffer nor TextEncoder; lone surrogates become U+FFFD. */
export function utf8(text: string): Uint8Array {
  const out: number[] = []
  for (const character of text) {
    let c = character.codePointAt(0)!
    if (c >= 0xd800 && c <= 0xdfff) c = 0xfffd
    if (c < 0x80) out.push(c)
    else if (c < 0x800) out.push(0xc0 | (c >> 6), 0x80 | (c & 63))
    else if (c < 0x10000) out.push(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63))
    else out.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63))
  }
  return Uint8Array.from(out)
}

/** The text of bytes[from, from + length); what is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array, from: number, length: number): string {
  let text = ''
  for (let i = from, end = from + length; i < end; ) {
    const b = bytes[i++]
    const more = b < 0x80 ? 0 : b >= 0xc2 && b < 0xe0 ? 1 : b >= 0xe0 && b < 0xf0 ? 2 : b >= 0xf0 && b < 0xf5 ? 3 : -1
    let c = more === 0 ? b : more === 1 ? b & 31 : more === 2 ? b & 15 : more === 3 ? b & 7 : 0xfffd
    for (let k = 0; k < more; k++) {
      if (i >= end || (bytes[i] & 0xc0) !== 0x80) {
        c = 0xfffd
        break
      }
      c = (c << 6) | (bytes[i++] & 63)
    }
    text += String.fromCodePoint(c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0xfffd : c)
  }
  return text
}
