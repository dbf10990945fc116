import { DriftlineError } from '../core/error.js'
import { LATENCY } from '../core/join/slots.js'
import { type Monitor, type Path, predictionKind, type Serving, type TimeUnit } from '../core/monitor.js'
import type { FeatureKind } from '../core/row.js'
import { isPerRow } from './column.js'
import type { FieldMap, FieldSource } from './field-map.js'
import type { Table } from './table.js'

/** A feature: its name in the monitor, its place in the event, its column in the file. */
export interface MappedFeature {
  readonly name: string
  readonly path: Path
  readonly column: string
  /** As the monitor says, where it does. */
  readonly kind?: FeatureKind
  /** Whole numbers that go into events as their text. */
  readonly asText?: boolean
}

/** A field that is no feature; `field` is where the event has it. */
export interface MappedField {
  readonly path: Path
  readonly source: FieldSource
}

export interface MappedTime {
  readonly path: Path
  readonly column: string
  /** In the file, and in events. */
  readonly unit: TimeUnit
  readonly eventUnit: TimeUnit
}

/** Where events have a time that the file has no column for. */
export interface TimeWithoutColumn extends Pick<MappedTime, 'path' | 'eventUnit'> {
  readonly column: null
}

/** How rows of a file are events of a monitor. */
export interface EventMapping {
  readonly features: readonly MappedFeature[]
  /** Without a column only where it was not required. */
  readonly time: MappedTime | TimeWithoutColumn
  readonly key: MappedField | null
  readonly entity: MappedField | null
  readonly version: MappedField | null
  readonly prediction: MappedFeature | null
  /** Outputs of the task that are neither the prediction nor features. */
  readonly outputs: readonly MappedFeature[]
  /** When features were computed, by the series of their age. */
  readonly ages: readonly (MappedTime & { readonly series: string })[]
  /** Segment dimensions that are no features. */
  readonly dimensions: readonly { readonly name: string; readonly field: MappedField }[]
  /** Fields that the monitor's `where` asks for, with what it wants. */
  readonly constants: readonly MappedField[]
  /** Numbers of a vector, at most; absent: `MOST_NUMBERS`. */
  readonly dimension?: number
}

/**
 * The mapping, so that whole numbers that the monitor takes for categories are sent as texts: ids of 64 bits have more digits than a double
 * keeps, and training is read with all of them.
 */
export function withDigits(mapping: EventMapping, table: Table): EventMapping {
  const exact = (feature: MappedFeature): MappedFeature => {
    const column = table.column(feature.column)
    const hasDigits = (column.type === 'number' && column.integer) || isPerRow(column)
    return feature.kind === 'categorical' && hasDigits ? { ...feature, asText: true } : feature
  }
  return { ...mapping, features: mapping.features.map(exact) }
}

/** Whether values of the feature are lists of numbers. */
export function isVector(table: Table, { column, kind }: Pick<MappedFeature, 'column' | 'kind'>): boolean {
  return kind === 'embedding' || table.column(column).list !== undefined
}

export interface TimeRequired {
  /** Where the file has no column of event times: refuse, or go without. */
  readonly time: boolean
  /** What else than naming a column the user can do, for the message. */
  readonly instead?: string
}

export interface Required extends TimeRequired {
  /** Where the file has no key column: refuse, number the rows, or go without. */
  readonly key: 'column' | 'row number' | 'none'
}

/**
 * Finds the columns of a monitor's fields: what the user mapped, else a column of the field's whole path, else one of its last name. A flat
 * column is the feature `features.*` means when the file has no nested ones.
 */
export function mapEvents(monitor: Monitor, table: Table, map: FieldMap, required: Required): EventMapping {
  const { serving } = monitor
  const find = new FieldFinder(table, map)
  const time = find.time(serving.time.path, serving.time.unit)
  if (!time && required.time)
    throw missing(monitor.file, table, map, 'event time', serving.time.path.join('.'), required.instead)
  let key = find.field(serving.key)
  if (!key && required.key === 'row number') key = { path: serving.key, source: { column: '#', unit: null } }
  if (!key && required.key === 'column') throw missing(monitor.file, table, map, 'key', serving.key.join('.'))
  const version = serving.version && (find.field(serving.version) ?? constant(serving.version, serving.fixedVersion))
  const prediction = serving.prediction && find.field(serving.prediction)
  const latency = monitor.shadow?.latency ?? null
  const outputs = [
    ...(monitor.task?.outputs ?? []),
    ...(latency === null ? [] : [{ name: LATENCY, path: latency }]),
  ].filter(({ path }) => path.join('.') !== serving.prediction?.join('.') && !isFeature(path, serving.features))
  const found = {
    time: time ?? withoutColumn(serving.time),
    key,
    version,
    entity: serving.entity && find.field(serving.entity),
    prediction:
      prediction && 'column' in prediction.source
        ? {
            name: prediction.path.at(-1)!,
            path: prediction.path,
            column: prediction.source.column,
            kind: predictionKind(monitor),
          }
        : null,
    outputs: outputs.flatMap(({ name, path }) => {
      const field = find.field(path)
      return field && 'column' in field.source ? [{ name, path, column: field.source.column }] : []
    }),
    dimensions: monitor.segments.flatMap(({ name, path }) => {
      const field = path && find.field(path)
      return field ? [{ name, field }] : []
    }),
    ages: monitor.times.flatMap(({ series, path, unit }) => {
      const time = find.time(path, unit)
      return time ? [{ ...time, series }] : []
    }),
    ...(monitor.limits.dimension === undefined ? {} : { dimension: monitor.limits.dimension }),
    constants: serving.where.map(({ path, equals }) => find.mapped(path) ?? constant(path, equals)),
  }
  // What came true is no feature, unless it is asked for by name.
  if (monitor.labels) find.field(monitor.labels.value)
  const features = find.features(serving.features, serving.ignore).map(feature => {
    const kind = monitor.features.get(feature.name)?.kind ?? null
    return kind === null ? feature : { ...feature, kind }
  })
  if (features.length === 0)
    throw new DriftlineError(
      'bad-input',
      `${table.source} has no column that ${monitor.file} would take as a feature (serving.features: ${serving.features.join(', ')}); ` +
        `it has ${table.columns.map(({ name }) => name).join(', ')}; map them with --map ${serving.features[0]!.replace('*', 'NAME')}=COLUMN`,
    )
  return { ...found, features }
}

function isFeature(path: Path, patterns: readonly string[]): boolean {
  return patterns.some(pattern => {
    const at = pattern.split('.')
    return at.slice(0, -1).join('.') === path.slice(0, -1).join('.') && patternOf(at.at(-1)!)(path.at(-1)!)
  })
}

/** Of an event time that no column of the file has. */
export function withoutColumn({ path, unit }: Serving['time']): TimeWithoutColumn {
  return { path, eventUnit: unit, column: null }
}

export function constant(path: Path, text: string): MappedField {
  return { path, source: { constant: text } }
}

/** Finds the columns of fields, and remembers which have a role. */
export class FieldFinder {
  /** Columns that have a role are no features. */
  readonly #taken = new Set<string>()
  readonly #paths = new Set<string>()

  constructor(
    readonly table: Table,
    readonly map: FieldMap,
  ) {}

  mapped(path: Path): MappedField | null {
    const source = this.map.get(path.join('.'))
    if (!source) return null
    if ('column' in source && source.column !== '#') this.table.column(source.column)
    return this.#take(path, source)
  }

  field(path: Path): MappedField | null {
    const mapped = this.mapped(path)
    if (mapped) return mapped
    const column = [path.join('.'), path.at(-1)!].find(name => this.table.columns.some(column => column.name === name))
    return column === undefined ? null : this.#take(path, { column, unit: null })
  }

  time(path: Path, unit: TimeUnit): MappedTime | null {
    const field = this.field(path)
    if (!field || !('column' in field.source) || field.source.column === '#') return null
    const { column, unit: said } = field.source
    return { path, column, eventUnit: unit, unit: said ?? (this.table.column(column).type === 'time' ? 'iso' : unit) }
  }

  #take(path: Path, source: FieldSource): MappedField {
    if ('column' in source) this.#taken.add(source.column)
    this.#paths.add(path.join('.'))
    return { path, source }
  }

  features(patterns: readonly string[], ignore: readonly string[]): MappedFeature[] {
    const found = new Map<string, MappedFeature>()
    const names = new Map<string, string>()
    const ignored = ignore.map(patternOf)
    const add = (path: Path, column: string, literal: boolean): void => {
      const dotted = path.join('.')
      const leaf = path.at(-1)!
      if (found.has(dotted) || (this.#paths.has(dotted) && !literal)) return
      if (!literal && (this.#taken.has(column) || ignored.some(matches => matches(leaf) || matches(dotted)))) return
      const owner = names.get(leaf)
      if (owner === undefined) names.set(leaf, dotted)
      found.set(dotted, { name: owner === undefined || owner === dotted ? leaf : dotted, path, column })
    }
    for (const pattern of patterns) {
      const path = pattern.split('.')
      const parents = path.slice(0, -1)
      const matches = patternOf(path.at(-1)!)
      const literal = !pattern.includes('*')
      for (const [field, source] of this.map) {
        const at = field.split('.')
        if (!('column' in source) || this.#paths.has(field) || at.slice(0, -1).join('.') !== parents.join('.')) continue
        if (matches(at.at(-1)!)) add(at, this.table.column(source.column).name, true)
      }
      for (const { leaf, column } of this.#below(parents)) if (matches(leaf)) add([...parents, leaf], column, literal)
    }
    return [...found.values()]
  }

  /** Columns below a path; flat columns where the file has none below it. */
  #below(parents: Path): { leaf: string; column: string }[] {
    const prefix = parents.map(name => `${name}.`).join('')
    const leavesOf = (start: string) =>
      this.table.columns
        .filter(({ name }) => name.startsWith(start) && !name.slice(start.length).includes('.'))
        .map(({ name }) => ({ leaf: name.slice(start.length), column: name }))
    const nested = leavesOf(prefix)
    return nested.length > 0 ? nested : leavesOf('')
  }
}

function patternOf(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const expression = new RegExp(`^${parts.join('.*')}$`, 's')
  return name => expression.test(name)
}

/** @param instead what else is a remedy */
export function missing(
  file: string,
  table: Table,
  { option = '--map' }: FieldMap,
  what: 'event time' | 'time of the label' | 'key' | 'label',
  field: string,
  instead?: string,
): DriftlineError {
  const names = table.columns.map(({ name }) => name)
  const hint = what === 'key' || what === 'label' ? '=COLUMN' : timeHint(table)
  return new DriftlineError(
    'bad-input',
    `${table.source} has no column for the ${what} ${field} of ${file}; name one with ${option} ${field}${hint}${instead ? `, or ${instead}` : ''} (it has ${names.slice(0, 30).join(', ')})`,
  )
}

function timeHint(table: Table): string {
  const typed = table.columns.find(({ type }) => type === 'time')
  if (typed) return `=${typed.name}`
  const named = table.columns.find(({ name, type }) => type === 'number' && /time|date|_at$|^ts$/i.test(name))
  return named ? `=${named.name}:s (or ms, us, ns)` : '=COLUMN:UNIT (s, ms, us, ns, iso)'
}
