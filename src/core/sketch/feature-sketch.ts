import type { FeaturePlan } from '../plan.js'
import { FLAGS, NUMBER, type Row, TEXT, WRONG_TYPE } from '../row.js'
import { CategoricalSketch } from './categorical-sketch.js'
import { NumericSketch } from './numeric-sketch.js'
import type { SketchState } from './state.js'

/** One feature of one leaf: what its values were, by kind of value. */
export class FeatureSketch {
  readonly #flags = new Float64Array(FLAGS)
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
    if (flag === NUMBER) {
      if (this.#takesNumbers) {
        if (this.#numeric === null) this.#numeric = new NumericSketch(this.plan)
        this.#numeric.add(row.numbers[slot])
        this.#flags[NUMBER]++
      } else this.#flags[WRONG_TYPE]++
    } else if (flag === TEXT) {
      if (this.#takesText) {
        if (this.#categorical === null) this.#categorical = new CategoricalSketch(this.plan)
        this.#categorical.add(row, slot)
        this.#flags[TEXT]++
      } else this.#flags[WRONG_TYPE]++
    } else if (flag !== 0) this.#flags[flag]++ // MISSING is what is left of the rows
  }

  state(feature: string): SketchState {
    return {
      feature,
      flags: this.#flags.slice(),
      numeric: this.#numeric?.state() ?? null,
      categorical: this.#categorical?.state() ?? null,
    }
  }

  /** Gives buffers back; the sketch takes no more values. */
  release(): void {
    this.#numeric?.release()
  }
}
