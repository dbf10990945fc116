import { DriftlineError } from '../core/error.js'
import { isAge } from '../core/feature-age.js'
import { labelSlot, outputSlots } from '../core/join/slots.js'
import {
  type Input,
  isJoined,
  type Labels,
  MOST_NUMBERS,
  type Monitor,
  type Offline,
  type Path,
  predictionKind,
  type Serving,
  slotName,
} from '../core/monitor.js'
import type { Layout, Row } from '../core/row.js'
import { HashedSlotSink } from './hashed-sink.js'
import { BinaryLabelSink, ClassSink } from './label-sink.js'
import { type NamePattern, patternOf } from './name-pattern.js'
import { Reading } from './reading.js'
import { EntitySink, JoinKeySink, KeySink, VersionSink, WhereSink } from './role-sinks.js'
import type { Sink } from './sink.js'
import { SlotSink } from './slot-sink.js'
import { TextSlotSink, VectorSink } from './source-sinks.js'
import { Spill } from './spill.js'
import { AgeSink, TimeSink } from './time-sink.js'

/** Names of unknown fields that one row tells; more say nothing more. */
const MOST_NEWS = 64
/** Names of fields that are remembered a place; those beyond are looked up again each time. */
const MOST_NAMES = 4096
/** Longer names are data in the place of names. */
const LONGEST_NAME = 256

/** Writes one feature's slot. */
export type FeatureSink = SlotSink | VectorSink | TextSlotSink

/** A field of the event that nobody declared, once there is a baseline: schema news. */
export class News {
  constructor(readonly name: string) {}
  tell(row: Row): void {
    if (row.news.includes(this.name)) return
    if (row.news.length < MOST_NEWS) row.news.push(this.name)
    else row.newsLeft++
  }
}

/** A field whose name is too long to be one. */
class Nameless extends News {
  override tell(row: Row): void {
    row.newsLeft++
  }
}

const NAMELESS = new Nameless('')

/** A place in the event: what takes the value there, and the places below it. */
export class Target {
  readonly sinks: Sink[] = []
  readonly children = new Map<string, Target>()
  /** Patterns of the names below that are features. */
  readonly patterns: NamePattern[] = []
  readonly #features = new Map<string, FeatureSink | News | null>()

  constructor(readonly path: Path) {}

  at(path: Path): Target {
    let target: Target = this
    for (const name of path) {
      let child = target.children.get(name)
      if (child === undefined) target.children.set(name, (child = new Target([...target.path, name])))
      target = child
    }
    return target
  }

  /**
   * The slot of the field of this name, where it is a feature; made when the layout still discovers.
   * @param kind what its values look like
   */
  feature(name: string, mapping: Mapping, kind: 'auto' | 'embedding' = 'auto'): FeatureSink | News | null {
    if (this.patterns.length === 0) return null
    let feature = this.#features.get(name)
    if (feature === undefined) {
      feature = this.#resolve(name, mapping, kind)
      if (this.#features.size < MOST_NAMES && name.length <= LONGEST_NAME) this.#features.set(name, feature)
    }
    return feature
  }

  #resolve(name: string, mapping: Mapping, kind: 'auto' | 'embedding'): FeatureSink | News | null {
    const path = [...this.path, name]
    const matched = this.patterns.some(({ literal, matches }) => matches(name) && (literal || !mapping.hasRole(path)))
    if (!matched || mapping.ignores(path)) return null
    if (name.length > LONGEST_NAME) return NAMELESS
    const feature = mapping.nameOf(path)
    const { layout } = mapping
    const known = layout.indexOf(feature)
    if (isAge(mapping.monitor, feature)) return null // its slot is taken
    if (known >= 0) {
      mapping.own(path)
      return mapping.slot(known)
    }
    if (!layout.discover || layout.slots.length >= layout.maxSlots) return new News(feature)
    mapping.own(path)
    return mapping.slot(layout.add(feature, kind))
  }
}

/**
 * What a monitor reads off an event, of its predictions, labels or offline values, and where it goes: the tree of places that both readers walk.
 * Belongs to one layout; a layout whose slots have changed their kind needs a new one (`isCurrent`).
 */
export class Mapping {
  readonly root = new Target([])
  readonly reading: Reading
  readonly spill = new Spill()
  /** Where features lie, in the monitor's order. */
  readonly folders: Target[] = []
  /** Of `where`, for readers that can look ahead. */
  readonly conditions: (readonly [Path, Sink])[] = []
  readonly #slots = new Map<number, FeatureSink>()
  readonly #roles = new Set<string>()
  readonly #ignored: NamePattern[]
  /** Feature name → the path it stands for. */
  readonly #names = new Map<string, string>()
  /** Of the layout when this was made. */
  readonly #revision: number

  /** Where every event must have a value: a schema without one of them is of no use. */
  readonly required: readonly Path[]

  constructor(
    readonly monitor: Monitor,
    readonly layout: Layout,
    side: Input['side'] = 'serving',
  ) {
    const { serving, labels, offline } = monitor
    const source = side === 'labels' ? labels! : side === 'offline' ? offline! : serving
    if (source.where.length > 30)
      throw new DriftlineError(
        'bad-input',
        `${monitor.file}: ${side}.where has ${source.where.length} conditions; at most 30 are possible`,
      )
    this.#revision = layout.revision
    this.#ignored = serving.ignore.map(patternOf)
    const ages = side !== 'serving' ? [] : monitor.times.map(({ series }) => layout.add(series, 'numeric'))
    const label = side === 'labels' ? labelSlot(monitor, layout) : -1
    const version = layout.versions.add(serving.fixedVersion)
    this.reading = new Reading(2 ** source.where.length - 1, version, ages, label)
    this.#source(source)
    if (side === 'labels') this.#label(labels!.value, label)
    else if (side === 'offline') this.#features(offline!.features, null)
    else this.#serving(serving, ages)
    const both = [source.key, source.time.path]
    this.required = side === 'labels' ? [...both, labels!.value] : both
  }

  /** False once the layout has changed what slots mean or whether they are discovered. */
  isCurrent(): boolean {
    return this.layout.revision === this.#revision
  }

  slot(index: number): FeatureSink {
    let sink = this.#slots.get(index)
    if (sink === undefined) this.#slots.set(index, (sink = this.#sink(index)))
    return sink
  }

  #sink(index: number): FeatureSink {
    const slot = this.layout.slots[index]
    if (slot.kind === 'embedding') return new VectorSink(index, this.monitor.limits.dimension ?? MOST_NUMBERS)
    if (slot.kind === 'text') return new TextSlotSink(index)
    const { hash } = slot
    return hash === null ? new SlotSink(index, slot, this.spill) : new HashedSlotSink(index, slot, this.spill, hash)
  }

  hasRole(path: Path): boolean {
    return this.#roles.has(keyOf(path))
  }

  ignores(path: Path): boolean {
    const name = path.at(-1)!
    const dotted = path.join('.')
    return this.#ignored.some(({ matches }) => matches(name) || matches(dotted))
  }

  /** The last segment, or the dotted path where another path has that name. */
  nameOf(path: Path): string {
    const name = path.at(-1)!
    const owner = this.#names.get(name)
    return owner === undefined || owner === keyOf(path) ? name : path.join('.')
  }

  /** The name stands for this path from now on, unless it does for another. Names of no feature are not remembered: events may bring any number. */
  own(path: Path): void {
    const name = path.at(-1)!
    if (!this.#names.has(name)) this.#names.set(name, keyOf(path))
  }

  #role(path: Path, sink: Sink): void {
    this.root.at(path).sinks.push(sink)
    this.#roles.add(keyOf(path))
  }

  /** What the rows of all sides are read by. */
  #source({ where, key, time }: Pick<Serving | Labels | Offline, 'where' | 'key' | 'time'>): void {
    where.forEach(({ path, equals }, i) => {
      const condition = new WhereSink(this.reading, 1 << i, equals)
      this.conditions.push([path, condition])
      this.#role(path, condition)
    })
    this.#role(key, isJoined(this.monitor) ? new JoinKeySink(this.reading) : new KeySink(this.reading))
    this.#role(time.path, new TimeSink(this.reading, time.unit))
  }

  #serving(serving: Serving, ages: readonly number[]): void {
    const { layout, monitor } = this
    const { version, entity } = serving
    if (version !== null) this.#role(version, new VersionSink(this.reading, layout))
    if (entity !== null) this.#role(entity, new EntitySink())
    for (const [t, { path, unit }] of monitor.times.entries()) this.#role(path, new AgeSink(ages[t], unit))
    this.#features(serving.features, serving.prediction)
    for (const dimension of monitor.segments) {
      if (dimension.path === null) continue
      this.root.at(dimension.path).sinks.push(this.slot(layout.add(slotName(dimension), 'categorical', false)))
    }
    const slots = outputSlots(monitor, layout)
    for (const [o, { path }] of (monitor.task?.outputs ?? []).entries())
      this.root.at(path).sinks.push(this.#scalar(slots[o]))
  }

  #label(path: Path, slot: number): void {
    const { type, positive } = this.monitor.task!
    this.#role(path, type === 'binary' ? new BinaryLabelSink(slot, positive) : this.#scalar(slot))
  }

  /** A prediction or a label: a number, or a class. */
  #scalar(slot: number): SlotSink {
    const column = this.layout.slots[slot]
    return column.kind === 'categorical'
      ? new ClassSink(slot, column, this.spill)
      : new SlotSink(slot, column, this.spill)
  }

  #features(features: readonly string[], prediction: Path | null): void {
    const paths = features.map(feature => feature.split('.'))
    // Names of declared paths come first, so that they do not depend on what events bring.
    for (const path of paths) if (!path.at(-1)!.includes('*')) this.own(path)
    if (prediction !== null && !this.hasRole(prediction)) {
      this.own(prediction)
      const index = this.layout.add(this.nameOf(prediction), predictionKind(this.monitor))
      this.root.at(prediction).sinks.push(this.slot(index))
      this.#roles.add(keyOf(prediction))
    }
    for (const path of paths) {
      if (prediction !== null && keyOf(path) === keyOf(prediction)) continue
      const folder = this.root.at(path.slice(0, -1))
      folder.patterns.push(patternOf(path.at(-1)!))
      if (!this.folders.includes(folder)) this.folders.push(folder)
    }
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path)
}
