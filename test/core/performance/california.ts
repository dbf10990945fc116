import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Scored } from './scored.js'

/** California housing with the scores of a model (NannyML), read where it lies; absent outside the project's own machines. */
const FOLDER = '/work/shared/data/california_housing_'
export const HAS_CALIFORNIA = existsSync(`${FOLDER}reference.csv.gz`)

export interface California {
  /** Rows that the model was tested on. */
  readonly reference: readonly Required<Scored>[]
  /** The rows after them, in time order, in six equal parts. */
  readonly sixths: readonly (readonly Required<Scored>[])[]
}

export function california(): California {
  const [reference, analysis, labels] = ['reference', 'analysis', 'analysis_labels'].map(table)
  const byId = new Map(labels!.map(row => [row['id'], Number(row['clf_target'])]))
  const rows = analysis!.map(row => ({ value: Number(row['y_pred_proba']), label: byId.get(row['id'])! }))
  return {
    reference: reference!.map(row => ({ value: Number(row['y_pred_proba']), label: Number(row['clf_target']) })),
    sixths: Array.from({ length: 6 }, (_, k) => rows.slice((k * rows.length) / 6, ((k + 1) * rows.length) / 6)),
  }
}

function table(name: string): Record<string, string>[] {
  const [header, ...lines] = gunzipSync(readFileSync(`${FOLDER}${name}.csv.gz`))
    .toString()
    .trim()
    .split('\n')
  const columns = header!.split(',')
  return lines.map(line => Object.fromEntries(line.split(',').map((text, c) => [columns[c]!, text])))
}

/** Area under the ROC curve, pair by pair of different scores. */
export function exactAuc(rows: readonly Required<Scored>[]): number {
  const sorted = [...rows].sort((a, b) => a.value - b.value)
  let [negatives, inOrder, positives] = [0, 0, 0]
  for (let i = 0; i < sorted.length; ) {
    let [ones, zeros] = [0, 0]
    for (const { value } = sorted[i]!; i < sorted.length && sorted[i]!.value === value; i++)
      if (sorted[i]!.label === 1) ones++
      else zeros++
    inOrder += ones * (negatives + zeros / 2)
    negatives += zeros
    positives += ones
  }
  return inOrder / (positives * negatives)
}
