import { type Dictionary, hashBytes, textOf } from '../dictionary.js'
import type { Segmentation } from '../plan.js'
import { type Layout, MISSING, NUMBER, type Row, TEXT } from '../row.js'
import { valueIndex } from '../window/part-builder.js'
import { lowWord } from './key.js'
import { LONGEST_CLASS, type PairJoin, type SideRows } from './side-rows.js'

/** What all rows of one side from one source partition share. */
export type SideHead = Pick<SideRows, 'model' | 'monitor' | 'side' | 'topic' | 'partition'>

/** What goes to a join of a row of this layout. */
export interface SideValues {
  /** The join of pairs that the rows are for; null: that of predictions and labels. */
  readonly pair: PairJoin | null
  /** Columns of the row that the values are in, as the layout is now. */
  readonly slots: () => Int32Array
}

/** Of a message: so many values, texts and segments stay far below Kafka's limit of a mebibyte. */
const MOST_ROWS = 4096
const MOST_VALUES = 32_768
const MOST_TEXTS = 1024
const MOST_SEGMENTS = 512
/** Classes whose texts are made once; the others' are made for each row. */
const MOST_CLASSES = 1024

/** The rows of one message while they are gathered: columns that grow, so that nothing is allocated for a row. */
export class SideColumns {
  #size = 0
  #offsets = new Float64Array(16)
  #keys = new Uint32Array(32)
  #times = new Float64Array(16)
  #versionOf = new Int32Array(16)
  #segmentOf = new Int32Array(16)
  readonly #values: Float64Array[]
  /** Of pairs: a flag by column and row, and the entities. */
  readonly #flags: Uint8Array[]
  #entities = new Uint32Array(16)
  readonly #slots: Int32Array
  /** Of the layout when this was made: rows of pairs have the columns that there were. */
  readonly #layoutSize: number
  readonly #texts: string[] = []
  readonly #versions: string[] = []
  readonly #segments: SideRows['segments'][number][] = []
  readonly #placeOfText = new Map<string, number>()
  /** By id of the layout. */
  readonly #placeOfVersion = new Map<number, number>()
  /** By the plan's dimensions, then by mixed-radix index of their values. */
  readonly #placeOfSegment = new Map<Segmentation, Map<number, number>>()

  constructor(
    private readonly head: SideHead,
    private readonly layout: Layout,
    private readonly of: SideValues,
  ) {
    this.#slots = of.slots()
    this.#layoutSize = layout.slots.length
    this.#values = Array.from(this.#slots, () => new Float64Array(16))
    this.#flags = of.pair === null ? [] : Array.from(this.#slots, () => new Uint8Array(16))
  }

  get isFull(): boolean {
    return (
      this.#size >= MOST_ROWS ||
      this.#size * this.#slots.length >= MOST_VALUES ||
      (this.of.pair !== null && this.layout.slots.length > this.#layoutSize) ||
      this.#texts.length >= MOST_TEXTS ||
      this.#segments.length >= MOST_SEGMENTS
    )
  }

  /**
   * @param version id of the model version that the row counts for
   * @param segmentation of the row's pane; null on sides that know neither versions nor segments
   */
  add(row: Row, offset: number, version: number, segmentation: Segmentation | null): void {
    if (this.#size === this.#offsets.length) this.#grow()
    const at = this.#size++
    this.#offsets[at] = offset
    this.#keys[2 * at] = row.key
    this.#keys[2 * at + 1] = row.keyLow
    this.#times[at] = row.time
    const slots = this.#slots
    if (this.of.pair === null) for (let v = 0; v < slots.length; v++) this.#values[v][at] = this.#value(row, slots[v])
    else {
      this.#entities[at] = row.entity
      for (let v = 0; v < slots.length; v++) {
        this.#flags[v][at] = row.flags[slots[v]]
        this.#values[v][at] = this.#pairValue(row, slots[v])
      }
    }
    if (segmentation === null) return
    this.#versionOf[at] = this.#version(version)
    this.#segmentOf[at] = this.#segment(row, segmentation)
  }

  rows(): SideRows {
    const size = this.#size
    const described = this.#versions.length > 0 ? size : 0
    const { pair } = this.of
    // Columns that no row has are none of the rows.
    const used = [...this.#slots.keys()].filter(
      v => pair === null || this.#flags[v].subarray(0, size).some(flag => flag !== MISSING),
    )
    return {
      ...this.head,
      size,
      offsets: this.#offsets.subarray(0, size),
      keys: this.#keys.subarray(0, 2 * size),
      times: this.#times.subarray(0, size),
      versions: this.#versions,
      versionOf: this.#versionOf.subarray(0, described),
      segments: this.#segments,
      segmentOf: this.#segmentOf.subarray(0, described),
      values: used.map(v => this.#values[v].subarray(0, size)),
      texts: this.#texts,
      pair: pair && {
        join: pair,
        columns: used.map(v => this.layout.slots[this.#slots[v]].name),
        flags: used.map(v => this.#flags[v].subarray(0, size)),
        entities: this.#entities.subarray(0, size),
      },
    }
  }

  /** A number, or the place of a class; NaN: none. */
  #value(row: Row, slot: number): number {
    const flag = row.flags[slot]
    if (flag === NUMBER) return row.numbers[slot]
    if (flag !== TEXT || row.lengths[slot] > LONGEST_CLASS) return Number.NaN
    return this.#place(classOf(row, slot, this.layout.slots[slot].dictionary))
  }

  /** A number, or the place of a text; 0 where the flag says all. */
  #pairValue(row: Row, slot: number): number {
    const flag = row.flags[slot]
    if (flag === NUMBER) return row.numbers[slot]
    return flag === TEXT ? this.#place(categoryOf(row, slot, this.layout.slots[slot].dictionary)) : 0
  }

  #place(text: string): number {
    let place = this.#placeOfText.get(text)
    if (place === undefined) this.#placeOfText.set(text, (place = this.#texts.push(text) - 1))
    return place
  }

  #version(id: number): number {
    let place = this.#placeOfVersion.get(id)
    if (place === undefined) {
      place = this.#versions.push(this.layout.versions.values[id]) - 1
      this.#placeOfVersion.set(id, place)
    }
    return place
  }

  #segment(row: Row, segmentation: Segmentation): number {
    let places = this.#placeOfSegment.get(segmentation)
    if (places === undefined) this.#placeOfSegment.set(segmentation, (places = new Map()))
    let index = 0
    const { groups } = segmentation
    for (let g = 0; g < groups.length; g++)
      for (let d = 0; d < groups[g].length; d++)
        index = index * (groups[g][d].values.length + 1) + valueIndex(row, groups[g][d])
    let place = places.get(index)
    if (place === undefined) places.set(index, (place = this.#segments.push(segmentOf(row, segmentation)) - 1))
    return place
  }

  #grow(): void {
    const double = <A extends Float64Array | Uint32Array | Int32Array | Uint8Array>(array: A, to: A): A => {
      to.set(array)
      return to
    }
    const size = 2 * this.#size
    this.#offsets = double(this.#offsets, new Float64Array(size))
    this.#keys = double(this.#keys, new Uint32Array(2 * size))
    this.#times = double(this.#times, new Float64Array(size))
    this.#versionOf = double(this.#versionOf, new Int32Array(size))
    this.#segmentOf = double(this.#segmentOf, new Int32Array(size))
    for (const [v, values] of this.#values.entries()) this.#values[v] = double(values, new Float64Array(size))
    for (const [v, flags] of this.#flags.entries()) this.#flags[v] = double(flags, new Uint8Array(size))
    this.#entities = double(this.#entities, new Uint32Array(size))
  }
}

function classOf(row: Row, slot: number, classes: Dictionary): string {
  const id = row.categories[slot]
  if (id >= 0) return classes.values[id]
  const text = textOf(row.bytes, row.starts[slot], row.lengths[slot])
  if (classes.size < MOST_CLASSES) classes.add(text)
  return text
}

/** The text of a category; of a long one its hash and length, which tell it from others as well. */
function categoryOf(row: Row, slot: number, categories: Dictionary): string {
  const id = row.categories[slot]
  if (id >= 0) return categories.values[id]
  const [bytes, from, length] = [row.bytes, row.starts[slot], row.lengths[slot]]
  if (length <= LONGEST_CLASS) return textOf(bytes, from, length)
  const words = [hashBytes(bytes, from, length), lowWord(bytes, from, length)].map(word => (word >>> 0).toString(16))
  return `${length} bytes ${words.join('.')}`
}

/** The declared values of the row's dimensions. */
function segmentOf(row: Row, { groups }: Segmentation): Readonly<Record<string, string>> {
  const declared = groups.flat().flatMap(dimension => {
    const value = dimension.values[valueIndex(row, dimension)]
    return value === undefined ? [] : [[dimension.name, value] as const]
  })
  return Object.fromEntries(declared)
}
