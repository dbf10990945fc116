import { createTopicReader } from '../codec/topic-reader.js'
import { registrySchemas } from '../codec/writer-schemas.js'
import { environment } from '../config/environment.js'
import { inputsOf, type Monitor } from '../core/monitor.js'
import { NEEDS_SCHEMA, NOT_SELECTED, READ, type RecordReader } from '../core/ports.js'
import { LARGEST_RECORD } from '../service/source-topics.js'
import { type AnyWatch, LabelWatch, OfflineWatch, Watch } from '../service/watch.js'
import type { Letter } from './dead-letter-reading.js'

const WATCHES = { serving: Watch, labels: LabelWatch, offline: OfflineWatch } as const

interface Reading {
  readonly watches: readonly AnyWatch[]
  readonly reader: RecordReader
}

/** Reads dead letters as the service would now. */
export class LetterCheck {
  readonly #readings = new Map<string, Reading>()

  constructor(private readonly monitors: readonly Monitor[]) {}

  /** Why no monitor of its topic can read it; null where one can. Event times are not judged: the service does it by the time of arrival. */
  async rejection({ topic, value }: Letter): Promise<string | null> {
    if (value === null) return 'tombstone'
    const { watches, reader } = this.#of(topic)
    if (watches.length === 0) return 'not read'
    let rejection = 'not selected'
    for (const [i, { row }] of watches.entries()) {
      let found = reader.read(value, i, row)
      if (found === NEEDS_SCHEMA) {
        await reader.prepare(value)
        found = reader.read(value, i, row)
      }
      if (found === READ) return null
      if (typeof found === 'string') rejection = found
      else if (found !== NOT_SELECTED) rejection = 'schema-unknown'
    }
    return rejection
  }

  #of(topic: string): Reading {
    const known = this.#readings.get(topic)
    if (known !== undefined) return known
    const watches = this.monitors.flatMap(monitor =>
      inputsOf(monitor).flatMap(({ side, topic: its }): AnyWatch[] =>
        its === topic ? [new WATCHES[side](monitor)] : [],
      ),
    )
    const { schemaRegistryUrl } = environment()
    const schemas = schemaRegistryUrl === null ? null : registrySchemas(schemaRegistryUrl)
    const reading = { watches, reader: createTopicReader({ monitors: watches, schemas, maxBytes: LARGEST_RECORD }) }
    this.#readings.set(topic, reading)
    return reading
  }
}
