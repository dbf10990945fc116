import type { z } from 'zod'
import { ageSeries } from '../core/feature-age.js'
import { formatDuration } from './duration.js'
import type { Fault } from './fault.js'
import { matches } from './match.js'
import { monitorSchema } from './monitor-schema.js'
import { isMeasure } from './schema/feature.js'
import type { FieldPath, YamlSource } from './yaml-source.js'

const WEEK_MS = 7 * 86_400_000
const MOST_DIMENSIONS = 4
const DAY_MS = 86_400_000

/** 1d, rounded up to a multiple of advance. */
export function defaultReviseFor(advanceMs: number): number {
  return Math.ceil(DAY_MS / advanceMs) * advanceMs
}

type Conflict = (path: FieldPath, expected: string, found: string, remedy: string) => void

/** Rules between fields. They hold also where other fields are wrong, so that one run names everything. */
export function conflicts(source: YamlSource, value: unknown): Fault[] {
  const faults: Fault[] = []
  const conflict: Conflict = (path, expected, found, remedy) =>
    faults.push(source.fault('conflict', path, 'value', { expected, found, remedy }))
  const { shape } = monitorSchema
  const file = record(value)
  windowRules(rightFields(shape.window.unwrap(), file['window']), conflict)
  seasonRules(file, conflict)
  segmentRules(file, conflict)
  featureRules(file, conflict)
  measureRules(file, conflict)
  privacyRules(file, conflict)
  budgetRules(file, conflict)
  labelRules(file, conflict)
  shadowRules(file, conflict)
  hashedScores(file, conflict)
  return faults
}

function windowRules(
  { size, advance, reviseFor }: Partial<z.output<typeof monitorSchema>['window']>,
  conflict: Conflict,
): void {
  if (size === undefined) return
  const step = advance ?? size
  const stepText = formatDuration(step)
  if (size % step !== 0) {
    const near = Math.max(1, Math.round(size / step)) * step
    const expected = `a multiple of window.advance (${stepText})`
    conflict(
      ['window', 'size'],
      expected,
      formatDuration(size),
      `Write ${formatDuration(near)}, or an advance that divides it.`,
    )
  }
  if (reviseFor !== undefined && reviseFor % step !== 0) {
    const near = Math.ceil(reviseFor / step) * step
    const expected = `a multiple of window.advance (${stepText})`
    conflict(
      ['window', 'reviseFor'],
      expected,
      formatDuration(reviseFor),
      `Write ${formatDuration(near)}, or 0s for never.`,
    )
  }
}

function seasonRules(file: Readonly<Record<string, unknown>>, conflict: Conflict): void {
  const { size } = rightFields(monitorSchema.shape.window.unwrap(), file['window'])
  const kind = monitorSchema.shape.seasons.safeParse(file['seasons']).data
  if (size === undefined || size <= DAY_MS || (kind !== 'hour-of-week' && kind !== 'weekday-hour')) return
  conflict(
    ['seasons'],
    'auto or none for windows longer than a day',
    `${kind} with window.size ${formatDuration(size)}`,
    'Write seasons: none, or a window.size of at most 1d.',
  )
}

/** A window gives one incident or none. */
function budgetRules(file: Readonly<Record<string, unknown>>, conflict: Conflict): void {
  if (record(file['falseIncidents'])['perWeek'] === undefined) return
  const { perWeek } = rightFields(monitorSchema.shape.falseIncidents.unwrap(), file['falseIncidents'])
  const { size, advance } = rightFields(monitorSchema.shape.window.unwrap(), file['window'])
  const step = advance ?? size
  if (perWeek === undefined || step === undefined) return
  const most = WEEK_MS / step
  if (perWeek <= most) return
  const expected = `at most ${Number(most.toPrecision(2))}: so many windows a week there are (a window each ${formatDuration(step)})`
  const remedy = most < 1 ? 'Remove it: the default is 1, or less where windows are longer.' : 'Write 1, or less.'
  conflict(['falseIncidents', 'perWeek'], expected, String(perWeek), remedy)
}

/** Labels say how right predictions were: those must be known, and what they mean. */
function labelRules(file: Readonly<Record<string, unknown>>, conflict: Conflict): void {
  if (file['labels'] === undefined) return
  predicted(file, 'labels', conflict)
}

/** What is predicted, and where, must be said beside what compares predictions. */
function predicted(file: Readonly<Record<string, unknown>>, beside: string, conflict: Conflict): void {
  const { task } = file
  if (task === undefined)
    conflict(
      [beside],
      `a task beside ${beside}`,
      'none',
      'Add what the model predicts, for example task: { type: binary }.',
    )
  else if (record(file['serving'])['prediction'] === undefined && record(task)['outputs'] === undefined)
    conflict(
      [beside],
      `serving.prediction, or task.outputs, beside ${beside}`,
      'neither',
      'Add where the predictions lie, for example prediction: score to serving.',
    )
}

/** Limits that nothing is measured for would never say anything. */
function shadowRules(file: Readonly<Record<string, unknown>>, conflict: Conflict): void {
  const written = record(file['shadow'])
  if (file['shadow'] === undefined) return
  predicted(file, 'shadow', conflict)
  const { champion, challenger, mode = 'shadow', latency } = written
  if (champion !== undefined && champion === challenger)
    conflict(
      ['shadow', 'challenger'],
      'another version than the champion',
      JSON.stringify(challenger),
      'Name the version that is to take its place.',
    )
  if (typeof record(file['serving'])['version'] !== 'string')
    conflict(
      ['shadow'],
      'serving.version beside shadow: the field that tells the two versions apart',
      'none',
      'Add it, for example version: modelVersion to serving.',
    )
  const limits = record(written['limits'])
  const useless = (name: string, expected: string, found: string, remedy: string): void => {
    if (limits[name] !== undefined) conflict(['shadow', 'limits', name], expected, found, remedy)
  }
  if (mode === 'canary')
    useless('flips', 'no flips with mode: canary', 'a limit', 'No request is decided twice: limit decisions instead.')
  else useless('decisions', 'no decisions with mode: shadow', 'a limit', 'Limit flips instead: they say more.')
  const type = record(file['task'])['type']
  if (type === 'regression')
    for (const name of ['flips', 'decisions'])
      useless(name, `no ${name} of a regression`, 'a limit', 'A number decides nothing: limit score instead.')
  if (type === 'multiclass')
    useless(
      'score',
      'no score of a multiclass task',
      'a limit',
      'Classes have no difference: limit flips or decisions.',
    )
  if (latency === undefined)
    useless(
      'latency',
      'shadow.latency beside it',
      'none',
      'Add the field that says how long the prediction took, in ms.',
    )
}

/** What is compared with its label or with another version's, and the label, are themselves in what the join writes. */
function hashedScores(file: Readonly<Record<string, unknown>>, conflict: Conflict): void {
  if (file['labels'] === undefined && file['shadow'] === undefined) return
  const { hash } = rightFields(monitorSchema.shape.privacy.unwrap(), file['privacy'])
  const outputs = Object.values(record(record(file['task'])['outputs']))
  const compared = [record(file['serving'])['prediction'], record(file['labels'])['value'], ...outputs].map(String)
  const found = hash?.find(name => compared.some(path => path === name || path.split('.').at(-1) === name))
  if (found === undefined) return
  const expected = 'features that are neither predictions nor labels, where labels or a shadow are declared'
  conflict(['privacy', 'hash'], expected, JSON.stringify(found), 'Remove it: hashed scores cannot be compared.')
}

function segmentRules(file: Readonly<Record<string, unknown>>, conflict: Conflict): void {
  const segments = record(file['segments'])
  const names = Object.keys(segments)
  if (names.length > MOST_DIMENSIONS) {
    const found = `${names.length}: ${names.join(', ')}`
    conflict(['segments'], `at most ${MOST_DIMENSIONS} dimensions`, found, 'Keep those that are acted on differently.')
  }
  const most = rightFields(monitorSchema.shape.limits.unwrap(), file['limits']).segments
  for (const name of names) {
    const { values, top } = rightFields(monitorSchema.shape.segments.unwrap().valueType, segments[name])
    const at = (field: string) => ['segments', name, field]
    if (values !== undefined && top !== undefined)
      conflict(at('top'), 'values or top', 'both', 'Remove top: the listed values are taken as they are.')
    if (values !== undefined && new Set(values).size < values.length)
      conflict(at('values'), 'each value once', 'one twice', 'Remove the second.')
    const wanted = values?.length ?? top
    if (most !== undefined && wanted !== undefined && wanted > most) {
      const expected = `at most limits.segments (${most}) values`
      conflict(
        at(values === undefined ? 'top' : 'values'),
        expected,
        String(wanted),
        'Take fewer, or raise limits.segments.',
      )
    }
  }
}

function featureRules(file: Readonly<Record<string, unknown>>, conflict: Conflict): void {
  const features = record(file['features'])
  for (const [name, source] of Object.entries(record(file['sources'])))
    if (record(source)['time'] !== undefined && record(features[name])['time'] !== undefined)
      conflict(
        ['sources', name, 'time'],
        `one series ${ageSeries(name)}`,
        `features.${name}.time too`,
        'Give the source another name.',
      )
  const ignore = rightFields(monitorSchema.shape.serving, file['serving']).ignore ?? []
  for (const name of Object.keys(features)) {
    const { kind, range } = rightFields(monitorSchema.shape.features.unwrap().valueType, features[name])
    if (range !== undefined && kind !== undefined && kind !== 'numeric')
      conflict(
        ['features', name, 'range'],
        'no range for this kind',
        `kind: ${kind}`,
        'Remove the range, or make the feature numeric.',
      )
    const ignored = ignore.find(pattern => matches(pattern, name))
    if (ignored !== undefined) {
      const found = `${JSON.stringify(ignored)} in serving.ignore`
      conflict(['features', name], 'a feature that is watched', found, 'Remove it here or there.')
    }
  }
}

/** A measure by labels is of an output: of a feature it would never say anything. */
function measureRules(file: Readonly<Record<string, unknown>>, conflict: Conflict): void {
  const { task } = file
  const prediction = record(file['serving'])['prediction']
  const declared = Object.keys(record(record(task)['outputs']))
  const usual = typeof prediction === 'string' && task !== undefined ? [prediction.split('.').at(-1)!] : []
  const outputs = declared.length > 0 ? declared : usual
  for (const [name, feature] of Object.entries(record(file['features'])).filter(([name]) => !outputs.includes(name)))
    for (const check of Object.keys(record(record(feature)['checks'])).filter(isMeasure))
      conflict(
        ['features', name, 'checks', check],
        outputs.length > 0 ? `an output of the task (${outputs.join(', ')}): ${check} is measured by labels` : 'a task',
        outputs.length > 0 ? `the feature ${name}` : 'none',
        outputs.length > 0
          ? `Write it as features: { ${outputs[0]}: { checks: { ${check}: … } } }, or remove it.`
          : `Add task and labels, and write ${check} at the output that is measured, or remove it.`,
      )
}

/** Only categories can be hashed, and whoever wants them hashed does not write them down. */
function privacyRules(file: Readonly<Record<string, unknown>>, conflict: Conflict): void {
  const { hash = [] } = rightFields(monitorSchema.shape.privacy.unwrap(), file['privacy'] ?? {})
  const { prediction } = rightFields(monitorSchema.shape.serving, file['serving'])
  for (const [i, name] of hash.entries()) {
    const at = ['privacy', 'hash', String(i)]
    const { kind, range } = rightFields(monitorSchema.shape.features.unwrap().valueType, record(file['features'])[name])
    const expected = 'a categorical feature: hashes have no size or order'
    if (kind !== undefined && kind !== 'categorical')
      conflict(at, expected, `features.${name}.kind: ${kind}`, 'Leave it out here, or make it categorical.')
    else if (range !== undefined)
      conflict(at, expected, `features.${name}.range`, 'Remove the range, or leave the feature out here.')
    else if (prediction !== undefined && prediction.split('.').at(-1) === name)
      conflict(at, expected, 'serving.prediction, which is a number', 'Leave it out here.')
  }
  for (const [name, dimension] of Object.entries(record(file['segments']))) {
    const { values, path = name } = rightFields(monitorSchema.shape.segments.unwrap().valueType, dimension)
    if (values === undefined || ![name, path, path.split('.').at(-1)!].some(one => hash.includes(one))) continue
    const remedy = 'Write top: N in place of values, or leave the feature out of privacy.hash.'
    conflict(['segments', name, 'values'], 'no values of a hashed feature', 'values in plain text', remedy)
  }
}

/** The fields of an object that are right on their own, defaults filled in. */
function rightFields<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  value: unknown,
): Partial<z.output<z.ZodObject<S>>> {
  const fields = record(value)
  const right = Object.entries(schema.shape).flatMap(([name, field]) => {
    const result = (field as z.ZodType).safeParse(Object.hasOwn(fields, name) ? fields[name] : undefined)
    return result.success && result.data !== undefined ? [[name, result.data] as const] : []
  })
  return Object.fromEntries(right) as Partial<z.output<z.ZodObject<S>>>
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
