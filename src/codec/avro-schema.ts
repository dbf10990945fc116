/** A parsed Avro schema: names resolved, recursive types as cycles. What the compiler of readers walks. */
export type AvroNode = Primitive | Fixed | Enumeration | ArrayNode | MapNode | RecordNode | UnionNode

export interface Primitive {
  readonly type: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes'
  readonly logical: string | null
  /** Of a decimal. */
  readonly scale: number
}
export interface Fixed {
  readonly type: 'fixed'
  readonly size: number
  readonly logical: string | null
  readonly scale: number
}
export interface Enumeration {
  readonly type: 'enum'
  readonly symbols: readonly string[]
}
export interface ArrayNode {
  readonly type: 'array'
  readonly items: AvroNode
}
export interface MapNode {
  readonly type: 'map'
  readonly values: AvroNode
}
export interface RecordNode {
  readonly type: 'record'
  readonly name: string
  readonly fields: { readonly name: string; readonly node: AvroNode }[]
}
export interface UnionNode {
  readonly type: 'union'
  readonly branches: readonly AvroNode[]
}

const PRIMITIVES = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'])

/** @throws Error where the schema is none; the caller makes it a rejection or a fault of the configuration */
export function parseSchema(schema: unknown): AvroNode {
  return new Parser().parse(schema, '')
}

class Parser {
  readonly #named = new Map<string, AvroNode>()

  parse(schema: unknown, namespace: string): AvroNode {
    if (typeof schema === 'string') return this.#reference(schema, namespace)
    if (Array.isArray(schema)) return { type: 'union', branches: schema.map(branch => this.parse(branch, namespace)) }
    if (typeof schema !== 'object' || schema === null) throw new Error(`not an Avro schema: ${JSON.stringify(schema)}`)
    const attributes = schema as Record<string, unknown>
    const { type } = attributes
    if (typeof type !== 'string') return this.parse(type, namespace)
    if (PRIMITIVES.has(type)) return primitive(type as Primitive['type'], attributes)
    if (type === 'array') return { type, items: this.parse(attributes['items'], namespace) }
    if (type === 'map') return { type, values: this.parse(attributes['values'], namespace) }
    if (type === 'enum' || type === 'fixed' || type === 'record' || type === 'error')
      return this.#define(type, attributes, namespace)
    return this.#reference(type, namespace)
  }

  #define(type: 'enum' | 'fixed' | 'record' | 'error', attributes: Record<string, unknown>, outer: string): AvroNode {
    const name = String(attributes['name'] ?? '')
    const dot = name.lastIndexOf('.')
    const namespace = dot >= 0 ? name.slice(0, dot) : String(attributes['namespace'] ?? outer)
    const fullName = dot >= 0 || namespace === '' ? name : `${namespace}.${name}`
    if (type === 'enum') {
      const { symbols } = attributes
      if (!Array.isArray(symbols)) throw new Error(`enum ${fullName} has no symbols`)
      return this.#name(fullName, { type, symbols: symbols.map(String) })
    }
    if (type === 'fixed') {
      const { size } = attributes
      if (!Number.isSafeInteger(size) || (size as number) < 0) throw new Error(`fixed ${fullName} has no size`)
      return this.#name(fullName, {
        type,
        size: size as number,
        logical: logicalOf(attributes),
        scale: scaleOf(attributes),
      })
    }
    const { fields } = attributes
    if (!Array.isArray(fields)) throw new Error(`record ${fullName} has no fields`)
    const node: RecordNode = { type: 'record', name: fullName, fields: [] }
    this.#name(fullName, node)
    for (const field of fields) node.fields.push({ name: String(field.name), node: this.parse(field.type, namespace) })
    return node
  }

  #name<N extends AvroNode>(fullName: string, node: N): N {
    this.#named.set(fullName, node)
    return node
  }

  #reference(name: string, namespace: string): AvroNode {
    if (PRIMITIVES.has(name)) return primitive(name as Primitive['type'], {})
    const node = this.#named.get(name.includes('.') ? name : `${namespace}.${name}`) ?? this.#named.get(name)
    if (node === undefined) throw new Error(`unknown Avro type ${name}`)
    return node
  }
}

function primitive(type: Primitive['type'], attributes: Record<string, unknown>): Primitive {
  return { type, logical: logicalOf(attributes), scale: scaleOf(attributes) }
}

function logicalOf(attributes: Record<string, unknown>): string | null {
  const { logicalType } = attributes
  return typeof logicalType === 'string' ? logicalType : null
}

function scaleOf(attributes: Record<string, unknown>): number {
  const { scale } = attributes
  return Number.isSafeInteger(scale) ? (scale as number) : 0
}

/** True where a value of the type takes no byte at all (null, empty records, fixed of size 0). */
export function isEmpty(node: AvroNode, seen = new Set<AvroNode>()): boolean {
  if (node.type === 'null') return true
  if (node.type === 'fixed') return node.size === 0
  if (node.type !== 'record' || seen.has(node)) return false
  seen.add(node)
  return node.fields.every(field => isEmpty(field.node, seen))
}

/** True where a value of the type is a vector: an array of floats or doubles, nullable. Whole numbers may be anything (ids), so they are not. */
export function isVector(node: AvroNode): boolean {
  if (node.type === 'union') {
    const branches = node.branches.filter(({ type }) => type !== 'null')
    return branches.length > 0 && branches.every(isVector)
  }
  return node.type === 'array' && (node.items.type === 'float' || node.items.type === 'double')
}

/** True where a value of the type can be a feature: a number, a text, a boolean. */
export function canServe(node: AvroNode): boolean {
  if (node.type === 'union') return node.branches.some(canServe)
  if (node.type === 'bytes' || node.type === 'fixed') return node.logical === 'decimal'
  return node.type !== 'null' && node.type !== 'array' && node.type !== 'map' && node.type !== 'record'
}
