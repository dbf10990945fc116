import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { data } from '../../shared-data.js'
import type { Kind, Value } from './lab.js'

export interface Column {
  readonly name: string
  readonly kind: Kind
  /** In real order. */
  readonly values: readonly Value[]
}

const TAXI = ['fare', 'trip_miles', 'trip_seconds', 'tips', 'payment_type', 'company']
const BIKES = ['temp', 'hum', 'windspeed', 'casual', 'registered', 'cnt', 'weathersit']
const HOUSES = ['MedInc', 'HouseAge', 'AveRooms', 'Population', 'AveOccup', 'Latitude', 'y_pred_proba']
const LABELS = new Set(['payment_type', 'company', 'weathersit'])

/** Columns that limits were chosen on. */
export const bikes = (): Column[] => columnsOf(['bike_sharing_hour.csv.gz'], BIKES)

export const taxi = (): Column[] => columnsOf(['chicago_taxi.csv.gz'], TAXI)

/** Columns that were kept apart. */
export const houses = (): Column[] =>
  columnsOf(['california_housing_reference.csv.gz', 'california_housing_analysis.csv.gz'], HOUSES)

function columnsOf(files: readonly string[], names: readonly string[]): Column[] {
  const tables = files.map(file => inTime(parse(gunzipSync(readFileSync(data(file))).toString())))
  return names.map(name => {
    const kind: Kind = LABELS.has(name) ? 'categorical' : 'numeric'
    const values = tables.flatMap(([header, ...rows]) => {
      const at = header.indexOf(name)
      return rows.map((row): Value => (row[at] === '' ? null : kind === 'numeric' ? Number(row[at]) : row[at]))
    })
    return { name, kind, values }
  })
}

/** The taxi file is not sorted; the others are. */
function inTime([header, ...rows]: string[][]): string[][] {
  const at = header.indexOf('trip_start_timestamp')
  return [header, ...(at < 0 ? rows : rows.sort((a, b) => Number(a[at]) - Number(b[at])))]
}

function parse(text: string): string[][] {
  return text
    .trim()
    .split('\n')
    .map(line => [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, bare]) => (quoted ?? bare).trim()))
}
