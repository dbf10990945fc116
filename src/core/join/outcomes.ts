import { type Entry, labelFor } from './entry.js'
import type { Shelf } from './shelves.js'
import type { JoinCounts } from './side-rows.js'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What the rows of both sides have become. */
export class Outcomes {
  readonly predictions: Mutable<JoinCounts['predictions']> = {
    ...{ read: 0, matched: 0, pending: 0, expired: 0, duplicate: 0, dropped: 0 },
  }
  readonly labels: Mutable<JoinCounts['labels']> = {
    ...{ read: 0, matched: 0, pending: 0, expired: 0, duplicate: 0, contradicting: 0, dropped: 0 },
  }

  constructor(private readonly graceMs: number) {}

  counts(): JoinCounts {
    return { predictions: { ...this.predictions }, labels: { ...this.labels } }
  }

  restore({ predictions, labels }: JoinCounts): void {
    Object.assign(this.predictions, predictions)
    Object.assign(this.labels, labels)
  }

  /**
   * Counts the rows of one key as what they are now, or takes that back: of the labels for its prediction the last one counts.
   * @param withLabels false where they are counted with another prediction
   */
  count({ prediction, labels }: Entry, shelf: Shelf, by: 1 | -1, withLabels = true): void {
    if (prediction === null) {
      if (!withLabels) return
      for (const { copies } of labels) {
        this.labels.pending += by * copies
        shelf.labels += by * copies
      }
      return
    }
    const counting = labelFor(prediction, labels.at(-1), this.graceMs)
    if (counting === null) {
      this.predictions.pending += by
      shelf.predictions += by
    } else this.predictions.matched += by
    if (!withLabels) return
    for (const label of labels) {
      if (label === counting) {
        this.labels.matched += by
        this.labels.duplicate += by * (label.copies - 1)
      } else if (labelFor(prediction, label, this.graceMs) === null) this.labels.expired += by * label.copies
      else if (Object.is(label.value, counting!.value)) this.labels.duplicate += by * label.copies
      else this.labels.contradicting += by * label.copies
    }
  }

  /** What waited on the shelf waits no more. */
  clear({ predictions, labels }: Shelf, outcome: 'expired' | 'dropped'): void {
    this.predictions.pending -= predictions
    this.predictions[outcome] += predictions
    this.labels.pending -= labels
    this.labels[outcome] += labels
  }
}
