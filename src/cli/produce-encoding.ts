import avro, { type Type } from 'avsc'
import { withoutUserInfo } from '../codec/user-info.js'
import { DriftlineError } from '../core/error.js'

/** Turns an event into a record's value. */
export type Encode = (event: Record<string, unknown>) => Buffer

export const encodeJson: Encode = event => Buffer.from(JSON.stringify(event))

/** Registers the schema of the topic's values, with BACKWARD compatibility said explicitly, and encodes in Confluent's wire format. */
export async function avroEncoder(registryUrl: string, topic: string, schema: object): Promise<Encode> {
  const subject = `${topic}-value`
  const id = await register(registryUrl, subject, schema)
  const type: Type = avro.Type.forSchema(schema as avro.Schema)
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return event => {
    try {
      return Buffer.concat([head, type.toBuffer(event)])
    } catch (cause) {
      throw new DriftlineError(
        'bad-input',
        `an event does not fit its Avro schema (${(cause as Error).message}); integers beyond 2^53 do not: use --format json`,
        { cause },
      )
    }
  }
}

async function register(registryUrl: string, subject: string, schema: object): Promise<number> {
  const { SchemaRegistry, SchemaType } = await import('@kafkajs/confluent-schema-registry')
  const registry = new SchemaRegistry({ host: registryUrl, retry: { retries: 2 } })
  try {
    // What an unset subject is compatible with differs between registries.
    await setCompatibility(registryUrl, subject)
    const { id } = await registry.register({ type: SchemaType.AVRO, schema: JSON.stringify(schema) }, { subject })
    await setCompatibility(registryUrl, subject)
    return id
  } catch (cause) {
    const message = (cause as Error).message
    if ((cause as { status?: number }).status === 409)
      throw new DriftlineError(
        'bad-input',
        `the schema registry at ${withoutUserInfo(registryUrl)} has a schema for ${subject} that readers of this file's could not read (${message}); ` +
          'produce to another topic, or give the file the same columns',
        { cause },
      )
    throw new DriftlineError(
      'infrastructure',
      `the schema registry at ${withoutUserInfo(registryUrl)} did not take the schema of ${subject} (${message}); is SCHEMA_REGISTRY_URL right and the registry up?`,
      { cause },
    )
  }
}

/** A subject that is not there yet may have no settings: it gets them after it was registered. */
async function setCompatibility(registryUrl: string, subject: string): Promise<void> {
  const response = await fetch(`${registryUrl.replace(/\/$/, '')}/config/${encodeURIComponent(subject)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ compatibility: 'BACKWARD' }),
    signal: AbortSignal.timeout(10_000),
  })
  if (!response.ok && response.status !== 404) throw new Error(`PUT /config/${subject} answered ${response.status}`)
}
