import { type Layout, NUMBER, type Row, TEXT } from '../row.js'

/** Entities remembered at most, and values of them all (4 MiB). */
const MOST_ENTITIES = 8192
const MOST_VALUES = 2 ** 19
const ALL_HASHES = 2 ** 32
/** At least one entity in so many is in the sample, however many there are. */
const RAREST = 64

/** What `compare` says of a slot: nothing, that the value differs from the entity's last one, that it is the same. */
const OTHER_VALUE = 1
export const SAME_VALUE = 2

/**
 * The last values of a sample of entities, by hash, in one source partition: tells which values of a row are those that its entity had
 * before. A pipeline that has stopped to update a feature serves the same value again and again.
 *
 * The sample is a function of the rows seen since the start; a restart forgets what was before the oldest open part, which is why the counts
 * are hints. When it is full, entities that were not met since it was last full go, and half of the hashes leave the sample: so it comes to
 * rest where the entities that come again fit. Below one in 64, entities that come once are the many: then all are forgotten, and return.
 */
export class EntityMemory {
  #threshold = ALL_HASHES
  #size = 0
  #most = 0
  /** Values an entity has room for. */
  #stride = 0
  /** By entity: hash, whether it was met since the memory was last full, and the last values (NaN: none yet). */
  #hashes = new Int32Array(0)
  #met = new Uint8Array(0)
  #values = new Float64Array(0)
  /** Entity + 1 by hash, open addressing, at most half full. */
  #table = new Int32Array(16)
  #compared = new Uint8Array(0)

  constructor(
    private readonly layout: Layout,
    private readonly mostEntities = MOST_ENTITIES,
  ) {}

  /** Entities remembered now. */
  get size(): number {
    return this.#size
  }

  /**
   * Compares a row with its entity's last values and remembers it.
   * @returns by slot 0, OTHER_VALUE or SAME_VALUE, until the next call; null where there is nothing to compare with
   */
  compare(row: Row): Uint8Array | null {
    const { entity } = row
    if (entity === 0 || entity >>> 0 >= this.#threshold) return null
    if (this.layout.slots.length > this.#stride) this.#widen()
    const found = this.#find(entity)
    const at = (found < 0 ? this.#add(entity) : found) * this.#stride
    if (found >= 0) this.#met[found] = 1
    const { flags, numbers } = row
    const values = this.#values
    const compared = this.#compared
    for (let slot = 0, n = this.layout.slots.length; slot < n; slot++) {
      const flag = flags[slot]
      if (flag !== NUMBER && flag !== TEXT) {
        compared[slot] = 0
        continue
      }
      const value = flag === NUMBER ? numbers[slot] : codeOf(row, slot)
      const last = values[at + slot]
      compared[slot] = value === last ? SAME_VALUE : Number.isNaN(last) ? 0 : OTHER_VALUE
      values[at + slot] = value
    }
    return found < 0 ? null : compared
  }

  #find(hash: number): number {
    const table = this.#table
    const mask = table.length - 1
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const entity = table[at] - 1
      if (entity < 0 || this.#hashes[entity] === hash) return entity
    }
  }

  #add(hash: number): number {
    while (this.#size === this.#most) this.#makeRoom()
    if (this.#size === this.#hashes.length) this.#allocate(Math.min(this.#most, Math.max(16, 4 * this.#size)))
    const entity = this.#size++
    this.#hashes[entity] = hash
    this.#met[entity] = 1
    this.#values.fill(Number.NaN, entity * this.#stride, (entity + 1) * this.#stride)
    this.#place(entity)
    return entity
  }

  #place(entity: number): void {
    const mask = this.#table.length - 1
    let at = this.#hashes[entity] & mask
    while (this.#table[at] !== 0) at = (at + 1) & mask
    this.#table[at] = entity + 1
  }

  #makeRoom(): void {
    const rarest = this.#threshold <= ALL_HASHES / RAREST
    if (!rarest) this.#threshold /= 2
    let kept = 0
    for (let entity = 0; entity < this.#size; entity++) {
      if (this.#met[entity] === 0 || this.#hashes[entity] >>> 0 >= this.#threshold) continue
      this.#hashes[kept] = this.#hashes[entity]
      this.#values.copyWithin(kept * this.#stride, entity * this.#stride, (entity + 1) * this.#stride)
      kept++
    }
    this.#size = rarest && 2 * kept > this.#most ? 0 : kept
    this.#met.fill(0)
    this.#table.fill(0)
    for (let entity = 0; entity < this.#size; entity++) this.#place(entity)
  }

  /** Room for slots that were added to the layout. */
  #widen(): void {
    const stride = this.layout.slots.length
    const narrow = this.#stride
    const values = this.#values
    this.#stride = stride
    this.#compared = new Uint8Array(stride)
    this.#most = Math.max(1, Math.min(this.mostEntities, Math.floor(MOST_VALUES / stride)))
    if (this.#size > this.#most) this.#size = 0 // a layout with so many slots is rare: begin anew
    this.#values = new Float64Array(Math.min(this.#hashes.length, this.#most) * stride).fill(Number.NaN)
    for (let entity = 0; entity < this.#size; entity++)
      this.#values.set(values.subarray(entity * narrow, (entity + 1) * narrow), entity * stride)
    this.#allocate(Math.min(this.#hashes.length, this.#most))
  }

  #allocate(entities: number): void {
    const { length } = this.#hashes
    const grown = <A extends Int32Array | Uint8Array | Float64Array>(to: A, from: A): A => {
      to.set(from.subarray(0, to.length) as never)
      return to
    }
    if (entities !== length) {
      this.#hashes = grown(new Int32Array(entities), this.#hashes)
      this.#met = grown(new Uint8Array(entities), this.#met)
      this.#values = grown(new Float64Array(entities * this.#stride), this.#values)
    }
    let size = 16
    while (size < 2 * entities) size *= 2
    this.#table = new Int32Array(size)
    for (let entity = 0; entity < this.#size; entity++) this.#place(entity)
  }
}

/** A number that stands for the category: its id, or its hash where it has none. No feature's number is likely to be the same. */
function codeOf({ categories, hashes }: Row, slot: number): number {
  const id = categories[slot]
  return id >= 0 ? -(2 ** 40) - id : -(2 ** 42) - (hashes[slot] >>> 0)
}
