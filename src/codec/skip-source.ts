import { type AvroNode, isEmpty } from './avro-schema.js'
import type { Source } from './source.js'
import { skipVarint, Varint } from './varint.js'

/** Statements that pass over values, and those that both passing and reading start with. */
export class SkipSource {
  readonly varint: string
  readonly #skips = new Map<AvroNode, string>()

  constructor(private readonly source: Source) {
    this.varint = source.constant('varint', new Varint())
  }

  /** What takes a fixed number of bytes may leave the position beyond the end: whatever is read next tells. */
  skip(node: AvroNode): void {
    const { source } = this
    switch (node.type) {
      case 'null':
        return
      case 'boolean':
        source.emit('pos += 1')
        return
      case 'float':
        source.emit('pos += 4')
        return
      case 'double':
        source.emit('pos += 8')
        return
      case 'fixed':
        source.emit(`pos += ${node.size}`)
        return
      case 'int':
      case 'long':
      case 'enum': {
        const skip = source.constant('skipVarint', skipVarint)
        source.emit(
          'if (pos < end && bytes[pos] < 128) pos++',
          `else if ((pos = ${skip}(bytes, pos, end)) < 0) return -1`,
        )
        return
      }
      case 'string':
      case 'bytes':
        this.length()
        source.emit('pos += n')
        return
      case 'union':
        this.branches(node.branches, branch => this.skip(branch))
        return
      default:
        source.call(this.#function(node))
        return
    }
  }

  /** Length of a string or bytes into `n`, all of them before the end. */
  length(): void {
    this.source.emit(
      'if (pos >= end) return -1',
      'n = bytes[pos]',
      'if (n < 128 && (n & 1) === 0) { n >>>= 1; pos++ }',
      `else { pos = ${this.varint}.read(bytes, pos, end); n = ${this.varint}.value; if (pos < 0 || n < 0) return -1 }`,
      'if (n > end - pos) return -1',
    )
  }

  /** An int or long into `x`. */
  long(): void {
    this.source.emit(
      'if (pos >= end) return -1',
      'b = bytes[pos]',
      'if (b < 128) { x = (b >>> 1) ^ -(b & 1); pos++ }',
      `else { pos = ${this.varint}.read(bytes, pos, end); x = ${this.varint}.value; if (pos < 0) return -1 }`,
    )
  }

  /** One branch of a union. Up to 64 of them the index is one byte: twice the number. */
  branches(branches: readonly AvroNode[], each: (branch: AvroNode) => void): void {
    const { source } = this
    const short = branches.length <= 64
    if (short) source.emit('if (pos >= end) return -1', 'b = bytes[pos++]')
    else this.long()
    branches.forEach((branch, i) => {
      source.emit(`${i === 0 ? '' : '} else '}if (${short ? `b === ${2 * i}` : `x === ${i}`}) {`)
      each(branch)
    })
    source.emit(branches.length === 0 ? 'return -1' : '} else return -1')
  }

  /** The blocks of an array or a map. @param pass blocks that tell their size are passed over whole */
  blocks(item: () => void, pass: boolean): void {
    const { source, varint } = this
    source.emit(
      'for (;;) {',
      `pos = ${varint}.read(bytes, pos, end)`,
      'if (pos < 0) return -1',
      `left = ${varint}.value`,
    )
    source.emit(
      'if (left === 0) break',
      'if (left < 0) {',
      `pos = ${varint}.read(bytes, pos, end)`,
      'if (pos < 0) return -1',
    )
    if (pass) source.emit(`n = ${varint}.value`, 'if (n < 0 || n > end - pos) return -1', 'pos += n', 'continue')
    else source.emit('left = -left')
    source.emit('}', 'if (left > end - pos) return -1', 'for (; left > 0; left--) {')
    item()
    source.emit('}', '}')
  }

  /** The blocks of an array of floats or doubles, handed over whole. */
  spans(bytes: 4 | 8, sink: string): void {
    const { source, varint } = this
    source.emit(
      'for (;;) {',
      `pos = ${varint}.read(bytes, pos, end)`,
      'if (pos < 0) return -1',
      `left = ${varint}.value`,
      'if (left === 0) break',
      `if (left < 0) { left = -left; pos = ${varint}.read(bytes, pos, end); if (pos < 0) return -1 }`,
      `if (left > (end - pos) / ${bytes}) return -1`,
      `${sink}.take(row, view, base + pos, left, ${bytes === 8})`,
      `pos += ${bytes} * left`,
      '}',
    )
  }

  /** One function a type, so that types may contain themselves. */
  #function(node: Extract<AvroNode, { type: 'record' | 'array' | 'map' }>): string {
    const known = this.#skips.get(node)
    if (known !== undefined) return known
    const { source } = this
    const name = source.name('skip')
    this.#skips.set(node, name)
    source.define(name, node.type, () => {
      if (node.type === 'record') for (const field of node.fields) this.skip(field.node)
      else if (node.type === 'array') this.#array(node.items)
      else
        this.blocks(() => {
          this.skip({ type: 'string', logical: null, scale: 0 })
          this.skip(node.values)
        }, true)
    })
    return name
  }

  #array(items: AvroNode): void {
    if (!isEmpty(items)) {
      this.blocks(() => this.skip(items), true)
      return
    }
    const { source, varint } = this
    // However many there are, they take no byte.
    source.emit(`do {`, `pos = ${varint}.read(bytes, pos, end)`, 'if (pos < 0) return -1', `left = ${varint}.value`)
    source.emit(`if (left < 0 && (pos = ${varint}.read(bytes, pos, end)) < 0) return -1`, '} while (left !== 0)')
  }
}
