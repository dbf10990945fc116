import type { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import avsc from 'avsc'
import { DriftlineError } from '../core/error.js'
import { withoutUserInfo } from './user-info.js'

/** Writers' schemas by id. */
export interface WriterSchemas {
  /** The Avro schema as JSON; null for an id that the registry does not know. Throws when the registry cannot answer: ask again later. */
  get(id: number): Promise<object | null>
}

/** The schemas of a Confluent-compatible registry. Ids never change their meaning, so an answer is kept for good by the client below. */
export function registrySchemas(url: string): WriterSchemas {
  let client: Promise<SchemaRegistry> | null = null
  return {
    async get(id) {
      const registry = await (client ??= registryAt(url))
      try {
        const schema = (await registry.getSchema(id)) as Partial<avsc.Type>
        // A JSON Schema or Protobuf has no such method; the reader makes it `schema-unfit`.
        return (schema.schema?.({ exportAttrs: true }) ?? { type: 'not-avro' }) as object
      } catch (error) {
        return unanswered(error, url)
      }
    },
  }
}

/** Its client brings JSON Schema and Protobuf along: it is loaded where there is something to ask. */
async function registryAt(url: string): Promise<SchemaRegistry> {
  const { SchemaRegistry, SchemaType } = await import('@kafkajs/confluent-schema-registry')
  return new SchemaRegistry({ host: url }, { [SchemaType.AVRO]: { logicalTypes: LOGICAL_TYPES } })
}

/** Null where the registry has answered that there is none; a schema that nobody can read where it has answered nonsense; else throws. */
function unanswered(error: unknown, url: string): object | null {
  if (!isResponseError(error)) return { type: 'not-avro' }
  if (error.status === 404) return null
  throw registryError(error, url)
}

/** What a request that failed means. An unreachable registry answers status 400 with ECONNREFUSED in the message. */
export function registryError(error: unknown, url: string): DriftlineError {
  const said = error instanceof Error ? error.message : String(error)
  const status =
    isResponseError(error) && !/ECONN|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|socket/.test(said)
      ? ` (status ${error.status})`
      : ''
  const remedy = 'check SCHEMA_REGISTRY_URL and that the registry runs'
  return new DriftlineError(
    'infrastructure',
    withoutUserInfo(`the schema registry at ${url} does not answer${status}: ${said}; ${remedy}`),
    { cause: error },
  )
}

/** `ResponseError` of the registry's client, which does not export it. */
export function isResponseError(error: unknown): error is Error & { readonly status: number } {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
}

/** Lets avsc keep the attributes of logical types, which it drops of those it does not know. */
class Kept extends avsc.types.LogicalType {
  readonly #attributes: Readonly<Record<string, unknown>>
  constructor(schema: avsc.Schema, options?: avsc.ForSchemaOptions) {
    super(schema, options)
    const { precision, scale } = schema as unknown as Record<string, unknown>
    this.#attributes = { ...(precision !== undefined && { precision }), ...(scale !== undefined && { scale }) }
  }
  protected override _fromValue(value: unknown): unknown {
    return value
  }
  protected override _toValue(value: unknown): unknown {
    return value
  }
  protected override _export(schema: avsc.Schema): void {
    Object.assign(schema, this.#attributes)
  }
}

const LOGICAL_TYPES = Object.fromEntries(
  [
    'decimal',
    'uuid',
    'date',
    ...['millis', 'micros'].map(unit => `time-${unit}`),
    ...['millis', 'micros', 'nanos'].flatMap(unit => [`timestamp-${unit}`, `local-timestamp-${unit}`]),
  ].map(name => [name, Kept]),
) as unknown as Record<string, new () => avsc.types.LogicalType>
