import type { ScoreCounts } from './score-counts.js'
import type { ClassScores } from './score-state.js'

/** Counts of a multiclass output: classes are named by their index into a list that may grow, and kept by their text. */
export class ClassCounts implements ScoreCounts {
  readonly #rows = new Map<string, { n: number; readonly labels: Map<string, number> }>()
  #unusable = 0

  constructor(private readonly classes: readonly string[] = []) {}

  predicted(value: number, sign: 1 | -1): void {
    const text = this.classes[value]
    if (text === undefined) this.#unusable += sign
    else this.#row(text).n += sign
  }

  labelled(value: number, label: number, sign: 1 | -1): void {
    const [predicted, text] = [this.classes[value], this.classes[label]]
    if (predicted !== undefined && text !== undefined) this.#count(predicted, text, sign)
  }

  add({ classes, n, confusion, unusable }: ClassScores): void {
    for (const [c, text] of classes.entries()) this.#row(text).n += n[c]
    for (const [i, count] of confusion.count.entries())
      this.#count(classes[confusion.predicted[i]], classes[confusion.label[i]], count)
    this.#unusable += unusable
  }

  state(): ClassScores {
    const classes = [...this.#rows.keys()].sort()
    const index = new Map(classes.map((text, c) => [text, c]))
    const cells = classes.flatMap((text, c) =>
      [...this.#rows.get(text)!.labels]
        .map(([label, count]) => [c, index.get(label)!, count] as const)
        .sort((a, b) => a[1] - b[1]),
    )
    return {
      type: 'multiclass',
      classes,
      n: Float64Array.from(classes, text => this.#rows.get(text)!.n),
      confusion: {
        predicted: Int32Array.from(cells, ([predicted]) => predicted),
        label: Int32Array.from(cells, ([, label]) => label),
        count: Float64Array.from(cells, ([, , count]) => count),
      },
      unusable: this.#unusable,
    }
  }

  #row(text: string): { n: number; readonly labels: Map<string, number> } {
    let row = this.#rows.get(text)
    if (row === undefined) this.#rows.set(text, (row = { n: 0, labels: new Map() }))
    return row
  }

  #count(predicted: string, label: string, by: number): void {
    const { labels } = this.#row(predicted)
    this.#row(label)
    labels.set(label, (labels.get(label) ?? 0) + by)
  }
}
