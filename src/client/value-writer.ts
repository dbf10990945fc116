import type { SchemaChoice, WriterSchema } from './writer-schema.js'

/** Turns events into record values, at once: the caller may change its object afterwards. */
export interface ValueWriter {
  readonly contentType: string
  /** Throws a plain Error for what the format cannot carry. */
  write(event: object): { readonly value: Buffer; readonly schema: WriterSchema | null }
}

/** JSON writes NaN and infinities as null. Where that difference matters, use Avro. */
export class JsonWriter implements ValueWriter {
  readonly contentType = 'application/json'

  write(event: object): { value: Buffer; schema: null } {
    return { value: Buffer.from(JSON.stringify(event)), schema: null }
  }
}

/** Confluent's wire format: a zero byte, the schema's id in four, then the Avro. */
const PREFIX = 5

export class AvroWriter implements ValueWriter {
  readonly contentType = 'application/avro'
  #scratch = Buffer.allocUnsafe(16 * 1024)

  constructor(private readonly schemas: SchemaChoice) {}

  /** The id's place is left open, since the schema may not be registered yet. */
  write(event: object): { value: Buffer; schema: WriterSchema } {
    const schema = this.schemas.schemaFor(event)
    let end = schema.type.encode(event, this.#scratch, PREFIX)
    if (end < 0) {
      this.#scratch = Buffer.allocUnsafe(this.#scratch.length - end)
      end = schema.type.encode(event, this.#scratch, PREFIX)
    }
    this.#scratch[0] = 0
    return { value: Buffer.from(this.#scratch.subarray(0, end)), schema }
  }
}

export function putSchemaId(value: Buffer, id: number): void {
  value.writeUInt32BE(id, 1)
}
