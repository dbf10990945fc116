/**
 * Cuts UTF-8 texts into tokens: runs of letters and digits, in lower case as far as ASCII and Latin-1 go; each Chinese character and kana is
 * a token of its own, as those scripts write no spaces. White space and punctuation (ASCII, Latin-1, general, CJK, full-width) part tokens; any
 * other character belongs to one. Nothing is allocated a text but when one has more tokens than any before.
 */
export class Tokens {
  /** Code points. */
  characters = 0
  count = 0
  /** 32-bit FNV-1a of each token's bytes, final mix included; never 0. */
  hashes = new Int32Array(64)

  scan(bytes: Uint8Array, from: number, length: number): void {
    const end = from + length
    this.count = 0
    let characters = 0
    let hash = START
    let inside = false
    for (let i = from; i < end; ) {
      const b = bytes[i]
      characters++
      if (b < 0x80) {
        const folded = FOLDED[b]
        i++
        if (folded !== 0) {
          hash = Math.imul(hash ^ folded, PRIME)
          inside = true
        } else if (inside) {
          this.#add(hash)
          hash = START
          inside = false
        }
        continue
      }
      let next = i + 1
      while (next < end && (bytes[next] & 0xc0) === 0x80) next++
      const kind = next - i < 2 ? LETTER : kindOf(b, bytes[i + 1], next - i > 2 ? bytes[i + 2] : 0)
      if (kind !== LETTER && inside) {
        this.#add(hash)
        hash = START
        inside = false
      }
      if (kind !== SEPARATOR) {
        // À to Þ lie 32 below à to þ.
        const upper = b === 0xc3 && bytes[i + 1] >= 0x80 && bytes[i + 1] <= 0x9e && bytes[i + 1] !== 0x97
        hash = Math.imul(hash ^ b, PRIME)
        for (let k = i + 1; k < next; k++) hash = Math.imul(hash ^ (upper ? bytes[k] + 32 : bytes[k]), PRIME)
        if (kind === ALONE) {
          this.#add(hash)
          hash = START
        } else inside = true
      }
      i = next
    }
    if (inside) this.#add(hash)
    this.characters = characters
  }

  #add(hash: number): void {
    let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    h ^= h >>> 16
    if (this.count === this.hashes.length) {
      const grown = new Int32Array(2 * this.count)
      grown.set(this.hashes)
      this.hashes = grown
    }
    this.hashes[this.count++] = h === 0 ? 1 : h
  }
}

const START = 0x811c9dc5 | 0
const PRIME = 0x01000193

/** By ASCII byte: the byte that is hashed, in lower case; 0 for a separator. */
const FOLDED = Uint8Array.from({ length: 128 }, (_, b) => {
  const upper = b >= 65 && b <= 90
  return upper ? b + 32 : (b >= 97 && b <= 122) || (b >= 48 && b <= 57) ? b : 0
})

const SEPARATOR = 0
const LETTER = 1
const ALONE = 2

/** What a character beyond ASCII is, by its first three bytes. */
function kindOf(b: number, second: number, third: number): 0 | 1 | 2 {
  // U+0080–U+00BF without ª µ º; × and ÷.
  if (b === 0xc2) return second === 0xaa || second === 0xb5 || second === 0xba ? LETTER : SEPARATOR
  if (b === 0xc3) return second === 0x97 || second === 0xb7 ? SEPARATOR : LETTER
  if (b === 0xe2) return second <= 0x81 || second === 0xb8 || second === 0xb9 ? SEPARATOR : LETTER // U+2000–207F, 2E00–2E7F
  if (b === 0xe3) {
    if (second === 0x80) return third >= 0x85 && third <= 0x87 ? ALONE : SEPARATOR // U+3000–303F, without 々〆〇
    return second <= 0x83 || second >= 0x90 ? ALONE : LETTER // kana; U+3400 on
  }
  if (b >= 0xe4 && b <= 0xe9) return ALONE // U+4000–9FFF
  if (b === 0xef && second === 0xbc)
    return third <= 0x8f || (third >= 0x9a && third <= 0xa0) || third >= 0xbb ? SEPARATOR : LETTER // full-width
  if (b === 0xef && second === 0xbd)
    return (third >= 0x80 && third <= 0x80) || (third >= 0x9b && third <= 0xa5) ? SEPARATOR : LETTER
  return LETTER
}
