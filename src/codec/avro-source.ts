import type { Path } from '../core/monitor.js'
import type { Row } from '../core/row.js'
import { type ArrayNode, type AvroNode, canServe, isVector, type MapNode, type RecordNode } from './avro-schema.js'
import { MapKeys, MapPlaces } from './map-keys.js'
import { type Mapping, News, type Target } from './mapping.js'
import type { Sink } from './sink.js'
import { SkipSource } from './skip-source.js'
import { SlotSink } from './slot-sink.js'
import { Source } from './source.js'
import { VectorSink } from './source-sinks.js'
import { type Named, ValueSource } from './value-source.js'

/**
 * Reads the record at bytes[from, end); `view` shows the memory of `bytes`, whose first byte is at `base` in it.
 * @returns the position after it, −1 where it makes no sense, −2 where it is not the monitor's
 */
export type ReadRecord = (
  bytes: Uint8Array,
  view: DataView,
  base: number,
  from: number,
  end: number,
  row: Row,
) => number

/** A value and what becomes of it. */
interface Place {
  readonly sinks: readonly Named[]
  /** The tree below, for records and maps. */
  readonly target: Target | null
}

/** Values that one function reads: beyond a size V8 does not optimise functions. */
const MOST_VALUES = 32

function kindOf(node: AvroNode): 'auto' | 'embedding' {
  return isVector(node) ? 'embedding' : 'auto'
}

/** Writes the reader of one writer's schema for one mapping. */
export class AvroSource {
  readonly #source = new Source()
  readonly #skips: SkipSource
  readonly #values: ValueSource
  /** Slots that every record writes; the others are cleared first. */
  readonly #written = new Set<number>()
  /** Depth of what need not be in every record: branches of unions, entries of maps. */
  #optional = 0

  constructor(private readonly mapping: Mapping) {
    this.#skips = new SkipSource(this.#source)
    this.#values = new ValueSource(this.#source, this.#skips, mapping)
  }

  compile(root: AvroNode): ReadRecord {
    const { slots } = this.mapping.layout
    for (const target of this.mapping.folders) this.#claim(root, target, target.path)
    const main = this.#source.function('event', '', () => this.#value(root, { sinks: [], target: this.mapping.root }))
    const unwritten = slots.map((_, slot) => slot).filter(slot => !this.#written.has(slot))
    const clear = unwritten.length > 8 ? ['row.flags.fill(0)'] : unwritten.map(slot => `row.flags[${slot}] = 0`)
    return this.#source.reader(main, [`if (row.flags.length < ${slots.length}) row.fit()`, ...clear])
  }

  /** Gives the fields of one record of features their names and slots, so that these follow the monitor's order and not the schema's. */
  #claim(node: AvroNode, target: Target, path: Path): void {
    if (node.type === 'union') for (const branch of node.branches) this.#claim(branch, target, path)
    if (node.type !== 'record') return
    for (const field of node.fields) {
      if (path.length === 0 && this.#serves(field.node)) target.feature(field.name, this.mapping, kindOf(field.node))
      else if (field.name === path[0]) this.#claim(field.node, target, path.slice(1))
    }
  }

  #value(node: AvroNode, place: Place): void {
    const { sinks, target } = place
    if (sinks.length === 0 && target === null) {
      this.#skips.skip(node)
      return
    }
    switch (node.type) {
      case 'union':
        if (target !== null) this.#optional++
        this.#skips.branches(node.branches, branch => this.#value(branch, place))
        if (target !== null) this.#optional--
        return
      case 'array':
        this.#array(node, sinks)
        return
      case 'record':
      case 'map':
        this.#values.put(sinks, 'wrong')
        if (target === null) {
          this.#skips.skip(node)
          return
        }
        node.type === 'map' ? this.#map(node, target) : this.#record(node, target)
        return
      default:
        if (sinks.length === 0) this.#skips.skip(node)
        else this.#values.read(node, sinks)
    }
  }

  #record(node: RecordNode, target: Target): void {
    let group: (() => void)[] = []
    const flush = (whole: boolean): void => {
      const fields = group
      group = []
      const read = (): void => {
        for (const field of fields) field()
      }
      if (whole && fields.length < MOST_VALUES / 4) read()
      else this.#call(this.#source.function('fields', target.path.join('.'), read))
    }
    let whole = true
    for (const field of node.fields) {
      group.push(() => {
        this.#source.comment([...target.path, field.name].join('.'))
        this.#value(field.node, this.#placeOf(target, field.name, field.node))
      })
      if (group.length < MOST_VALUES) continue
      whole = false
      flush(false)
    }
    flush(whole)
  }

  /** What is read at one field: what is declared for it, and the feature that it may be. */
  #placeOf(target: Target, name: string, node: AvroNode): Place {
    const child = target.children.get(name) ?? null
    const sinks: Sink[] = [...(child?.sinks ?? [])]
    if (this.#serves(node) || this.mapping.layout.indexOf(name) >= 0) {
      const feature = target.feature(name, this.mapping, kindOf(node))
      if (feature instanceof News) this.#source.emit(`${this.#source.constant('news', feature)}.tell(row)`)
      else if (feature !== null && !sinks.includes(feature)) sinks.push(feature)
    }
    const below = child !== null && (child.children.size > 0 || child.patterns.length > 0) ? child : null
    return { sinks: sinks.map(sink => this.#named(sink)), target: below }
  }

  #named(sink: Sink): Named {
    if (!(sink instanceof SlotSink)) return { name: this.#source.constant('role', sink), sink }
    if (this.#optional === 0) this.#written.add(sink.slot)
    return { name: this.#source.constant('slot', sink), sink }
  }

  #map(node: MapNode, target: Target): void {
    const source = this.#source
    const names = [...target.children.keys()]
    const places = source.constant('places', new MapPlaces(names))
    const keys = source.constant(
      'keys',
      new MapKeys(target, this.mapping, this.#serves(node.values), kindOf(node.values)),
    )
    this.#optional++
    const entry = (): void => {
      this.#skips.length()
      source.emit('const key = pos, size = n', 'pos += n')
      if (names.length > 0) source.emit(`switch (${places}.find(bytes, key, size)) {`)
      names.forEach((name, i) => {
        source.emit(`case ${i}: {`)
        source.comment([...target.path, name].join('.'))
        this.#value(node.values, this.#placeOf(target, name, node.values))
        source.emit('continue', '}')
      })
      if (names.length > 0) source.emit('}')
      if (target.patterns.length > 0) {
        const about = [...target.path, '*'].join('.')
        const dynamic: Place = { sinks: [{ name: 'slot', sink: null }], target: null }
        const feature = source.function('feature', about, () => this.#value(node.values, dynamic), ', slot')
        source.emit(`const slot = ${keys}.slot(row, bytes, key, size)`, 'if (slot !== null) {')
        source.call(feature, ', slot')
        source.emit('continue', '}')
      }
      this.#skips.skip(node.values)
    }
    this.#call(source.function('map', target.path.join('.'), () => this.#skips.blocks(entry, false)))
    this.#optional--
  }

  /** Vectors that nobody declared are features only while the layout discovers; later ones are passed over, as all arrays are. */
  #serves(node: AvroNode): boolean {
    return canServe(node) || (this.mapping.layout.discover && isVector(node))
  }

  /** A vector, for the sink that takes one; a value of the wrong type for all others. */
  #array(node: ArrayNode, sinks: readonly Named[]): void {
    const source = this.#source
    const vector = sinks.find(({ sink }) => sink instanceof VectorSink || sink === null)
    const others = sinks.filter(named => named !== vector)
    this.#values.put(others, 'wrong')
    if (vector === undefined) {
      this.#skips.skip(node)
      return
    }
    // The slot of a map's key is known only when the key is.
    const known = vector.sink !== null
    if (!known) source.emit(`if (${vector.name}.take !== undefined) {`)
    const more = known ? '' : `, ${vector.name}`
    source.emit(`${vector.name}.begin(row)`)
    this.#call(
      source.function('vector', 'vector', () => this.#items(node, vector), more),
      more,
    )
    source.emit(`${vector.name}.end(row)`)
    if (known) return
    source.emit('} else {')
    this.#values.put([vector], 'wrong')
    this.#skips.skip(node)
    source.emit('}')
  }

  #items({ items }: ArrayNode, vector: Named): void {
    if (items.type === 'double' || items.type === 'float') {
      this.#skips.spans(items.type === 'double' ? 8 : 4, vector.name)
      return
    }
    const sink = vector.sink === null ? null : (vector.sink as VectorSink).items
    const name = sink === null ? `${vector.name}.items` : this.#source.constant('item', sink)
    this.#skips.blocks(() => this.#value(items, { sinks: [{ name, sink }], target: null }), false)
  }

  #call(name: string, more = ''): void {
    this.#source.call(name, more)
    // A map below may have found a slot, for which the row has grown.
    if (this.mapping.layout.discover)
      this.#source.emit('flags = row.flags; numbers = row.numbers; categories = row.categories')
  }
}
