import { z } from 'zod'
import { DURATION_PATTERN, parseDuration } from '../duration.js'
import type { OwnWords } from '../validate.js'
import { say } from '../words.js'

const URL_TEXT = 'a URL that begins with http:// or https://'

export function text(description: string, expected = 'text', example?: string) {
  return say(z.string().min(1).max(4096), description, expected, example)
}

/** A duration as text, in milliseconds afterwards. */
export function duration(description: string, example: string, zero: 'zero' | 'above-zero' = 'above-zero') {
  const expected = `a duration${zero === 'zero' ? '' : ' above zero'} such as ${example}`
  const schema = z
    .string()
    .meta({ pattern: DURATION_PATTERN, examples: [example] })
    .transform((written, context) => {
      const read = parseDuration(written)
      if ('ms' in read && (read.ms > 0 || zero === 'zero')) return read.ms
      const params: OwnWords = { remedy: 'remedy' in read ? read.remedy : `Write, for example, ${example}.` }
      context.addIssue({ code: 'custom', params: { ...params } })
      return z.NEVER
    })
  return say(schema, description, expected, example)
}

export function topic(description: string) {
  const schema = z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,249}$/)
    .refine(name => name !== '.' && name !== '..')
  return say(
    schema,
    description,
    'a Kafka topic name (letters, digits, ".", "_" and "-", at most 249)',
    'serving-features',
  )
}

export function path(description: string, example: string) {
  const schema = z.string().regex(/^[^.]+(\.[^.]+)*$/)
  return say(schema, description, 'a field of the event, or a dotted path to it', example)
}

export function number(description: string, expected: string, example: string, check: (value: number) => boolean) {
  return say(z.number().refine(check), description, expected, example)
}

export function bounded(from: number, to: number, description: string, example: string) {
  return say(z.number().min(from).max(to), description, `a number from ${from} to ${to}`, example)
}

export function count(least: number, most: number, description: string, example: string) {
  return say(z.int().min(least).max(most), description, `a whole number from ${least} to ${most}`, example)
}

export function url(description: string) {
  return say(z.string().regex(/^https?:\/\/\S+$/), description, URL_TEXT, '"https://wiki.example.org/drift"')
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String)
export const value = (description: string) => say(scalar, description, 'text, a number, true or false')

export const pattern = text(
  'A name or a pattern with *; `features.*` takes every field of the record or map `features`.',
  'a feature name, or a pattern such as features.*',
  'features.*',
)
export const patterns = (description: string) =>
  say(
    z.union([pattern.transform(one => [one]), z.array(pattern).min(1)]),
    description,
    'a pattern such as features.*, or a list of names and patterns',
    '"features.*"',
  )

export const format = (description: string) => say(z.enum(['avro', 'json']), description, 'avro or json', 'avro')

const timeUnit = say(
  z.enum(['ms', 'us', 'µs', 'ns', 's', 'iso']).transform(unit => (unit === 'µs' ? 'us' : unit)),
  'Of numbers: milliseconds, microseconds (us or µs), nanoseconds, seconds; iso for ISO 8601 text.',
  'one of ms, us, ns, s, iso',
  'ms',
)
export const time = (description: string, example: string) => {
  const at = path('Where the time lies.', example)
  const full = z.strictObject({ path: at, unit: timeUnit.prefault('ms') })
  return say(
    z.union([at.transform(only => ({ path: only, unit: 'ms' as const })), full]),
    description,
    'a field of the event, or a map with path and unit',
    example,
  )
}

export const where = say(
  z.record(z.string().min(1), value('The value that selects, compared as text.')),
  'Which records are this model’s: field (or dotted path) → value; all must hold. Others are counted as not selected.',
  'a map of fields and values',
  '{ model: taxi-tips }',
)

export const featureName = text('A feature name.', 'a feature name', 'trip_miles')
