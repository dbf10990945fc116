import avsc from 'avsc'
import type { AlertEvent, VerdictEvent } from '../core/alert/event.js'
import type { IncidentEvent } from '../core/alert/incident-event.js'
import { DriftlineError } from '../core/error.js'
import type { ParityEvent } from '../core/parity/event.js'
import type { PerformanceEvent } from '../core/performance/event.js'
import type { OutgoingRecord } from '../core/ports.js'
import type { ShadowEvent } from '../core/shadow/event.js'
import { alertAttributes, castAlert } from './alert.js'
import { avroBytes } from './avro-bytes.js'
import { AVRO_CONTENT, type CloudEventAttributes, cloudEventHeaders, JSON_CONTENT } from './cloud-event.js'
import { jsonBytes, TO_AVRO, TO_JSON } from './form.js'
import { castIncident, incidentAttributes } from './incident.js'
import { castParity, parityAttributes } from './parity.js'
import { castPerformance, performanceAttributes } from './performance.js'
import { readSchema } from './schema-file.js'
import { castShadow, shadowAttributes } from './shadow.js'
import { withoutUserInfo } from './user-info.js'
import { castVerdict, verdictAttributes, verdictBytes } from './verdict.js'
import { isResponseError, registryError } from './writer-schemas.js'

/** Writes the events of the public topics: CloudEvents in binary mode, their data in Avro or JSON. */
export interface PublicEncoder {
  alert(event: AlertEvent): OutgoingRecord
  incident(event: IncidentEvent): OutgoingRecord
  verdict(event: VerdictEvent): OutgoingRecord
  performance(event: PerformanceEvent): OutgoingRecord
  parity(event: ParityEvent): OutgoingRecord
  shadow(event: ShadowEvent): OutgoingRecord
}

export interface PublicEncoderOptions {
  /** Null: JSON everywhere. */
  readonly registryUrl: string | null
  /** Subjects to register under, and the topics that are JSON all the same. */
  readonly topics?: { readonly alert: string; readonly verdict: string }
  /** Incidents are in the topic of the alerts, performance, parity and shadow in that of the verdicts, and written as these are. */
  readonly json?: readonly ('alert' | 'verdict')[]
}

type EventName = 'alert' | 'incident' | 'verdict' | 'performance' | 'parity' | 'shadow'
type Attributes = Omit<CloudEventAttributes, 'datacontenttype' | 'dataschema'>
type Write = (event: object, attributes: Attributes) => OutgoingRecord

/** Registers the schemas where there is a registry, one after the other: first registrations at once answer a spurious 409. */
export async function createPublicEncoder(options: PublicEncoderOptions): Promise<PublicEncoder> {
  const { registryUrl, topics = { alert: 'driftline.alerts', verdict: 'driftline.verdicts' }, json = [] } = options
  const writer = async (name: EventName): Promise<Write> => {
    const main = MAIN[name]
    if (registryUrl === null || json.includes(main)) return jsonWriter(name)
    // A topic's second type of event has a subject of its own (TopicRecordNameStrategy): `-value` holds versions of one.
    const subject = `${topics[main]}-${name === main ? 'value' : recordName(name)}`
    return avroWriter(name, await register(registryUrl, subject, name), registryUrl)
  }
  const alert = await writer('alert')
  const incident = await writer('incident')
  const verdict = await writer('verdict')
  const performance = await writer('performance')
  const parity = await writer('parity')
  return encoder({ alert, incident, verdict, performance, parity, shadow: await writer('shadow') })
}

/** The event that a topic is there for. */
const MAIN = {
  alert: 'alert',
  incident: 'alert',
  verdict: 'verdict',
  performance: 'verdict',
  parity: 'verdict',
  shadow: 'verdict',
} as const

function recordName(event: EventName): string {
  const { namespace, name } = readSchema(`${event}.avsc`) as { readonly namespace: string; readonly name: string }
  return `${namespace}.${name}`
}

/** Without a registry. */
export function jsonEncoder(): PublicEncoder {
  const [alert, incident, verdict] = [jsonWriter('alert'), jsonWriter('incident'), jsonWriter('verdict')]
  const [performance, parity, shadow] = [jsonWriter('performance'), jsonWriter('parity'), jsonWriter('shadow')]
  return encoder({ alert, incident, verdict, performance, parity, shadow })
}

function encoder({
  alert,
  incident,
  verdict,
  performance,
  parity,
  shadow,
}: Readonly<Record<EventName, Write>>): PublicEncoder {
  return {
    alert: event => alert(event, alertAttributes(event)),
    incident: event => incident(event, incidentAttributes(event)),
    verdict: event => verdict(event, verdictAttributes(event)),
    performance: event => performance(event, performanceAttributes(event)),
    parity: event => parity(event, parityAttributes(event)),
    shadow: event => shadow(event, shadowAttributes(event)),
  }
}

const CAST = {
  alert: (event: object, form: typeof TO_JSON) => castAlert(event as AlertEvent, form),
  incident: (event: object, form: typeof TO_JSON) => castIncident(event as IncidentEvent, form),
  verdict: (event: object, form: typeof TO_JSON) => castVerdict(event as VerdictEvent, form),
  performance: (event: object, form: typeof TO_JSON) => castPerformance(event as PerformanceEvent, form),
  parity: (event: object, form: typeof TO_JSON) => castParity(event as ParityEvent, form),
  shadow: (event: object, form: typeof TO_JSON) => castShadow(event as ShadowEvent, form),
}

function jsonWriter(name: EventName): Write {
  const dataschema = `urn:driftline:schema:${name}:1`
  return (event, attributes) => ({
    key: attributes.partitionkey,
    value: name === 'verdict' ? verdictBytes(event as VerdictEvent) : jsonBytes(CAST[name](event, TO_JSON)),
    headers: cloudEventHeaders(attributes, JSON_CONTENT, dataschema),
  })
}

function avroWriter(name: EventName, id: number, registryUrl: string): Write {
  const type = avsc.Type.forSchema(readSchema(`${name}.avsc`) as avsc.Schema)
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(id, 1)
  const dataschema = `${withoutUserInfo(registryUrl).replace(/\/$/, '')}/schemas/ids/${id}`
  return (event, attributes) => ({
    key: attributes.partitionkey,
    value: avroBytes(type, CAST[name](event, TO_AVRO), prefix),
    headers: cloudEventHeaders(attributes, AVRO_CONTENT, dataschema),
  })
}

/** Registers the schema; two instances that start at once may hinder each other, hence the second try. */
async function register(url: string, subject: string, name: EventName, tries = 3): Promise<number> {
  const { COMPATIBILITY, SchemaRegistry, SchemaType } = await import('@kafkajs/confluent-schema-registry')
  const registry = new SchemaRegistry({ host: url })
  const schema = JSON.stringify(readSchema(`${name}.avsc`))
  try {
    return (
      await registry.register({ type: SchemaType.AVRO, schema }, { subject, compatibility: COMPATIBILITY.BACKWARD })
    ).id
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    if (tries > 1 && isResponseError(error) && error.status === 409) return register(url, subject, name, tries - 1)
    if (tries > 1 && / NONE\)/.test(said)) {
      await setBackward(url, subject)
      return register(url, subject, name, tries - 1)
    }
    if (isResponseError(error) && error.status !== 409) throw registryError(error, url)
    const remedy = "set the subject's compatibility to BACKWARD, or remove what another program registered there"
    throw new DriftlineError(
      'bad-input',
      `the schema registry at ${url} refuses schemas/${name}.avsc as ${subject}: ${said}; ${remedy}`,
      {
        cause: error,
      },
    )
  }
}

/** Where a registry answers NONE for a subject that nobody has configured, or a crash came between registering and configuring. */
async function setBackward(url: string, subject: string): Promise<void> {
  const address = `${url.replace(/\/$/, '')}/config/${encodeURIComponent(subject)}`
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
  try {
    await fetch(address, { method: 'PUT', headers, body: JSON.stringify({ compatibility: 'BACKWARD' }) })
  } catch (error) {
    throw registryError(error, url)
  }
}
