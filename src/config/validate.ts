import { z } from 'zod'
import { type Fault, show } from './fault.js'
import { nearest } from './nearest.js'
import { words } from './words.js'
import type { FieldPath, YamlSource } from './yaml-source.js'

/** What a check of our own adds to an issue: the words that fit this value better than the field's. */
export interface OwnWords {
  readonly expected?: string
  readonly remedy?: string
}

/** Every fault of a value at once, each at its place in the source. */
export function validate<S extends z.ZodType>(
  schema: S,
  source: YamlSource,
  value: unknown,
): { readonly data: z.output<S> | null; readonly faults: readonly Fault[] } {
  const result = schema.safeParse(value)
  if (result.success) return { data: result.data, faults: [] }
  return { data: null, faults: result.error.issues.flatMap(issue => faultsOf(schema, source, value, issue, [])) }
}

function faultsOf(
  root: z.ZodType,
  source: YamlSource,
  value: unknown,
  issue: z.core.$ZodIssue,
  base: FieldPath,
): Fault[] {
  const path = [...base, ...issue.path]
  if (issue.code === 'invalid_union') {
    const branch = fittingBranch(issue.errors)
    if (branch !== undefined) return branch.flatMap(inner => faultsOf(root, source, value, inner, path))
  }
  const field = schemasAt([root], path)
  const found = valueAt(value, path)
  if (issue.code === 'unrecognized_keys') {
    const known = [...new Set(field.flatMap(keysOf))]
    return issue.keys.map(key =>
      source.fault('unknown-key', [...path, key], 'key', {
        expected: `one of the keys ${known.join(', ')}`,
        found: JSON.stringify(key),
        remedy: meant(key, known) ?? 'Remove it, or use one of these.',
      }),
    )
  }
  if (found === undefined) {
    const key = String(path.at(-1) ?? '')
    const remedy = `Add it, for example ${key}: ${exampleOf(field) ?? '…'}`
    return [source.fault('missing', path, 'key', { expected: expectedOf(field), found: 'nothing', remedy })]
  }
  const own: OwnWords = (issue.code === 'custom' ? (issue.params as OwnWords | undefined) : undefined) ?? {}
  const kind =
    issue.code === 'invalid_type' || (issue.code === 'invalid_union' && issue.path.length === 0)
      ? 'wrong-type'
      : 'bad-value'
  const expected = own.expected ?? expectedOf(field)
  const remedy = own.remedy ?? (path.length === 0 ? wholeFile(found) : remedyFor(field, found))
  const at = found === null ? 'key' : 'value'
  return [source.fault(kind, path, at, { expected, found: foundText(found, path), remedy })]
}

/** The alternative that the value looks like: the one whose complaints are about its inside. */
function fittingBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  return branches.find(
    issues =>
      issues.length > 0 &&
      issues.every(issue => issue.path.length > 0 || !['invalid_type', 'invalid_value'].includes(issue.code)),
  )
}

function foundText(found: unknown, path: FieldPath): string {
  return path.length === 0 && found === null ? 'an empty file' : show(found)
}

function wholeFile(found: unknown): string {
  return found === null ? 'Fill it in, or remove the file.' : 'Write a line `key: …` for each.'
}

function remedyFor(field: readonly z.ZodType[], found: unknown): string {
  const members = field.flatMap(enumOf)
  const near = typeof found === 'string' && members.length > 0 ? meant(found, members) : null
  if (near !== null) return near
  const example = exampleOf(field)
  if (found === null)
    return example === undefined
      ? 'Fill it in, or remove the key.'
      : `Fill it in, for example ${example}, or remove the key.`
  if (example === undefined && field.flatMap(keysOf).length > 0) return 'Write its keys below it, indented.'
  return example === undefined ? 'Change it to that.' : `Write, for example, ${example}.`
}

function meant(word: string, known: readonly string[]): string | null {
  const near = nearest(word, known)
  return near === null ? null : `Did you mean ${JSON.stringify(near)}?`
}

function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (at, step) =>
      at !== null && typeof at === 'object' && Object.hasOwn(at, step) ? at[step as keyof object] : undefined,
    value,
  )
}

/** The schemas that may stand at the path; several inside a union. */
function schemasAt(schemas: readonly z.ZodType[], path: FieldPath): readonly z.ZodType[] {
  return path.reduce<readonly z.ZodType[]>(
    (at, step) => at.flatMap(alternatives).flatMap(schema => childOf(schema, step)),
    schemas,
  )
}

function childOf(schema: z.ZodType, step: PropertyKey): z.ZodType[] {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, step) ? [schema.shape[step as string]] : []
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType]
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType]
  if (schema instanceof z.ZodTuple) return schema.def.items.slice(Number(step), Number(step) + 1) as z.ZodType[]
  return []
}

/** Through defaults, transforms and unions to what the file holds. */
function alternatives(schema: z.ZodType): z.ZodType[] {
  const inner = unwrapped(schema)
  if (inner !== null) return alternatives(inner)
  return schema instanceof z.ZodUnion ? (schema.options as z.ZodType[]).flatMap(alternatives) : [schema]
}

function unwrapped(schema: z.ZodType): z.ZodType | null {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return schema.unwrap() as z.ZodType
  return schema instanceof z.ZodPipe ? (schema.in as z.ZodType) : null
}

function wordsOf(schema: z.ZodType): { readonly expected: string; readonly example?: string } | undefined {
  const said = words.get(schema)
  const inner = unwrapped(schema)
  return said ?? (inner === null ? undefined : wordsOf(inner))
}

function expectedOf(field: readonly z.ZodType[]): string {
  const texts = field.map(schema => wordsOf(schema)?.expected ?? alternatives(schema).map(typeText).join(' or '))
  return [...new Set(texts)].join(' or ') || 'something else'
}

function exampleOf(field: readonly z.ZodType[]): string | undefined {
  return field.map(schema => wordsOf(schema)?.example ?? enumOf(schema)[0]).find(example => example !== undefined)
}

function typeText(schema: z.ZodType): string {
  const members = enumOf(schema)
  if (members.length > 0) return `one of ${members.join(', ')}`
  if (schema instanceof z.ZodObject) return `a map with the keys ${keysOf(schema).join(', ')}`
  if (schema instanceof z.ZodRecord) return 'a map'
  if (schema instanceof z.ZodArray || schema instanceof z.ZodTuple) return 'a list'
  if (schema instanceof z.ZodString) return 'text'
  return schema instanceof z.ZodNumber ? 'a number' : schema instanceof z.ZodBoolean ? 'true or false' : 'a value'
}

function keysOf(schema: z.ZodType): string[] {
  return alternatives(schema).flatMap(inner => (inner instanceof z.ZodObject ? Object.keys(inner.shape) : []))
}

function enumOf(schema: z.ZodType): string[] {
  return alternatives(schema).flatMap(inner => {
    if (inner instanceof z.ZodEnum || inner instanceof z.ZodLiteral)
      return [...(inner instanceof z.ZodEnum ? inner.options : inner.values)].map(String)
    return []
  })
}
