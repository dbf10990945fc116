import { z } from 'zod'
import { USUAL_TOLERANCE } from '../core/join/tolerance.js'
import { MOST_KEYS, MOST_NUMBERS } from '../core/monitor.js'
import { DURATION_PATTERN, parseDuration } from './duration.js'
import type { OwnWords } from './validate.js'
import { say } from './words.js'

/** The checks that a feature can tune or switch off. */
export const CHECKS = [
  ...['psi', 'w1', 'null', 'missing', 'type', 'nan', 'integer', 'negative', 'zero', 'unseen', 'repeat'],
  ...['volume', 'duplicates', 'capacity', 'future', 'max-age'],
] as const

/** Measures of an output, by its labels. */
const MEASURES = [
  ...['auc', 'log-loss', 'brier', 'calibration-error', 'precision', 'recall', 'f1', 'accuracy', 'macro-f1', 'cost'],
  ...['mae', 'rmse', 'bias', 'r2', 'base-rate', 'concept-drift', 'coverage-by-score', 'score-spread'],
] as const

/** One false incident in ten years: no history tells of rarer ones. */
const FEWEST_FALSE = 0.002

const URL_TEXT = 'a URL that begins with http:// or https://'

function text(description: string, expected = 'text', example?: string) {
  return say(z.string().min(1).max(4096), description, expected, example)
}

/** A duration as text, in milliseconds afterwards. */
function duration(description: string, example: string, zero: 'zero' | 'above-zero' = 'above-zero') {
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

function topic(description: string) {
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

function path(description: string, example: string) {
  const schema = z.string().regex(/^[^.]+(\.[^.]+)*$/)
  return say(schema, description, 'a field of the event, or a dotted path to it', example)
}

function number(description: string, expected: string, example: string, check: (value: number) => boolean) {
  return say(z.number().refine(check), description, expected, example)
}

function bounded(from: number, to: number, description: string, example: string) {
  return say(z.number().min(from).max(to), description, `a number from ${from} to ${to}`, example)
}

function count(least: number, most: number, description: string, example: string) {
  return say(z.int().min(least).max(most), description, `a whole number from ${least} to ${most}`, example)
}

function url(description: string) {
  return say(z.string().regex(/^https?:\/\/\S+$/), description, URL_TEXT, '"https://wiki.example.org/drift"')
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const value = (description: string) => say(scalar, description, 'text, a number, true or false')

const pattern = text(
  'A name or a pattern with *; `features.*` takes every field of the record or map `features`.',
  'a feature name, or a pattern such as features.*',
  'features.*',
)
const patterns = (description: string) =>
  say(
    z.union([pattern.transform(one => [one]), z.array(pattern).min(1)]),
    description,
    'a pattern such as features.*, or a list of names and patterns',
    '"features.*"',
  )

const format = (description: string) => say(z.enum(['avro', 'json']), description, 'avro or json', 'avro')

const timeUnit = say(
  z.enum(['ms', 'us', 'µs', 'ns', 's', 'iso']).transform(unit => (unit === 'µs' ? 'us' : unit)),
  'Of numbers: milliseconds, microseconds (us or µs), nanoseconds, seconds; iso for ISO 8601 text.',
  'one of ms, us, ns, s, iso',
  'ms',
)
const time = (description: string, example: string) => {
  const at = path('Where the time lies.', example)
  const full = z.strictObject({ path: at, unit: timeUnit.prefault('ms') })
  return say(
    z.union([at.transform(only => ({ path: only, unit: 'ms' as const })), full]),
    description,
    'a field of the event, or a map with path and unit',
    example,
  )
}

const where = say(
  z.record(z.string().min(1), value('The value that selects, compared as text.')),
  'Which records are this model’s: field (or dotted path) → value; all must hold. Others are counted as not selected.',
  'a map of fields and values',
  '{ model: taxi-tips }',
)

const serving = z.strictObject({
  topic: topic('Topic of the serving events.'),
  format: format('How record values are written: avro (Confluent wire format, schema registry) or json.').default(
    'avro',
  ),
  where: where.prefault({}),
  key: path('Identifies the request; labels and offline values are joined on it.', 'requestId'),
  entity: path('Identifies whom the features describe (driver, taxi, customer).', 'driverId').optional(),
  time: time('Event time: when the features were served.', 'eventTime'),
  version: say(
    z.union([
      path('Where the model version lies.', 'modelVersion'),
      z.strictObject({ fixed: text('The version of every event.', 'a version name', 'v12') }),
    ]),
    'Model version: a field, or { fixed: v12 } where events do not carry it. Absent: one version called default.',
    'a field of the event, or { fixed: v12 }',
    'modelVersion',
  ).optional(),
  features: patterns(
    'Which fields are features: a record or map as features.*, or names and patterns of flat fields.',
  ).prefault('features.*'),
  ignore: say(
    z.array(pattern),
    'Features that are not watched, by name or pattern.',
    'a list of names and patterns',
    '[debug_*]',
  ).prefault([]),
  prediction: path('The model’s output.', 'score').optional(),
  sampleRate: number(
    'Share of all requests that the topic carries.',
    'a number above 0, at most 1',
    '0.1',
    x => x > 0 && x <= 1,
  )
    .default(1)
    .meta({ exclusiveMinimum: 0, maximum: 1 }),
  maxAhead: duration(
    'An event time further ahead than this is rejected: a wrong clock must not close windows.',
    '10m',
  ).prefault('10m'),
  idleAfter: duration('A partition without records for so long no longer holds windows open.', '1m').prefault('1m'),
})

const windowSpec = z.strictObject({
  size: duration('Length of a window; a multiple of advance.', '1h').prefault('1h'),
  advance: duration('Step from one window to the next. Absent: size (tumbling windows).', '15m').optional(),
  grace: duration('How long past its end a window waits for late events; 0s for none.', '5m', 'zero').prefault('5m'),
  reviseFor: duration(
    'How long later events still revise a verdict; a multiple of advance, 0s for never. Absent: 1d, rounded up to a multiple of advance.',
    '1d',
    'zero',
  ).optional(),
  minRows: count(
    1,
    1e9,
    'Fewer usable values than this say insufficient-data. Absent: 200 against training, 50 against the series’ own history.',
    '200',
  ).optional(),
})

function checkOf(delta: z.ZodType<number>) {
  return say(
    z.union([
      z.boolean().transform(enabled => ({ enabled, delta: null })),
      z.strictObject({
        enabled: say(z.boolean(), 'Whether it is run.', 'true or false', 'false').default(true),
        delta: delta.optional(),
      }),
    ]),
    'Tunes a check, or switches it off with false.',
    'true, false, or a map with enabled and delta',
    'false',
  )
}

const check = checkOf(
  say(
    z.number().positive().max(10),
    'Drift that is tolerated, in units of PSI: raises the threshold where the default is too eager.',
    'a number above 0, at most 10',
    '0.02',
  ),
)

/** A measure that is named decides, besides those that do by themselves. */
const measure = checkOf(
  say(
    z.number().positive(),
    'By how much an output may be worse than its reference, in the unit of the measure.',
    'a number above 0',
    '0.03',
  ),
)

const feature = z.strictObject({
  kind: say(
    z.enum(['numeric', 'categorical', 'boolean', 'embedding', 'text']),
    'Absent: as the baseline has it, and numeric where values are numbers, embedding where they are arrays of fractions. An embedding is watched by its norm and projections, a text by length, tokens and the share of tokens that training did not have.',
    'one of numeric, categorical, boolean, embedding, text',
    'numeric',
  ).optional(),
  unit: text('Unit, for messages.', 'text', 'mi').optional(),
  importance: bounded(0, 1, 'Share of the decision that rests on the feature; raises the severity.', '0.4').optional(),
  range: say(
    z
      .tuple([z.number(), z.number()])
      .refine(([from, to]) => from < to, { params: { remedy: 'Put the smaller bound first.' } }),
    'Plausible values of a numeric feature.',
    'two numbers in ascending order',
    '[0, 500]',
  ).optional(),
  time: time(
    'When the value was computed. Its age at the prediction becomes a series of its own, NAME.age.',
    'milesAt',
  ).optional(),
  checks: z.strictObject({ ...checksOf(CHECKS, check), ...checksOf(MEASURES, measure) }).prefault({}),
  runbook: url('What to do when it alerts.').optional(),
})

function checksOf<N extends string, S extends z.ZodType>(names: readonly N[], one: S) {
  return Object.fromEntries(names.map(name => [name, one.optional()])) as Record<N, z.ZodOptional<S>>
}

const segment = z.strictObject({
  path: path('Where the value lies. Absent: it is the feature of that name.', 'context.country').optional(),
  values: say(
    z.array(value('One value of the dimension.')).min(1),
    'These values; every other one is `other`.',
    'a list of values',
    '[Cash, Card]',
  ).optional(),
  top: count(1, 1000, 'So many values, the most frequent of the baseline. Absent: 8.', '8').optional(),
})

const featureName = text('A feature name.', 'a feature name', 'trip_miles')
const perFeature = 'a map of feature names'

const labels = z.strictObject({
  topic: topic('Topic of the labels.'),
  format: format('How record values are written.').default('avro'),
  where: where.prefault({}),
  key: path('The same key as serving.key.', 'requestId'),
  time: time('When the label became known.', 'labelledAt'),
  value: path('The label.', 'tipped'),
  horizon: duration('How long after the prediction a label may come.', '7d').prefault('7d'),
})

const tolerance = (description: string, usual: number) =>
  say(z.number().min(0), description, 'a number, 0 or above', '0.000001').default(usual)

const offline = z.strictObject({
  topic: topic('Topic of the values recomputed offline.'),
  format: format('How record values are written.').default('avro'),
  where: where.prefault({}),
  key: path('The same key as serving.key.', 'requestId'),
  time: time('Event time that the values are of.', 'featureTime'),
  features: patterns('Which fields are features.').prefault('features.*'),
  tolerance: z
    .strictObject({
      abs: tolerance('Absolute difference that is still equal.', USUAL_TOLERANCE.abs),
      rel: tolerance('Difference in parts of the offline value that is still equal.', USUAL_TOLERANCE.rel),
    })
    .prefault({}),
  horizon: duration(
    'How far apart the times of a served row and its offline row may be; so long a row waits for the other. Longer than the pause between two runs of the offline job and its delay.',
    '2d',
  ).prefault('2d'),
  maxMismatch: bounded(0, 1, 'Share of the pairs that may differ, of each feature.', '0.01').default(0.01),
  examples: say(
    z.enum(['none', 'masked', 'shown']),
    'Rows that differ, in events: none, with letters and digits masked, or as they are.',
    'one of none, masked, shown',
    'masked',
  ).default('none'),
})

const cost = (description: string) => say(z.number().min(0), description, 'a number, 0 or above', '1').default(1)

const task = z.strictObject({
  type: say(
    z.enum(['binary', 'multiclass', 'regression']),
    'What the model predicts.',
    'one of binary, multiclass, regression',
    'binary',
  ),
  positive: value('The label of the positive class.').optional(),
  threshold: say(z.number(), 'Score from which the prediction is positive.', 'a number', '0.5').optional(),
  costs: z
    .strictObject({
      falsePositive: cost('Cost of a false positive.'),
      falseNegative: cost('Cost of a false negative.'),
    })
    .optional(),
  outputs: say(
    z
      .record(z.string().min(1), path('Where the output lies.', 'scores.tree'))
      .refine(outputs => Object.keys(outputs).length > 0),
    'Outputs that are scores of their own, of the parts of an ensemble for example: name → field. Absent: serving.prediction alone.',
    'a map of names and fields',
    '{ main: score, tree: scores.tree }',
  ).optional(),
})

const source = z.strictObject({
  features: say(
    z.array(featureName).min(1),
    'Features that come from it.',
    'a list of feature names',
    '[trip_miles, fare]',
  ),
  time: time(
    'When its values were computed. Their age at the prediction becomes a series of its own, SOURCE.age.',
    'meterAt',
  ).optional(),
  maxAge: duration('Older values are stale.', '6h').optional(),
})

const privacy = z.strictObject({
  hash: say(
    z.array(featureName),
    'Categorical features whose values are kept only as keyed hashes; the key is in DRIFTLINE_PRIVACY_KEY.',
    'a list of feature names',
    '[company]',
  ).prefault([]),
  minCount: count(
    1,
    1e6,
    'Categories that fewer rows have, in the window and in the baseline alike, are not named in events.',
    '10',
  ).default(1),
})

const timezone = say(
  z.string().refine(isTimezone),
  'IANA time zone whose clocks the slots of the week follow, summer time included.',
  'an IANA time zone such as America/Chicago or UTC',
  'America/Chicago',
)

function isTimezone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** A monitor file. Type, default and description stand together; JSON Schema for editors and the loader's messages come from here. */
export const monitorSchema = z
  .strictObject({
    apiVersion: say(z.literal('driftline/v1'), 'Version of this format.', 'driftline/v1', 'driftline/v1'),
    model: say(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
      'Name of the model, as events and baselines carry it. One monitor a model.',
      'a name of letters, digits, ".", "_" and "-", at most 128',
      'taxi-tips',
    ),
    owner: text('Who is told.', 'text', 'pricing-ml').optional(),
    tags: say(
      z.record(z.string(), value('The value of a tag.')),
      'Copied into every event, for routing.',
      'a map of texts',
      '{ tier: gold }',
    ).prefault({}),
    mode: say(z.enum(['alert', 'observe']), 'observe: verdicts, but no alerts.', 'alert or observe', 'alert').default(
      'alert',
    ),
    task: task.optional(),
    serving,
    labels: labels.optional(),
    offline: offline.optional(),
    window: windowSpec.prefault({}),
    timezone: timezone.default('UTC'),
    seasons: say(
      z.enum(['auto', 'none', 'hour-of-week', 'weekday-hour']),
      'Slots of the week that windows are compared by: auto, each series by those that its history shows to foretell it better; none; each hour of the week; each hour of weekdays and of the weekend.',
      'one of auto, none, hour-of-week, weekday-hour',
      'auto',
    ).default('auto'),
    baseline: say(
      z.union([z.enum(['active', 'first-windows']), z.int().min(1)]),
      'What windows are compared with: the active baseline, a version of it, or the first 14 sufficient windows.',
      'active, first-windows, or a version (a whole number from 1)',
      'active',
    ).default('active'),
    segments: say(
      z.record(z.string().min(1), segment),
      'Dimensions (at most 4) whose values are watched on their own: name → { top }, { values } or { path, … }.',
      'a map of dimensions',
      '{ payment_type: { top: 8 } }',
    ).prefault({}),
    features: say(
      z.record(z.string().min(1), feature),
      'What is known of single features; all others are inferred from the baseline.',
      perFeature,
      '{ trip_miles: { importance: 0.4 } }',
    ).prefault({}),
    joint: say(
      z.enum(['auto', 'random', 'none']),
      'Series that watch how numeric features go together, made when the baseline is loaded: auto, of the relations that the training rows have; random, also of seeded random directions, for relations that they do not have.',
      'one of auto, random, none',
      'auto',
    ).default('auto'),
    sources: say(
      z.record(z.string().min(1), source),
      'Upstream systems and their features.',
      'a map of sources',
    ).prefault({}),
    falseIncidents: z
      .strictObject({
        perWeek: number(
          'Incidents a week that may be false.',
          `a number from ${FEWEST_FALSE} on`,
          '1',
          x => x >= FEWEST_FALSE,
        )
          .default(1)
          .meta({ minimum: FEWEST_FALSE }),
      })
      .prefault({}),
    limits: z
      .strictObject({
        series: count(1, 1_000_000, 'Most series (feature × segment × model version) of this model.', '2000').default(
          2000,
        ),
        segments: count(1, 1000, 'Most values of a dimension.', '50').default(50),
        dimension: count(
          1,
          65_536,
          'Most numbers of an embedding; a longer one is of the wrong type.',
          String(MOST_NUMBERS),
        ).default(MOST_NUMBERS),
        keys: count(
          1,
          100_000_000,
          'Most keys held for labels, in one partition of driftline.joins; beyond it those that expire next go.',
          String(MOST_KEYS),
        ).default(MOST_KEYS),
      })
      .prefault({}),
    privacy: privacy.prefault({}),
    notify: z
      .strictObject({
        minSeverity: say(
          z.enum(['info', 'warn', 'major', 'critical']),
          'Alerts below it stay verdicts.',
          'one of info, warn, major, critical',
          'warn',
        ).default('info'),
        runbook: url('What to do when the model alerts.').optional(),
        link: url('Where to look, for example a dashboard.').optional(),
      })
      .prefault({}),
  })
  .meta({ title: 'Driftline monitor', description: 'What is watched of one model, and where its events lie.' })

export type MonitorFile = z.output<typeof monitorSchema>
