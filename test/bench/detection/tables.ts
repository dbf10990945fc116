import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Column, Feature, Value } from './values.js'

/** A data set in time order. */
export interface Table {
  readonly name: string
  readonly features: readonly Feature[]
  /** One a feature, all of the same length. */
  readonly columns: readonly Column[]
  readonly rows: number
}

/** Columns that are only a clock or a number of the row. */
const CLOCKS = new Set(['trip_start_timestamp', 'instant', 'dteday', 'id', 'timestamp'])

/**
 * Codes that are labels whatever their digits. The two halves differ, so that a scheme chosen on one reading meets the other: a monitor
 * without a word on kinds takes digits for numbers.
 */
const LABELS = {
  development: ['payment_type', 'company', 'pickup_community_area'],
  judgement: ['payment_type', 'company', 'dropoff_community_area', 'season', 'weathersit', 'y_pred'],
} as const
export type Half = keyof typeof LABELS

/** The folder of the data sets, beside the project or where DRIFTLINE_SHARED says. */
const FOLDER = resolve(
  process.env['DRIFTLINE_SHARED'] ?? new URL('../../../../shared', import.meta.url).pathname,
  'data',
)

/** The three data sets; or the CSV files of another folder, each in time order, whose columns are labels where one of their values is no number. */
export function tables(half: Half, folder: string | null = null): Table[] {
  if (folder !== null) return ownTables(folder)

  const housing = joinLabels([
    ...read('california_housing_reference.csv.gz'),
    ...read('california_housing_analysis.csv.gz'),
  ])
  const taxi = read('chicago_taxi.csv.gz')
  taxi.sort((a, b) => Number(a.get('trip_start_timestamp')) - Number(b.get('trip_start_timestamp')))
  const labels = new Set<string>(LABELS[half])
  return [
    table('taxi', taxi, labels),
    table('bike', read('bike_sharing_hour.csv.gz'), labels),
    table('housing', housing, labels),
  ]
}

const TABLE_FILE = /\.csv(\.gz)?$/

function tableFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter(name => TABLE_FILE.test(name))
    .sort()
}

export function hasTables(folder: string): boolean {
  return tableFiles(folder).length > 0
}

function ownTables(folder: string): Table[] {
  return tableFiles(folder).map(file => {
    const rows = read(file, folder)
    const isLabel = (column: string): boolean => rows.some(row => !Number.isFinite(Number(row.get(column))))
    return table(file.replace(TABLE_FILE, ''), rows, new Set([...rows[0]!.keys()].filter(isLabel)))
  })
}

type Row = Map<string, string>

/** None of the files quotes a field; a row of another width would tell. */
function read(file: string, folder = FOLDER): Row[] {
  const path = resolve(folder, file)
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw new Error(`${path} cannot be read: set DRIFTLINE_SHARED to the folder that has data/`, { cause })
  }
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const [header, ...lines] = text.trimEnd().split(/\r?\n/)
  const names = header!.split(',')
  return lines.map((line, i) => {
    const cells = line.split(',')
    if (cells.length !== names.length) throw new Error(`${path}: line ${i + 2} has ${cells.length} fields`)
    return new Map(names.map((name, c) => [name, cells[c]!]))
  })
}

/** The label is in the reference file and, for the later rows, in a file of its own. */
function joinLabels(rows: Row[]): Row[] {
  const labels = new Map(
    read('california_housing_analysis_labels.csv.gz').map(row => [row.get('id'), row.get('clf_target')!]),
  )
  for (const row of rows) if (!row.has('clf_target')) row.set('clf_target', labels.get(row.get('id')!) ?? '')
  return rows
}

function table(name: string, rows: readonly Row[], labels: ReadonlySet<string>): Table {
  const features = [...rows[0]!.keys()]
    .filter(column => !CLOCKS.has(column))
    .map((column): Feature => ({ name: column, kind: labels.has(column) ? 'categorical' : 'numeric' }))
  const columns = features.map(({ name: column, kind }) => rows.map(row => cellValue(row.get(column)!, kind)))
  return { name, features, columns, rows: rows.length }
}

function cellValue(cell: string, kind: Feature['kind']): Value {
  if (cell === '') return null
  if (kind === 'categorical') return cell
  const number = Number(cell)
  if (!Number.isFinite(number)) throw new Error(`"${cell}" is no number: name its column among the labels`)
  return number
}
