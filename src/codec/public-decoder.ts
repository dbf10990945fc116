import avsc from 'avsc'
import type { AlertEvent, VerdictEvent } from '../core/alert/event.js'
import type { IncidentEvent } from '../core/alert/incident-event.js'
import type { ParityEvent } from '../core/parity/event.js'
import type { PerformanceEvent } from '../core/performance/event.js'
import type { ShadowEvent } from '../core/shadow/event.js'
import { ALERT_TYPE, castAlert } from './alert.js'
import { AVRO_CONTENT, type CloudEventAttributes, cloudEventOf } from './cloud-event.js'
import { type Form, FROM_AVRO, FROM_JSON } from './form.js'
import { castIncident, INCIDENT_TYPE } from './incident.js'
import { castParity, PARITY_TYPE } from './parity.js'
import { castPerformance, PERFORMANCE_TYPE } from './performance.js'
import { plain } from './plain.js'
import { readSchema } from './schema-file.js'
import { castShadow, SHADOW_TYPE } from './shadow.js'
import { castVerdict, VERDICT_TYPE } from './verdict.js'
import type { WriterSchemas } from './writer-schemas.js'

/** An event of a public topic, with the attributes of its envelope. */
export type PublicEvent =
  | { readonly type: 'alert'; readonly attributes: CloudEventAttributes; readonly event: AlertEvent }
  | { readonly type: 'incident'; readonly attributes: CloudEventAttributes; readonly event: IncidentEvent }
  | { readonly type: 'verdict'; readonly attributes: CloudEventAttributes; readonly event: VerdictEvent }
  | { readonly type: 'performance'; readonly attributes: CloudEventAttributes; readonly event: PerformanceEvent }
  | { readonly type: 'parity'; readonly attributes: CloudEventAttributes; readonly event: ParityEvent }
  | { readonly type: 'shadow'; readonly attributes: CloudEventAttributes; readonly event: ShadowEvent }

const ofJson = (bytes: Buffer): object => JSON.parse(bytes.toString())

/** Reads what a `PublicEncoder` of this or another version wrote. */
export class PublicDecoder {
  readonly #readers = new Map<string, (bytes: Buffer) => object>()

  /** @param schemas null where every topic is JSON */
  constructor(private readonly schemas: WriterSchemas | null) {}

  /** Null for a record that is no event we know, or cannot be read. Throws when the registry cannot answer. */
  async decode(
    headers: Readonly<Record<string, Uint8Array | string>>,
    value: Uint8Array | null,
  ): Promise<PublicEvent | null> {
    const attributes = cloudEventOf(headers)
    if (attributes === null || value === null) return null
    if (attributes.type === ALERT_TYPE) {
      const event = await this.#data('alert', attributes, value, castAlert)
      return event && { type: 'alert', attributes, event }
    }
    if (attributes.type === INCIDENT_TYPE) {
      const event = await this.#data('incident', attributes, value, castIncident)
      return event && { type: 'incident', attributes, event }
    }
    if (attributes.type === VERDICT_TYPE) {
      const event = await this.#data('verdict', attributes, value, castVerdict)
      return event && { type: 'verdict', attributes, event }
    }
    if (attributes.type === PERFORMANCE_TYPE) {
      const event = await this.#data('performance', attributes, value, castPerformance)
      return event && { type: 'performance', attributes, event }
    }
    if (attributes.type === PARITY_TYPE) {
      const event = await this.#data('parity', attributes, value, castParity)
      return event && { type: 'parity', attributes, event }
    }
    if (attributes.type === SHADOW_TYPE) {
      const event = await this.#data('shadow', attributes, value, castShadow)
      return event && { type: 'shadow', attributes, event }
    }
    return null
  }

  async #data<E>(
    name: PublicEvent['type'],
    { datacontenttype }: CloudEventAttributes,
    value: Uint8Array,
    cast: (event: E, form: Form) => E,
  ): Promise<E | null> {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
    const avro = datacontenttype === AVRO_CONTENT
    const read = avro ? await this.#reader(name, bytes) : ofJson
    if (read === null) return null
    try {
      return cast(read(bytes) as E, avro ? FROM_AVRO : FROM_JSON)
    } catch {
      return null
    }
  }

  /** From the schema it was written with to ours. */
  async #reader(name: PublicEvent['type'], bytes: Buffer): Promise<((bytes: Buffer) => object) | null> {
    if (bytes.length < 5 || bytes[0] !== 0 || this.schemas === null) return null
    const id = bytes.readUInt32BE(1)
    const key = `${name}/${id}`
    const known = this.#readers.get(key)
    if (known !== undefined) return known
    const schema = await this.schemas.get(id)
    if (schema === null) return null
    try {
      const writer = avsc.Type.forSchema(schema as avsc.Schema)
      const reader = avsc.Type.forSchema(readSchema(`${name}.avsc`) as avsc.Schema)
      const resolver = reader.createResolver(writer)
      const read = (message: Buffer): object => plain(reader.decode(message, 5, resolver).value as object)
      this.#readers.set(key, read)
      return read
    } catch {
      return null
    }
  }
}
