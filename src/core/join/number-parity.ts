import { ecdf } from '../sketch/ecdf.js'
import { NumericSketch } from '../sketch/numeric-sketch.js'
import { kolmogorovSmirnov } from '../statistic/kolmogorov-smirnov.js'
import { quantilesAt } from '../statistic/quantiles.js'
import { filledIn, late } from './common-hypotheses.js'
import { FeaturePairs } from './feature-pairs.js'
import { FEWEST_VALUES, type Proposer } from './hypothesis.js'
import { coarser, mappedByName, moved, multiplied, negated, turned } from './number-hypotheses.js'
import { type FeatureParity, type NumberSide, PARITY_LEVELS, type PairRows } from './parity.js'
import { agree, type Tolerance } from './tolerance.js'

export interface ParityOptions {
  readonly tolerance: Tolerance
  /** Rows kept as examples. */
  readonly examples: number
}

const PLAN = { grid: null, countDistinct: false, range: null }

const time = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms))

/** Row-level parity of one numeric feature, or of times. */
export class NumberParity {
  readonly #pairs: FeaturePairs<number>
  readonly #differences = new NumericSketch(PLAN)
  readonly #ratios = new NumericSketch(PLAN)
  readonly #valuesA = new NumericSketch(PLAN)
  readonly #valuesB = new NumericSketch(PLAN)

  constructor(
    readonly feature: string,
    private readonly kind: 'number' | 'time',
    { tolerance, examples }: ParityOptions,
  ) {
    const isTime = kind === 'time'
    const said = isTime ? time : String
    const proposers: Proposer<number>[] = isTime
      ? [moved(true), coarser(true), filledIn(FEWEST_VALUES, said), late]
      : [negated, turned, coarser(false), mappedByName, multiplied, moved(false), filledIn(FEWEST_VALUES, said), late]
    this.#pairs = new FeaturePairs((a, b) => agree(a, b, tolerance), said, proposers, examples)
  }

  add(rows: PairRows, a: NumberSide, b: NumberSide): void {
    for (let i = 0; i < rows.size; i++) {
      const x = a.valid[i] === 1 ? a.numbers[i] : null
      const y = b.valid[i] === 1 ? b.numbers[i] : null
      // NaN − NaN is not 0; sketches take finite numbers only.
      if (x !== null && x - x === 0) this.#valuesA.add(x)
      if (y !== null && y - y === 0) this.#valuesB.add(y)
      if (this.#pairs.add(rows, i, x, y, a.odd?.[i] ?? null, b.odd?.[i] ?? null) === null) continue
      const difference = x! - y!
      if (difference - difference !== 0) continue
      this.#differences.add(difference)
      if (y !== 0 && Number.isFinite(x! / y!)) this.#ratios.add(x! / y!)
    }
  }

  finish(shown: boolean): FeatureParity {
    const [differences, ratios, valuesA, valuesB] = [this.#differences, this.#ratios, this.#valuesA, this.#valuesB].map(
      sketch => {
        const state = sketch.state()
        sketch.release()
        return state
      },
    )
    const quantiles = (state: typeof valuesA): number[] =>
      state.count === 0 ? [] : quantilesAt(ecdf(state, null), PARITY_LEVELS)
    const both = valuesA.count > 0 && valuesB.count > 0
    return {
      feature: this.feature,
      kind: this.kind,
      ...this.#pairs.finish(shown),
      difference:
        differences.count === 0
          ? null
          : {
              mean: differences.mean,
              quantiles: quantiles(differences),
              medianRatio: ratios.count === 0 ? null : quantilesAt(ecdf(ratios, null), [0.5])[0],
            },
      distributions: {
        ks: both ? kolmogorovSmirnov(ecdf(valuesA, null), ecdf(valuesB, null)) : null,
        tvd: null,
        quantilesA: quantiles(valuesA),
        quantilesB: quantiles(valuesB),
      },
      confusions: [],
    }
  }
}
