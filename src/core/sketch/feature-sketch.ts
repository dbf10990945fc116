import type { FeaturePlan } from '../plan.js'
import { FLAGS, MISSING, NUMBER, type Row, TEXT, WRONG_TYPE } from '../row.js'
import { CategoricalSketch } from './categorical-sketch.js'
import { NumericSketch } from './numeric-sketch.js'
import type { SketchState } from './state.js'

/** One feature of one leaf: what its values were, by kind of value. */
export class FeatureSketch {
  readonly #flags = new Int32Array(FLAGS)
  #numeric: NumericSketch | null = null
  #categorical: CategoricalSketch | null = null
  readonly #takesNumbers: boolean
  readonly #takesText: boolean

  constructor(private readonly plan: FeaturePlan) {
    this.#takesNumbers = plan.kind === 'numeric' || plan.kind === 'auto'
    this.#takesText = plan.kind !== 'numeric'
  }

  observe(row: Row, slot: number): void {
    const flag = row.flags[slot]
    this.#flags[flag]++
    if (flag === NUMBER) {
      if (this.#takesNumbers) (this.#numeric ??= new NumericSketch(this.plan)).add(row.numbers[slot])
    } else if (flag === TEXT && this.#takesText) {
      ;(this.#categorical ??= new CategoricalSketch(this.plan)).add(row, slot)
    }
  }

  state(feature: string): SketchState {
    const flags = Float64Array.from(this.#flags)
    flags[MISSING] = 0 // what is left of the rows
    for (const [flag, taken] of [
      [NUMBER, this.#takesNumbers],
      [TEXT, this.#takesText],
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
      entityRepeatable: 0,
      entityRepeats: 0,
    }
  }

  /** Gives buffers back; the sketch takes no more values. */
  release(): void {
    this.#numeric?.release()
  }
}
