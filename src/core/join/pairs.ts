import type { WindowSpec } from '../monitor.js'
import type { ScoreCounts } from '../performance/score-counts.js'
import { paneOf } from '../window/window.js'
import { type Entry, type Label, labelFor, type Prediction } from './entry.js'
import type { JoinedParts } from './joined-parts.js'
import { roundKnown } from './lane-window.js'
import type { Position } from './open-parts.js'
import type { Segments } from './segments.js'

/** Counts predictions and their labels into the parts that they belong to. */
export class Pairs {
  constructor(
    private readonly window: WindowSpec,
    private readonly parts: JoinedParts,
    private readonly segments: Segments,
  ) {}

  /** Counts a prediction with its labels, or takes all of it back. */
  count({ prediction, labels }: Entry, at: Position, sign: 1 | -1): void {
    const { values } = prediction!
    this.#change(prediction!, this.#roundOf(prediction!, prediction!.time, at), at, (counts, i) =>
      counts.predicted(values[i], sign),
    )
    let last: Label | null = null
    for (const label of labels) {
      if (labelFor(prediction!, label, this.window.graceMs) === null) continue
      const round = this.#roundOf(prediction!, label.time, at)
      this.#turn(prediction!, sign === 1 ? last : label, sign === 1 ? label : last, round, at)
      last = label
    }
  }

  /** Counts the index-th of an entry's labels, which has just come: from its time on, until that of the next. */
  insert({ prediction, labels }: Entry, index: number, at: Position): void {
    const { graceMs } = this.window
    const label = prediction && labelFor(prediction, labels[index], graceMs)
    if (label === null) return
    const before = labelFor(prediction!, labels[index - 1], graceMs)
    const after = labels[index + 1]
    const round = this.#roundOf(prediction!, label.time, at)
    const later = after === undefined ? Number.POSITIVE_INFINITY : this.#roundOf(prediction!, after.time, at)
    if (later === round) return
    this.#turn(prediction!, before, label, round, at)
    if (after !== undefined) this.#turn(prediction!, label, before, later, at)
  }

  /** From this round on one label counts instead of another. */
  #turn(prediction: Prediction, from: Label | null, to: Label | null, round: number, at: Position): void {
    const { values } = prediction
    this.#change(prediction, round, at, (counts, i) => {
      if (from !== null) counts.labelled(values[i], from.value, -1)
      if (to !== null) counts.labelled(values[i], to.value, 1)
    })
  }

  #change(
    { version, time, segment }: Prediction,
    round: number,
    at: Position,
    change: (counts: ScoreCounts, output: number) => void,
  ): void {
    const { counts: leaves } = this.parts.at(version, paneOf(time, this.window), round, at)
    for (const leaf of this.segments.leavesOf(segment)) {
      const counts = this.parts.leaf(leaves, leaf)
      for (let i = 0; i < counts.length; i++) change(counts[i], i)
    }
  }

  /** The round in which something of a prediction counts that became known at a time. */
  #roundOf({ time }: Prediction, known: number, { round }: Position): number {
    return roundKnown(this.window, time, known, round)
  }
}
