import avsc from 'avsc'
import { avroBytes } from './avro-bytes.js'
import { typeHook } from './avro-views.js'
import { readSchema } from './schema-file.js'

/** One kind of our own records: writes the newest version of its schema, reads every version there has been. */
export class RecordType<T> {
  readonly #types: readonly avsc.Type[]
  readonly #resolvers: readonly avsc.Resolver[]

  /**
   * @param versions schema files, oldest first (`history/part-1.avsc`, …, `part.avsc`): version n is the n-th
   * @param shared schema files whose types the newest names; those of history hold all that they name
   * @param hook for `avsc.Type.forSchema`: types that read in ways of their own
   */
  constructor(versions: readonly string[], shared: readonly string[] = [], hook = typeHook) {
    this.#types = versions.map((file, i) => {
      const registry = {}
      for (const name of i === versions.length - 1 ? shared : [])
        avsc.Type.forSchema(readSchema(name) as avsc.Schema, { registry, typeHook: hook })
      return avsc.Type.forSchema(readSchema(file) as avsc.Schema, { registry, typeHook: hook })
    })
    this.#resolvers = this.#types.map(old => this.#current.createResolver(old))
  }

  /** Version that is written. */
  get version(): number {
    return this.#types.length
  }

  get #current(): avsc.Type {
    return this.#types.at(-1)!
  }

  encode(record: T): Buffer {
    return avroBytes(this.#current, record)
  }

  /** The record of the newest version that begins at a place, and where the next one does. */
  decodeAt(bytes: Buffer, at: number): { readonly value: T; readonly offset: number } {
    return this.#current.decode(bytes, at)
  }

  /** Null for a version of the future, and for bytes that are not such a record. Fields of bytes are views of the record. */
  decode(bytes: Uint8Array, version = this.version): T | null {
    const resolver = this.#resolvers[version - 1]
    if (resolver === undefined) return null
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    try {
      return version === this.version ? this.#current.fromBuffer(buffer) : this.#current.fromBuffer(buffer, resolver)
    } catch {
      return null
    }
  }
}
