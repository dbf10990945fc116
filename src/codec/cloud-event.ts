import { type Segment, segmentKey } from '../core/baseline/baseline.js'
import { isoText } from './iso-time.js'

/** A CloudEvent's attributes, https://github.com/cloudevents/spec, version 1.0. */
export interface CloudEventAttributes {
  readonly id: string
  readonly source: string
  readonly type: string
  /** What it is about. */
  readonly subject: string
  /** Epoch ms. */
  readonly time: number
  readonly datacontenttype: string
  readonly dataschema: string
  readonly partitionkey: string
  /** To filter by without decoding: lower-case letters and digits in their names. */
  readonly extensions: Readonly<Record<string, string>>
}

export const JSON_CONTENT = 'application/json'
/** Confluent wire format around it. */
export const AVRO_CONTENT = 'application/avro'

/** Headers of the Kafka protocol binding in binary mode: the value is the event's data alone. */
export function cloudEventHeaders(
  attributes: Omit<CloudEventAttributes, 'datacontenttype' | 'dataschema'>,
  datacontenttype: string,
  dataschema: string,
): Record<string, string> {
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    'content-type': datacontenttype,
    ce_id: attributes.id,
    ce_source: attributes.source,
    ce_type: attributes.type,
    ce_subject: attributes.subject,
    ce_partitionkey: attributes.partitionkey,
    ce_dataschema: dataschema,
    ce_time: isoText(attributes.time),
  }
  const { extensions } = attributes
  for (const name in extensions) headers[headerOf(name)] = extensions[name]
  return headers
}

/** There are few. */
const headerNames = new Map<string, string>()

function headerOf(extension: string): string {
  let name = headerNames.get(extension)
  if (name === undefined) headerNames.set(extension, (name = `ce_${extension}`))
  return name
}

const PLAIN = new Set(['specversion', 'id', 'source', 'type', 'subject', 'time', 'dataschema', 'partitionkey'])

/** Null for a record that is no CloudEvent of binary mode. */
export function cloudEventOf(headers: Readonly<Record<string, Uint8Array | string>>): CloudEventAttributes | null {
  const said = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), Buffer.from(value).toString()]),
  )
  const of = (name: string): string => said.get(`ce_${name}`) ?? ''
  if (!of('specversion').startsWith('1.') || of('id') === '' || of('source') === '' || of('type') === '') return null
  const others = [...said].filter(([name]) => name.startsWith('ce_') && !PLAIN.has(name.slice(3)))
  return {
    id: of('id'),
    source: of('source'),
    type: of('type'),
    subject: of('subject'),
    time: Date.parse(of('time')),
    datacontenttype: said.get('content-type') ?? '',
    dataschema: of('dataschema'),
    partitionkey: of('partitionkey'),
    extensions: Object.fromEntries(others.map(([name, value]) => [name.slice(3), value])),
  }
}

/** Source of all events of one model. */
export function sourceOf(model: string): string {
  return `/driftline/${escaped(model)}`
}

/** `model/version/segment/feature`, each percent-encoded; the segment of all rows is `all`. */
export function subjectOf(series: { model: string; modelVersion: string; segment: Segment; feature: string }): string {
  const { model, modelVersion, segment, feature } = series
  return `${escaped(model)}/${escaped(modelVersion)}/${segmentKey(segment) || 'all'}/${escaped(feature)}`
}

/** The names of series come again with every window. */
const MOST_NAMES = 10_000
const names = new Map<string, string>()

function escaped(name: string): string {
  let text = names.get(name)
  if (text === undefined) {
    if (names.size >= MOST_NAMES) names.clear()
    names.set(name, (text = encodeURIComponent(name)))
  }
  return text
}
