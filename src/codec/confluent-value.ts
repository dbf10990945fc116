import avsc from 'avsc'
import type { WriterSchemas } from './writer-schemas.js'

/** A value of unknown make as text for people: its JSON and what it was, or why it is neither JSON nor Avro of the registry. */
export type Deciphered = { readonly format: string; readonly json: string } | { readonly fault: string }

/** JSON, else Confluent's wire format (a zero byte, the schema id in four bytes, Avro). Throws only where the registry does not answer. */
export async function decipher(bytes: Uint8Array, schemas: WriterSchemas | null): Promise<Deciphered> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (buffer.length < 5 || buffer[0] !== 0) return json(buffer)
  const id = buffer.readUInt32BE(1)
  if (schemas === null) return { fault: `looks like Avro of schema ${id}: set SCHEMA_REGISTRY_URL to read it` }
  const schema = await schemas.get(id)
  if (schema === null) return { fault: `looks like Avro, but the registry does not know schema ${id}` }
  try {
    const type = avsc.Type.forSchema(schema as avsc.Schema)
    return { format: `Avro, schema ${id}`, json: type.toString(type.fromBuffer(buffer.subarray(5))) }
  } catch (error) {
    return { fault: `is not a whole record of schema ${id}: ${(error as Error).message}` }
  }
}

function json(buffer: Buffer): Deciphered {
  try {
    return { format: 'JSON', json: JSON.stringify(JSON.parse(buffer.toString())) }
  } catch (error) {
    return { fault: `neither Avro nor JSON: ${(error as Error).message}` }
  }
}
