/** Words of a slot: the key's two, and the place plus one; 0: nobody's. */
const SLOT = 3
const LEAST_SLOTS = 1024

/** Where the entry of a 64-bit key lies: an open-addressing hash table with linear probing (Knuth, TAOCP 6.4), of 16 to 32 bytes a key. */
export class KeyIndex {
  #slots = new Uint32Array(SLOT * LEAST_SLOTS)
  #mask = LEAST_SLOTS - 1
  #size = 0

  get size(): number {
    return this.#size
  }

  /** −1: nowhere. */
  get(high: number, low: number): number {
    return this.#slots[SLOT * this.#slotOf(high, low) + 2] - 1
  }

  /** @param place below 2³² − 1 */
  set(high: number, low: number, place: number): void {
    const at = SLOT * this.#slotOf(high, low)
    const slots = this.#slots
    if (slots[at + 2] === 0) this.#size++
    slots[at] = high
    slots[at + 1] = low
    slots[at + 2] = place + 1
    if (4 * this.#size > 3 * (this.#mask + 1)) this.#grow()
  }

  /** @returns where it lay; −1: nowhere */
  delete(high: number, low: number): number {
    const slots = this.#slots
    let hole = this.#slotOf(high, low)
    const place = slots[SLOT * hole + 2] - 1
    if (place < 0) return -1
    // Those behind it that would not be found any more move up.
    for (let slot = (hole + 1) & this.#mask; slots[SLOT * slot + 2] !== 0; slot = (slot + 1) & this.#mask) {
      const home = hash(slots[SLOT * slot], slots[SLOT * slot + 1]) & this.#mask
      if (((slot - home) & this.#mask) < ((slot - hole) & this.#mask)) continue
      for (let word = 0; word < SLOT; word++) slots[SLOT * hole + word] = slots[SLOT * slot + word]
      hole = slot
    }
    slots[SLOT * hole + 2] = 0
    this.#size--
    return place
  }

  /** The key's slot, or the free one that it would have. */
  #slotOf(high: number, low: number): number {
    const slots = this.#slots
    let slot = hash(high, low) & this.#mask
    for (let at = SLOT * slot; slots[at + 2] !== 0 && (slots[at] !== high || slots[at + 1] !== low); at = SLOT * slot)
      slot = (slot + 1) & this.#mask
    return slot
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Uint32Array(2 * old.length)
    this.#mask = 2 * this.#mask + 1
    for (let at = 0; at < old.length; at += SLOT) {
      if (old[at + 2] === 0) continue
      const to = SLOT * this.#slotOf(old[at], old[at + 1])
      for (let word = 0; word < SLOT; word++) this.#slots[to + word] = old[at + word]
    }
  }
}

/** Keys of one partition share bits of their words: all of them are mixed. */
function hash(high: number, low: number): number {
  const mixed = Math.imul(high ^ Math.imul(low ^ (low >>> 15), 0x2c1b3c6d), 0x297a2d39)
  return mixed ^ (mixed >>> 15)
}
