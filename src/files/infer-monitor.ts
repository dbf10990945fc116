import { DriftlineError } from '../core/error.js'
import type { TimeUnit } from '../core/monitor.js'
import type { FeatureKind } from '../core/row.js'
import { mixedNote } from './column.js'
import { type ColumnFacts, columnFacts, refuseOtherUnit } from './column-facts.js'
import { proposeWindow } from './propose-window.js'
import type { Table } from './table.js'

export interface InferOptions {
  readonly model: string
  readonly topic: string
  /** A column for the event time, with its unit where the user said one. */
  readonly time?: { readonly column: string; readonly unit: TimeUnit | null }
  readonly key?: string
  /** As the monitor file writes it. */
  readonly window?: string
  readonly labels: readonly string[]
  /** The rows are the events themselves: fields that they lack cannot be mapped. Else `produce` adds model and version. */
  readonly live?: boolean
}

export interface InferredFeature {
  readonly name: string
  readonly kind: FeatureKind
  readonly comment: string
}

/** A monitor as far as data tell it. */
export interface InferredMonitor {
  readonly model: string
  readonly topic: string
  readonly source: string
  readonly rows: number
  readonly time: { readonly path: string; readonly unit: TimeUnit; readonly comment: string }
  readonly key: { readonly path: string; readonly comment: string }
  /** Field that tells the model; null where the events have none. */
  readonly modelField: string | null
  readonly version: string | null
  /** `features.*` where there is such a record, else `*` for flat fields and `NAME.*` for each record. */
  readonly patterns: readonly string[]
  readonly prediction: string | null
  readonly features: readonly InferredFeature[]
  readonly ignored: readonly { readonly name: string; readonly why: string }[]
  readonly window: { readonly size: string; readonly comment: string }
  readonly segments: readonly { readonly name: string; readonly values: number }[]
  /** What the user should look at. */
  readonly notes: readonly string[]
}

export async function inferMonitor(table: Table, options: InferOptions): Promise<InferredMonitor> {
  const facts = await columnFacts(table)
  for (const label of options.labels) table.column(label)
  const notes: string[] = []
  const time = findTime(table, facts, options, notes)
  if (time) await refuseOtherUnit(table, time.path, time.unit)
  const key = findKey(table, facts, options, time?.path)
  const nested = facts.some(({ column }) => column.name.startsWith('features.'))
  const inside = (name: string) => !nested || name.startsWith('features.')
  const rest = facts.filter(({ column: { name } }) => name !== time?.path && name !== key.path && !ROLES.has(name))
  const prediction =
    rest.find(({ column }) => column.type === 'number' && PREDICTION.test(column.name))?.column.name ?? null
  const features: InferredFeature[] = []
  const ignored: { name: string; why: string }[] = []
  for (const fact of rest) {
    const { name } = fact.column
    if (name === prediction || (!inside(name) && !options.labels.includes(name))) continue
    const why = options.labels.includes(name) ? 'the label (--label)' : reasonToIgnore(fact)
    const leaf = name.slice(nested && inside(name) ? 'features.'.length : 0)
    if (why) ignored.push({ name: leaf, why })
    else features.push({ name: leaf, kind: kindOf(fact), comment: describe(fact) })
    if (!why && LABEL.test(leaf)) notes.push(`${leaf} looks like a label; if it is one, add --label ${name}`)
    if (fact.column.mixed) notes.push(mixedNote(fact.column)!)
  }
  return {
    ...options,
    source: table.source,
    rows: facts[0]?.rows ?? 0,
    time: time ?? {
      path: 'eventTime',
      unit: 'ms',
      comment: 'no column of times was found: the field that your events have',
    },
    key,
    modelField: fieldOf(table, ['model'], options),
    version: fieldOf(table, ['modelVersion', 'model_version'], options),
    patterns: nested ? ['features.*'] : patternsOf(features),
    prediction,
    features,
    ignored,
    window: await proposeWindow(table, time, facts[0]?.rows ?? 0, options.window),
    segments: rest
      .filter(
        ({ column, distinct }) => inside(column.name) && column.type === 'text' && distinct >= 2 && distinct <= 20,
      )
      .map(({ column, distinct }) => ({ name: column.name.replace(/^features\./, ''), values: distinct })),
    notes,
  }
}

/** The first of the names that is a column; where rows are yet to become events, the first name. */
function fieldOf(table: Table, names: readonly string[], { live }: InferOptions): string | null {
  const found = names.find(name => table.columns.some(column => column.name === name))
  return found ?? (live ? null : names[0]!)
}

function patternsOf(features: readonly InferredFeature[]): string[] {
  const patterns = features.map(({ name }) => [...name.split('.').slice(0, -1), '*'].join('.'))
  return patterns.length > 0 ? [...new Set(patterns)] : ['*']
}

/** Fields of an event that are no features, whatever they hold. */
const ROLES = new Set(['model', 'modelVersion', 'model_version'])
const PREDICTION = /^(score|prediction|predicted|pred|y_pred_proba|y_score|proba|probability)$/i
const LABEL = /^(label|target|y|y_true|clf_target|outcome|ground_truth)$/i
const TIME_NAME = /[tT]ime|[dD]ate|day$|(^|_)(ts|at)$|At$/
const ID_NAME = /(^|_)(id|uuid|guid|key)$|I[dD]$/
const CODE_NAME = /zip([\s_-]?code)?$|post(al)?[\s_-]?code$/i

function findTime(table: Table, facts: readonly ColumnFacts[], { time }: InferOptions, notes: string[]) {
  if (time) {
    table.column(time.column)
    const unit = time.unit ?? facts.find(({ column }) => column.name === time.column)!.timeUnit
    if (!unit)
      throw new DriftlineError(
        'bad-input',
        `--time ${time.column}: its values are no times between 1990 and 2100 in s, ms, us or ns, nor ISO texts; name another column, or the unit as --time ${time.column}:s`,
      )
    return { path: time.column, unit, comment: 'as --time says' }
  }
  const score = ({ column, timeUnit, values, rows }: ColumnFacts) =>
    timeUnit === null
      ? 0
      : (timeUnit === 'iso' ? 2 : 0) + (TIME_NAME.test(column.name) ? 3 : 0) + (values === rows ? 1 : 0)
  const [best, second] = facts.filter(fact => score(fact) > 2).sort((a, b) => score(b) - score(a))
  if (!best) {
    notes.push('no column of event times was found; name it with --time COLUMN:UNIT if there is one')
    return null
  }
  if (second && score(second) === score(best))
    notes.push(
      `${best.column.name} was taken for the event time, ${second.column.name} could be it too; choose with --time`,
    )
  const what = {
    iso: 'ISO times',
    s: 'unix seconds',
    ms: 'unix milliseconds',
    us: 'unix microseconds',
    ns: 'unix nanoseconds',
  }
  return { path: best.column.name, unit: best.timeUnit!, comment: `${what[best.timeUnit!]}, by name and content` }
}

function findKey(table: Table, facts: readonly ColumnFacts[], { key }: InferOptions, time: string | undefined) {
  if (key && key !== '#') {
    table.column(key)
    const unique = facts.find(({ column }) => column.name === key)!.unique
    return { path: key, comment: unique ? 'unique' : 'as --key says; its values repeat' }
  }
  const unique = facts.filter(
    ({ unique, values, rows, column }) =>
      unique && values === rows && rows > 1 && column.name !== time && (column.type === 'text' || column.integer),
  )
  const found = unique.find(({ column }) => ID_NAME.test(column.name)) ?? unique[0]
  if (found && key !== '#') return { path: found.column.name, comment: 'unique in every row' }
  return {
    path: 'requestId',
    comment: 'no column is unique: `produce` and `replay` number the rows (--map requestId=#)',
  }
}

/** Sentences: texts of a few words, nearly every one another. */
function isProse({ column, values, distinct, meanLength, meanSpaces }: ColumnFacts): boolean {
  if (column.type !== 'text' || meanSpaces < 2) return false
  return meanLength > 80 || (distinct > 100 && distinct > values / 2)
}

/** Share of different values from which on whole numbers are taken for ids. */
const NEARLY_ALL = 0.95

/** Whole numbers of which some are not told from their neighbours as doubles: names, not amounts. */
function isBeyondDoubles({ column, min, max }: ColumnFacts): boolean {
  return column.integer && Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0)) > Number.MAX_SAFE_INTEGER
}

function reasonToIgnore(facts: ColumnFacts): string | null {
  const { column, values, rows, distinct, unique, meanLength, timeUnit } = facts
  if (values === 0) return 'always empty'
  if (values < rows / 1000) return `almost always empty: ${values} of ${rows} rows have a value`
  if (column.list === 'fractions') return null
  if (column.list === 'whole') return 'a list of whole numbers: ids, or an embedding if you say so'
  if (column.type === 'other') return 'a list or map, which no sketch takes'
  if (column.type === 'time') return 'a time'
  if (timeUnit && TIME_NAME.test(column.name)) return `a time (unix ${timeUnit})`
  if (isProse(facts)) return null
  const countable = column.type === 'text' || column.integer
  if (countable && rows > 1 && unique && values > 100) return 'an id: every value is unique'
  if (column.integer && values > 100 && distinct >= NEARLY_ALL * values)
    return `an id: ${Math.floor((1000 * distinct) / values) / 10} % of its whole numbers are different; if they are amounts, take this line out`
  if (isBeyondDoubles(facts) && distinct > values / 2)
    return 'an id: whole numbers beyond 2^53, most of them another one'
  if (countable && ID_NAME.test(column.name) && distinct > values / 2) return 'an id, by its name and its many values'
  if (column.type === 'text' && distinct > 100 && distinct > values / 2)
    return 'almost every value is another one: an id or free text'
  return column.type === 'text' && meanLength > 80 ? 'free text' : null
}

function kindOf(facts: ColumnFacts): FeatureKind {
  const { column } = facts
  if (column.list === 'fractions') return 'embedding'
  if (isProse(facts)) return 'text'
  if (isBeyondDoubles(facts) || isCode(facts)) return 'categorical'
  return column.type === 'number' ? 'numeric' : column.type === 'boolean' ? 'boolean' : 'categorical'
}

/** Whole numbers that name something: their mean says nothing. */
function isCode({ column }: ColumnFacts): boolean {
  return column.integer && (ID_NAME.test(column.name) || CODE_NAME.test(column.name))
}

function describe(facts: ColumnFacts): string {
  const { column, values, rows, distinct, min, max, meanLength, meanSpaces } = facts
  const empty = values < rows ? `, empty in ${(100 * (1 - values / rows)).toFixed(values / rows > 0.99 ? 2 : 0)} %` : ''
  if (column.list === 'fractions') return `vectors: watched by their norm and projections${empty}`
  if (isProse(facts))
    return `texts of ${meanLength.toFixed(0)} characters, ${(meanSpaces + 1).toFixed(0)} words: watched by length, tokens and unknown tokens${empty}`
  if (distinct === 1) return `constant: only another value can tell${empty}`
  const different = facts.estimated ? `about ${Number(distinct.toPrecision(2))}` : `${distinct}`
  if (column.type !== 'number') return `${different} values${empty}`
  if (isBeyondDoubles(facts)) return `${different} whole numbers, some beyond 2^53: names, not amounts${empty}`
  if (isCode(facts)) return `${different} whole numbers, codes by their name${empty}`
  const range = `${Number(min!.toPrecision(6))} to ${Number(max!.toPrecision(6))}${empty}`
  if (!column.integer || distinct > 30) return range
  return `${range}; ${distinct} whole numbers: if they are codes, make it categorical`
}
