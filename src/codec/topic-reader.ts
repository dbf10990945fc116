import { DriftlineError } from '../core/error.js'
import type { Input, Monitor } from '../core/monitor.js'
import { NEEDS_SCHEMA, type NOT_SELECTED, type READ, type RecordReader } from '../core/ports.js'
import type { Rejection } from '../core/rejection.js'
import type { Layout, Row } from '../core/row.js'
import { AvroReader } from './avro-reader.js'
import { JsonReader, parseEvent } from './json-reader.js'
import { Mapping } from './mapping.js'
import type { WriterSchemas } from './writer-schemas.js'

export interface TopicReaderOptions {
  /** In the order of `read`'s index; of their predictions unless `side` says otherwise. */
  readonly monitors: readonly {
    readonly monitor: Monitor
    readonly layout: Layout
    readonly side?: Input['side']
  }[]
  /** Null where every monitor reads JSON. */
  readonly schemas: WriterSchemas | null
  readonly maxBytes: number
  /** Wall clock, for how long an unknown schema id is believed; epoch ms. */
  readonly now?: () => number
}

/** Confluent's wire format: a zero byte, the schema id in four, then the record. */
const HEADER = 5
/** An id that the registry does not know is asked again after this. */
const UNKNOWN_FOR_MS = 30_000
const MOST_SCHEMAS = 10_000
/** Readers kept of one monitor: each is code of its own. */
const MOST_READERS = 256

/** The reader of one source topic: Confluent Avro or JSON, as each monitor says. */
export function createTopicReader(options: TopicReaderOptions): RecordReader {
  return new TopicReader(options)
}

class TopicReader implements RecordReader {
  readonly #monitors: MonitorReader[]
  /** By id; null for one that is unknown, with when it was asked. */
  readonly #schemas = new Map<number, { readonly schema: object | null; readonly until: number }>()
  readonly #parsed: { bytes: Uint8Array | null; from: number; index: number; event: unknown } = {
    bytes: null,
    from: 0,
    index: 0,
    event: undefined,
  }

  constructor(private readonly options: TopicReaderOptions) {
    this.#monitors = options.monitors.map(
      ({ monitor, layout, side = 'serving' }) => new MonitorReader(monitor, layout, side),
    )
  }

  read(
    bytes: Uint8Array,
    index: number,
    row: Row,
    from = 0,
    end = bytes.length,
  ): typeof READ | typeof NOT_SELECTED | typeof NEEDS_SCHEMA | Rejection {
    if (end - from > this.options.maxBytes) return 'too-large'
    const monitor = this.#monitors[index]
    monitor.follow()
    if (monitor.json) return monitor.json.read(this.#parse(bytes, from, end, index), row)
    if (end - from < HEADER || bytes[from] !== 0) return 'not-avro'
    const id = idOf(bytes, from)
    const reader = id === monitor.lastId ? monitor.last : monitor.readers.get(id)
    if (reader === undefined) return this.#compile(monitor, id, bytes, from, end, row)
    if (typeof reader === 'string') return reader
    if (reader.slots !== monitor.layout.slots.length) return this.#compile(monitor, id, bytes, from, end, row)
    monitor.last = reader
    monitor.lastId = id
    return reader.read(bytes, from + HEADER, end, row)
  }

  async prepare(bytes: Uint8Array): Promise<void> {
    if (bytes.length < HEADER) return
    const id = idOf(bytes, 0)
    const { schemas, monitors } = this.options
    if (schemas === null) {
      const { monitor, side = 'serving' } = monitors.find(one => formatOf(one.monitor, one.side) === 'avro')!
      const remedy = `set SCHEMA_REGISTRY_URL, or ${side}.format: json if the topic holds JSON`
      throw new DriftlineError(
        'bad-input',
        `${monitor.file}: ${side}.format is avro, and there is no schema registry: ${remedy}`,
      )
    }
    const schema = await schemas.get(id)
    // Ids read off garbage must not fill the memory.
    if (this.#schemas.size >= MOST_SCHEMAS) this.#schemas.clear()
    this.#schemas.set(id, { schema, until: schema === null ? this.#now() + UNKNOWN_FOR_MS : Number.POSITIVE_INFINITY })
  }

  #compile(
    monitor: MonitorReader,
    id: number,
    bytes: Uint8Array,
    from: number,
    end: number,
    row: Row,
  ): ReturnType<RecordReader['read']> {
    const known = this.#schemas.get(id)
    if (known === undefined || known.until < this.#now()) return NEEDS_SCHEMA
    if (known.schema === null) return 'schema-unknown'
    try {
      const reader = new AvroReader(known.schema, monitor.mapping)
      if (monitor.readers.size >= MOST_READERS) monitor.readers.clear()
      monitor.readers.set(id, reader)
      // Else the one that has fewer slots would be asked again, and each record compiled.
      monitor.last = reader
      monitor.lastId = id
      return reader.read(bytes, from + HEADER, end, row)
    } catch {
      monitor.readers.set(id, 'schema-unfit')
      return 'schema-unfit'
    }
  }

  /** One parse for all monitors that are asked in turn. */
  #parse(bytes: Uint8Array, from: number, end: number, index: number): unknown {
    const last = this.#parsed
    if (last.bytes !== bytes || last.from !== from || index <= last.index)
      last.event = parseEvent(bytes.subarray(from, end))
    last.bytes = bytes
    last.from = from
    last.index = index
    return last.event
  }

  #now(): number {
    return (this.options.now ?? Date.now)()
  }
}

/** What one monitor has compiled; made anew when its layout has changed. */
class MonitorReader {
  mapping: Mapping
  json: JsonReader | null
  readonly readers = new Map<number, AvroReader | 'schema-unfit'>()
  last: AvroReader | undefined
  lastId = -1

  constructor(
    private readonly monitor: Monitor,
    readonly layout: Layout,
    private readonly side: Input['side'],
  ) {
    this.mapping = new Mapping(monitor, layout, side)
    this.json = formatOf(monitor, side) === 'json' ? new JsonReader(this.mapping) : null
  }

  follow(): void {
    if (this.mapping.isCurrent()) return
    this.mapping = new Mapping(this.monitor, this.layout, this.side)
    this.json = this.json && new JsonReader(this.mapping)
    this.readers.clear()
    this.last = undefined
    this.lastId = -1
  }
}

function formatOf({ serving, labels, offline }: Monitor, side: Input['side'] = 'serving'): 'avro' | 'json' {
  return side === 'labels' ? labels!.format : side === 'offline' ? offline!.format : serving.format
}

function idOf(bytes: Uint8Array, from: number): number {
  return ((bytes[from + 1] << 24) | (bytes[from + 2] << 16) | (bytes[from + 3] << 8) | bytes[from + 4]) >>> 0
}
