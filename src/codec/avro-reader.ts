import type { NOT_SELECTED, READ } from '../core/ports.js'
import { NOT_SELECTED as OTHER } from '../core/ports.js'
import type { Rejection } from '../core/rejection.js'
import type { Row } from '../core/row.js'
import { type AvroNode, canServe, parseSchema } from './avro-schema.js'
import { AvroSource, type ReadRecord } from './avro-source.js'
import type { Mapping } from './mapping.js'

/**
 * Reads Avro records of one writer's schema into rows, in one pass over the bytes, by code made for the schema and the monitor: no object a
 * record, nothing allocated a value, whatever the monitor does not map passed over.
 */
export class AvroReader {
  /** Slots the layout had when this was compiled; it is of no use once there are more. */
  readonly slots: number
  readonly #read: ReadRecord
  readonly #unfit: boolean
  #memory: ArrayBufferLike | null = null
  #view: DataView = new DataView(new ArrayBuffer(0))

  /** @param schema the writer's, as JSON. Throws where it is none */
  constructor(
    schema: unknown,
    private readonly mapping: Mapping,
  ) {
    const root = parseSchema(schema)
    this.#unfit = !mapping.required.every(path => offers(root, path))
    this.#read = new AvroSource(mapping).compile(root)
    this.slots = mapping.layout.slots.length
  }

  /** The record at bytes[from, end). */
  read(bytes: Uint8Array, from: number, end: number, row: Row): typeof READ | typeof NOT_SELECTED | Rejection {
    if (bytes.buffer !== this.#memory) {
      this.#memory = bytes.buffer
      this.#view = new DataView(bytes.buffer)
    }
    const { reading, spill } = this.mapping
    reading.begin(row)
    spill.beginAt(from, end)
    row.bytes = bytes
    const at = this.#attempt(bytes, from, end, row)
    if (at === -2) return OTHER
    return at === end ? reading.end(row, this.#unfit) : 'truncated'
  }

  #attempt(bytes: Uint8Array, from: number, end: number, row: Row): number {
    try {
      return this.#read(bytes, this.#view, bytes.byteOffset, from, end, row)
    } catch (error) {
      // Types that contain themselves, nested beyond the stack.
      if (error instanceof RangeError) return -1
      throw error
    }
  }
}

/** Whether a record of the schema can have a value at the path that a key, a time or a label can be taken from. */
function offers(node: AvroNode, path: readonly string[]): boolean {
  if (node.type === 'union') return node.branches.some(branch => offers(branch, path))
  if (path.length === 0) return canServe(node) || node.type === 'bytes' || node.type === 'fixed'
  const [name, ...rest] = path
  if (node.type === 'map') return offers(node.values, rest)
  return node.type === 'record' && node.fields.some(field => field.name === name && offers(field.node, rest))
}
