import type { FeaturePlan } from '../plan.js'
import { FLAGS, MISSING, NUMBER, type Row, TEXT, WRONG_TYPE } from '../row.js'
import { CategoricalSketch } from './categorical-sketch.js'
import type { Columns } from './columns.js'
import { NumericSketch } from './numeric-sketch.js'
import type { OpenSketch } from './open-state.js'
import type { SketchState } from './state.js'

/** One feature of one leaf: what its values were, by kind of value. */
export class FeatureSketch {
  readonly #flags = new Int32Array(FLAGS)
  #numeric: NumericSketch | null = null
  #categorical: CategoricalSketch | null = null
  #entityRepeatable = 0
  #entityRepeats = 0
  readonly #takesNumbers: boolean
  /** Whether texts are sketched, and not only counted. */
  readonly takesText: boolean

  constructor(private readonly plan: FeaturePlan) {
    this.#takesNumbers = plan.kind === 'numeric' || plan.kind === 'auto'
    this.takesText = plan.kind !== 'numeric'
  }

  /** Goes on where `open` was taken; null where it was counted by another plan. */
  static reopen(plan: FeaturePlan, open: OpenSketch): FeatureSketch | null {
    const same = { ...plan, kind: open.kind }
    const sketch = new FeatureSketch(same)
    sketch.#flags.set(open.flags)
    sketch.#numeric = open.numeric && NumericSketch.reopen(same, open.numeric)
    sketch.#categorical = open.categorical && CategoricalSketch.reopen(same, open.categorical)
    sketch.#entityRepeatable = open.entityRepeatable
    sketch.#entityRepeats = open.entityRepeats
    const whole = (sketch.#numeric === null) === (open.numeric === null)
    return whole && (sketch.#categorical === null) === (open.categorical === null) ? sketch : null
  }

  /** What there is now, nothing flushed. To be written at once: it shares memory. */
  open(feature: string): OpenSketch {
    return {
      feature,
      kind: this.plan.kind,
      flags: Float64Array.from(this.#flags),
      numeric: this.#numeric?.open() ?? null,
      categorical: this.#categorical?.open() ?? null,
      entityRepeatable: this.#entityRepeatable,
      entityRepeats: this.#entityRepeats,
    }
  }

  observe(row: Row, slot: number): void {
    const flag = row.flags[slot]
    this.#flags[flag]++
    if (flag === NUMBER) {
      if (this.#takesNumbers) (this.#numeric ??= new NumericSketch(this.plan)).add(row.numbers[slot])
    } else if (flag === TEXT && this.takesText) this.addText(row, slot)
  }

  /** Counts and numbers of one slot in rows whose texts have been added. */
  observeColumn(columns: Columns, slot: number): void {
    const counts = this.#flags
    if (this.#numeric === null && this.#takesNumbers && hasNumber(columns, slot))
      this.#numeric = new NumericSketch(this.plan)
    if (this.#numeric !== null) {
      this.#numeric.addColumn(columns, slot, counts)
      return
    }
    const { flags, rows, width } = columns
    for (let at = slot, end = rows * width; at < end; at += width) counts[flags[at]]++
  }

  /** The category of a row whose flag has been counted, or will be. */
  addText(row: Row, slot: number): void {
    ;(this.#categorical ??= new CategoricalSketch(this.plan)).add(row, slot)
  }

  /** The value at hand was compared with the last one of its entity. */
  compared(same: boolean): void {
    this.#entityRepeatable++
    if (same) this.#entityRepeats++
  }

  /** See `PartBuilder.settle`. */
  settle(): void {
    this.#numeric?.settle()
  }

  state(feature: string): SketchState {
    const flags = Float64Array.from(this.#flags)
    flags[MISSING] = 0 // what is left of the rows
    for (const [flag, taken] of [
      [NUMBER, this.#takesNumbers],
      [TEXT, this.takesText],
    ] as const) {
      if (taken) continue
      flags[WRONG_TYPE] += flags[flag]
      flags[flag] = 0
    }
    const numeric = this.#numeric?.state() ?? null
    const categorical = this.#categorical?.state() ?? null
    return {
      feature,
      flags,
      numeric,
      categorical,
      // Each value but the first has one before it; numbers and texts of one feature are looked at apart.
      repeatable: Math.max(0, (numeric?.count ?? 0) - 1) + Math.max(0, (categorical?.count ?? 0) - 1),
      repeats: (this.#numeric?.repeats ?? 0) + (this.#categorical?.repeats ?? 0),
      entityRepeatable: this.#entityRepeatable,
      entityRepeats: this.#entityRepeats,
    }
  }

  /** Gives buffers back; the sketch takes no more values. */
  release(): void {
    this.#numeric?.release()
  }
}

function hasNumber({ flags, rows, width }: Columns, slot: number): boolean {
  for (let at = slot, end = rows * width; at < end; at += width) if (flags[at] === NUMBER) return true
  return false
}
