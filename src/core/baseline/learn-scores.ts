import { textOf } from '../dictionary.js'
import type { Task } from '../monitor.js'
import { type ScoreCounts, scoreCounts } from '../performance/score-counts.js'
import type { Segmentation } from '../plan.js'
import { type Layout, NUMBER, type Row, TEXT } from '../row.js'
import { valueIndex } from '../window/part-builder.js'
import { type Segment, segmentKey, type TrainedScores } from './baseline.js'
import { LABEL } from './leakage.js'

/** Column of an output among those of the layout. */
export function trainedOutput(name: string): string {
  return `#trained ${name}`
}

/** How the model's scores did on the rows that it was trained on, by segment, in one pass; memory does not grow with the rows. */
export class ScoreScan {
  readonly #slots: readonly number[]
  readonly #label: number
  readonly #classes: string[] = []
  readonly #placeOf = new Map<string, number>()
  readonly #leaves = new Map<string, { readonly segment: Segment; readonly counts: readonly ScoreCounts[] }>()
  #labelled = 0

  /**
   * Adds the columns that it reads to the layout.
   * @param outputs names of the task's outputs that the rows have
   */
  constructor(
    private readonly task: Task,
    private readonly outputs: readonly string[],
    private readonly layout: Layout,
    private readonly segmentation: Segmentation,
  ) {
    const kind = task.type === 'multiclass' ? 'categorical' : 'numeric'
    this.#slots = outputs.map(name => layout.add(trainedOutput(name), kind, false))
    this.#label = layout.add(LABEL, task.type === 'regression' ? 'numeric' : 'categorical', false)
  }

  observe(row: Row): void {
    const label = this.#labelOf(row)
    if (!Number.isNaN(label)) this.#labelled++
    const values = this.#slots.map(slot => this.#value(row, slot))
    for (const segment of this.#segmentsOf(row)) {
      const counts = this.#countsOf(segment)
      for (const [o, value] of values.entries()) {
        counts[o].predicted(value, 1)
        if (!Number.isNaN(label)) counts[o].labelled(value, label, 1)
      }
    }
  }

  /** Null where no row has a label. */
  finish(): TrainedScores | null {
    if (this.#labelled === 0) return null
    const leaves = [...this.#leaves]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { segment, counts }]) => ({ segment, outputs: counts.map(one => one.state()) }))
    return { outputs: this.outputs, leaves }
  }

  /** 0 or 1, a number, or the place of a class; NaN: none. */
  #labelOf(row: Row): number {
    if (this.task.type !== 'binary') return this.#value(row, this.#label)
    if (row.flags[this.#label] !== TEXT) return Number.NaN
    const text = this.#textOf(row, this.#label)
    const { positive } = this.task
    if (positive !== null) return text === positive ? 1 : 0
    return text === 'true' || text === '1' ? 1 : text === 'false' || text === '0' ? 0 : Number.NaN
  }

  #value(row: Row, slot: number): number {
    const flag = row.flags[slot]
    if (flag === NUMBER) return row.numbers[slot]
    if (flag !== TEXT) return Number.NaN
    const text = this.#textOf(row, slot)
    let place = this.#placeOf.get(text)
    if (place === undefined) this.#placeOf.set(text, (place = this.#classes.push(text) - 1))
    return place
  }

  #textOf(row: Row, slot: number): string {
    const id = row.categories[slot]
    return id >= 0
      ? this.layout.slots[slot].dictionary.values[id]
      : textOf(row.bytes, row.starts[slot], row.lengths[slot])
  }

  /** All rows, and each declared value of the row. */
  #segmentsOf(row: Row): Segment[] {
    const declared = this.segmentation.groups.flat().flatMap(dimension => {
      const value = dimension.values[valueIndex(row, dimension)]
      return value === undefined ? [] : [{ [dimension.name]: value }]
    })
    return [{}, ...declared]
  }

  #countsOf(segment: Segment): readonly ScoreCounts[] {
    const key = segmentKey(segment)
    let leaf = this.#leaves.get(key)
    if (leaf === undefined) {
      leaf = { segment, counts: this.outputs.map(() => scoreCounts(this.task, this.#classes)) }
      this.#leaves.set(key, leaf)
    }
    return leaf.counts
  }
}
