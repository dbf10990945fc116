import avsc from 'avsc'
import { avroBytes } from './avro-bytes.js'
import { typeHook } from './avro-views.js'
import { readSchema } from './schema-file.js'

/** One kind of our own records: writes the newest version of its schema, reads every version there has been. */
export class RecordType<T> {
  /** Made when first needed, as are the resolvers: avsc compiles code for each, and most programs read and write few kinds. */
  #newest: avsc.Type | undefined
  /** How what older versions wrote is read, by version. */
  readonly #resolvers = new Map<number, avsc.Resolver>()

  /**
   * @param versions schema files, oldest first (`history/part-1.avsc`, …, `part.avsc`): version n is the n-th
   * @param shared schema files whose types the newest names; those of history hold all that they name
   * @param hook for `avsc.Type.forSchema`: types that read in ways of their own
   */
  constructor(
    private readonly versions: readonly string[],
    private readonly shared: readonly string[] = [],
    private readonly hook = typeHook,
  ) {}

  /** Version that is written. */
  get version(): number {
    return this.versions.length
  }

  encode(record: T): Buffer {
    return avroBytes(this.#current(), record)
  }

  /** The record of the newest version that begins at a place, and where the next one does. */
  decodeAt(bytes: Buffer, at: number): { readonly value: T; readonly offset: number } {
    return this.#current().decode(bytes, at)
  }

  /** Null for a version of the future, and for bytes that are not such a record. Fields of bytes are views of the record. */
  decode(bytes: Uint8Array, version = this.version): T | null {
    if (this.versions[version - 1] === undefined) return null
    const resolver = version === this.version ? undefined : this.#resolver(version)
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    try {
      return this.#current().fromBuffer(buffer, resolver)
    } catch {
      return null
    }
  }

  #current(): avsc.Type {
    this.#newest ??= typeOf(this.versions.at(-1)!, this.shared, this.hook)
    return this.#newest
  }

  #resolver(version: number): avsc.Resolver {
    const known = this.#resolvers.get(version)
    if (known !== undefined) return known
    const made = this.#current().createResolver(typeOf(this.versions[version - 1]!, [], this.hook))
    this.#resolvers.set(version, made)
    return made
  }
}

function typeOf(file: string, shared: readonly string[], hook: typeof typeHook): avsc.Type {
  const options = { registry: {}, typeHook: hook }
  for (const name of shared) avsc.Type.forSchema(readSchema(name) as avsc.Schema, options)
  return avsc.Type.forSchema(readSchema(file) as avsc.Schema, options)
}
