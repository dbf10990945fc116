import { normalInterval, wilson } from '../statistic/intervals.js'
import { total } from '../statistic/psi.js'
import { type Measure, type MeasureName, measure, type Phi } from './measure.js'
import type { ClassScores } from './score-state.js'

/**
 * Accuracy, precision and recall of each class with Wilson's interval; macro F1, the mean of 2TP/(predicted + true) over classes that occur, with that
 * of the delta method over the cells of the confusion matrix.
 */
export function classMeasures({ classes, confusion }: ClassScores, phi: Phi): Measure[] {
  const n = total(confusion.count)
  if (!(n > 0)) return []
  const [predicted, labels, right] = [0, 0, 0].map(() => new Float64Array(classes.length))
  for (const [i, count] of confusion.count.entries()) {
    const [p, l] = [confusion.predicted[i], confusion.label[i]]
    predicted[p] += count
    labels[l] += count
    if (p === l) right[p] += count
  }
  const share = (name: MeasureName, x: number, of: number, c: string | null): Measure => {
    const f = phi(name, c)
    return measure(name, x / of, wilson(x / f, of / f), of, c)
  }
  return [
    share('accuracy', total(right), n, null),
    macroF1(confusion, predicted, labels, right, n, phi('macro-f1', null)),
    ...classes.flatMap((text, c) => [
      share('precision', right[c], predicted[c], text),
      share('recall', right[c], labels[c], text),
      share('base-rate', labels[c], n, text),
    ]),
  ]
}

function macroF1(
  confusion: ClassScores['confusion'],
  predicted: Float64Array,
  labels: Float64Array,
  right: Float64Array,
  n: number,
  phi: number,
): Measure {
  const both = predicted.map((count, c) => count + labels[c])
  const f1 = right.map((count, c) => (both[c] > 0 ? (2 * count) / both[c] : 0))
  const occur = both.filter(count => count > 0).length
  const value = total(f1) / occur
  // How far a row of a cell moves it; the mean over all rows is 0.
  let variance = 0
  for (const [i, count] of confusion.count.entries()) {
    const [p, l] = [confusion.predicted[i], confusion.label[i]]
    const move = ((p === l ? 2 : 0) - f1[p]) / both[p] - f1[l] / both[l]
    variance += count * (move / occur) ** 2
  }
  return measure('macro-f1', value, normalInterval(value, variance * phi, 0, 1), n)
}
