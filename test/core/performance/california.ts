import { housing } from '../../housing.js'
import type { Scored } from './scored.js'

export interface California {
  /** Rows that the model was tested on. */
  readonly reference: readonly Required<Scored>[]
  /** The rows after them, in time order, in six equal parts. */
  readonly sixths: readonly (readonly Required<Scored>[])[]
}

/** California housing with the scores of a model (NannyML). */
export function california(): California {
  const [reference, analysis, labels] = ['reference', 'analysis', 'analysis_labels'].map(housing)
  const byId = new Map(labels!.map(row => [row['id'], Number(row['clf_target'])]))
  const rows = analysis!.map(row => ({ value: Number(row['y_pred_proba']), label: byId.get(row['id'])! }))
  return {
    reference: reference!.map(row => ({ value: Number(row['y_pred_proba']), label: Number(row['clf_target']) })),
    sixths: Array.from({ length: 6 }, (_, k) => rows.slice((k * rows.length) / 6, ((k + 1) * rows.length) / 6)),
  }
}
