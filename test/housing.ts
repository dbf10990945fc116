import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { data } from './shared-data.js'

/** A file of the housing data as rows of cells by column: `reference`, `analysis` or `analysis_labels`. */
export function housing(name: string): Record<string, string>[] {
  const [header, ...lines] = gunzipSync(readFileSync(data(`california_housing_${name}.csv.gz`)))
    .toString()
    .trim()
    .split('\n')
  const columns = header!.split(',')
  return lines.map(line => Object.fromEntries(line.split(',').map((text, c) => [columns[c]!, text])))
}
