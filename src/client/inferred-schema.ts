/** An Avro schema as inference makes it: no references, no named types twice. */
export type Inferred =
  | { readonly type: 'scalar'; readonly of: ReadonlySet<Scalar> }
  | { readonly type: 'record'; readonly fields: ReadonlyMap<string, Inferred> }
  | { readonly type: 'map'; readonly values: Inferred }
  | { readonly type: 'array'; readonly items: Inferred }

type Scalar = 'boolean' | 'long' | 'double' | 'string'

const NOTHING: Inferred = { type: 'scalar', of: new Set() }
const AVRO_NAME = /^[A-Za-z_]\w*$/
/** From here on a whole number is a time or a count of something, and no measurement that had no fraction by chance. */
const LONG_FROM = 2 ** 31

/** The shape of a value. Throws a plain Error for what Avro cannot carry. */
export function inferred(value: unknown, path: readonly string[] = []): Inferred {
  if (value === null || value === undefined) return NOTHING
  if (typeof value === 'string') return scalar('string')
  if (typeof value === 'boolean') return scalar('boolean')
  if (typeof value === 'number')
    return scalar(Number.isSafeInteger(value) && Math.abs(value) >= LONG_FROM ? 'long' : 'double')
  if (Array.isArray(value)) {
    const shapes = value.map(item => inferred(item, path))
    return { type: 'array', items: shapes.reduce((left, right) => widened(left, right, path), NOTHING) }
  }
  if (typeof value !== 'object' || value instanceof Date || ArrayBuffer.isView(value)) {
    const what = typeof value === 'object' ? value.constructor.name : typeof value
    throw new Error(
      `${where(path)}: Avro has no ${what}; write a number, a text, true, false, or a plain array or object`,
    )
  }
  const entries = Object.entries(value).map(([name, one]) => [name, inferred(one, [...path, name])] as const)
  if (entries.every(([name]) => AVRO_NAME.test(name))) return { type: 'record', fields: new Map(entries) }
  // Names that Avro forbids in records, such as trip-miles, are keys of a map.
  return { type: 'map', values: entries.reduce((sum, [name, one]) => widened(sum, one, [...path, name]), NOTHING) }
}

/**
 * The narrowest shape that fits both; the first itself where nothing is new. What fits only the wider one was null or absent before, so a
 * reader of the wider reads what was written with the narrower (BACKWARD).
 */
export function widened(left: Inferred, right: Inferred, path: readonly string[] = []): Inferred {
  if (isNothing(right)) return left
  if (isNothing(left)) return right
  if (left.type === 'scalar' && right.type === 'scalar') {
    const of = new Set([...left.of, ...right.of])
    if (of.has('double')) of.delete('long')
    return of.size === left.of.size && [...of].every(one => left.of.has(one)) ? left : { type: 'scalar', of }
  }
  if (left.type === 'array' && right.type === 'array') {
    const items = widened(left.items, right.items, path)
    return items === left.items ? left : { type: 'array', items }
  }
  if (left.type === 'map' && (right.type === 'map' || right.type === 'record')) {
    const others = right.type === 'map' ? [right.values] : [...right.fields.values()]
    const values = others.reduce((sum, one) => widened(sum, one, path), left.values)
    return values === left.values ? left : { type: 'map', values }
  }
  if (left.type === 'record' && right.type === 'record') {
    const fields = new Map(left.fields)
    let news = false
    for (const [name, one] of right.fields) {
      const before = left.fields.get(name)
      const after = before === undefined ? one : widened(before, one, [...path, name])
      if (after === before) continue
      fields.set(name, after)
      news = true
    }
    return news ? { type: 'record', fields } : left
  }
  throw new Error(`${where(path)}: was a ${left.type} in earlier events and is a ${right.type} in this one`)
}

/**
 * As Avro JSON. Everything but the named fields is nullable with null as default, so fields may come and go.
 * @param required fields of the outermost record that are never null
 */
export function toAvro(shape: Inferred, name: string, required: readonly string[]): object {
  if (shape.type !== 'record') throw new Error('an event is an object with fields')
  return recordOf(shape.fields, name, field => required.includes(field))
}

function recordOf(fields: ReadonlyMap<string, Inferred>, name: string, isRequired: (field: string) => boolean): object {
  return {
    type: 'record',
    name,
    fields: [...fields].map(([field, shape]) => {
      const types = typesOf(shape, `${name}_${field}`)
      if (isRequired(field)) return { name: field, type: types.length === 1 ? types[0] : types }
      return { name: field, type: ['null', ...types], default: null }
    }),
  }
}

/** Branches of the union beside null. A field that was null in every event so far has none. */
function typesOf(shape: Inferred, name: string): readonly unknown[] {
  if (shape.type === 'scalar') return [...shape.of].sort()
  if (shape.type === 'record') return [recordOf(shape.fields, name, () => false)]
  if (shape.type === 'map') return [{ type: 'map', values: ['null', ...typesOf(shape.values, `${name}_value`)] }]
  return [{ type: 'array', items: ['null', ...typesOf(shape.items, `${name}_item`)] }]
}

function isNothing(shape: Inferred): boolean {
  return shape.type === 'scalar' && shape.of.size === 0
}

function scalar(one: Scalar): Inferred {
  return { type: 'scalar', of: new Set([one]) }
}

function where(path: readonly string[]): string {
  return path.length === 0 ? 'the event' : `field "${path.join('.')}"`
}
