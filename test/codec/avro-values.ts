import avsc from 'avsc'
import fc from 'fast-check'
import { INFINITE, MISSING, NAN, NULL, NUMBER, NUMERIC_TEXT, TEXT, UNSAFE, WRONG_TYPE } from '../../src/core/row.js'

type Schema = avsc.Schema & object

/** A random Avro type and what a value of it is to a feature: `cell` of avsc's decoded value, written down without our code. */
export interface Kind {
  readonly schema: unknown
  readonly value: fc.Arbitrary<unknown>
}

/** Longs as BigInt, so that avsc writes and reads all 64 bits. */
const longs = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8)
    buffer.writeBigInt64LE(value)
    return buffer
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
})

export function typeOf(schema: unknown): avsc.Type {
  return avsc.Type.forSchema(schema as Schema, { wrapUnions: true, registry: { long: longs } })
}

let names = 0
const name = (): string => `T${++names}`

const text = fc.oneof(
  fc.constantFrom('', 'Cash', 'Card', '12.5', ' 7 ', '1e3', 'NaN', '0x10', 'überlang und breit', '🚕'),
  fc.string({ unit: 'binary', maxLength: 200 }),
)
const double = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 1e300))

const scalars: readonly (() => Kind)[] = [
  () => ({ schema: 'null', value: fc.constant(null) }),
  () => ({ schema: 'boolean', value: fc.boolean() }),
  () => ({ schema: 'int', value: fc.integer() }),
  () => ({
    schema: 'long',
    value: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt(-300n, 300n)),
  }),
  () => ({ schema: 'float', value: fc.float() }),
  () => ({ schema: 'double', value: double }),
  () => ({ schema: 'string', value: text }),
  () => ({ schema: 'bytes', value: fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)) }),
  () => ({ schema: { type: 'enum', name: name(), symbols: ['A', 'B', 'C'] }, value: fc.constantFrom('A', 'B', 'C') }),
  () => ({
    schema: { type: 'fixed', name: name(), size: 3 },
    value: fc.uint8Array({ minLength: 3, maxLength: 3 }).map(bytes => Buffer.from(bytes)),
  }),
]

const scalar: fc.Arbitrary<Kind> = fc.nat(scalars.length - 1).map(i => scalars[i]())

function branchName(schema: unknown): string {
  if (typeof schema === 'string') return schema
  const { type, name: named } = schema as { type: string; name?: string }
  return named ?? type
}

function unionOf(kinds: readonly Kind[]): Kind {
  const distinct = [...new Map(kinds.map(kind => [branchName(kind.schema), kind])).values()]
  const values = distinct.map(({ schema, value }) =>
    schema === 'null' ? value : value.map(v => ({ [branchName(schema)]: v })),
  )
  return { schema: distinct.map(({ schema }) => schema), value: fc.oneof(...values) }
}

function recordOf(kinds: readonly Kind[]): Kind {
  const fields = kinds.map(({ schema }, i) => ({ name: `f${i}`, type: schema }))
  const value = fc.record(Object.fromEntries(kinds.map((kind, i) => [`f${i}`, kind.value])))
  return { schema: { type: 'record', name: name(), fields }, value }
}

/** Nested to a depth; a union never holds a union directly. */
export function kindOf(depth: number): fc.Arbitrary<Kind> {
  if (depth === 0) return scalar
  const below = kindOf(depth - 1)
  const plain = below.filter(({ schema }) => !Array.isArray(schema))
  return fc.oneof(
    { weight: 4, arbitrary: scalar },
    { weight: 3, arbitrary: fc.array(plain, { minLength: 1, maxLength: 4 }).map(unionOf) },
    {
      weight: 1,
      arbitrary: below.map(({ schema, value }) => ({
        schema: { type: 'array', items: schema },
        value: fc.array(value, { maxLength: 4 }),
      })),
    },
    {
      weight: 1,
      arbitrary: below.map(({ schema, value }) => ({
        schema: { type: 'map', values: schema },
        value: fc.dictionary(fc.constantFrom('a', 'b', 'long key'), value),
      })),
    },
    { weight: 1, arbitrary: fc.array(below, { maxLength: 4 }).map(recordOf) },
  )
}

/** The cell that avsc's value of a feature asks for. */
export function cellOf(
  schema: unknown,
  value: unknown,
  kind: 'numeric' | 'categorical' | 'auto',
): readonly [number, (number | string)?] {
  if (value === undefined) return [MISSING]
  if (value === null) return [NULL]
  if (Array.isArray(schema)) {
    const [branch] = Object.keys(value as object)
    const inner = schema.find(candidate => branchName(candidate) === branch)
    return cellOf(inner, (value as Record<string, unknown>)[branch], kind)
  }
  if (typeof value === 'boolean') return kind === 'numeric' ? [WRONG_TYPE] : [TEXT, String(value)]
  if (typeof value === 'bigint') {
    if (kind === 'categorical') return [TEXT, String(value)]
    return Number.isSafeInteger(Number(value)) ? [NUMBER, Number(value)] : [UNSAFE]
  }
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return [NAN]
    if (!Number.isFinite(value)) return [INFINITE]
    return kind === 'categorical' ? [TEXT, String(value)] : [NUMBER, value]
  }
  if (typeof value !== 'string') return [WRONG_TYPE]
  if (kind !== 'numeric') return [TEXT, Buffer.from(value).toString()]
  const number = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value) && Buffer.byteLength(value) <= 64
  return [number ? NUMERIC_TEXT : WRONG_TYPE]
}
