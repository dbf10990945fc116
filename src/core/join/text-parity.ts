import { filledIn, late } from './common-hypotheses.js'
import { FeaturePairs } from './feature-pairs.js'
import type { ParityOptions } from './number-parity.js'
import type { FeatureParity, PairRows, TextSide } from './parity.js'
import { cutShort, relabelled, spelled } from './text-hypotheses.js'
import { masked } from './words.js'

/** Labels and pairs that are counted one by one; what comes after is `other`. */
const MOST_LABELS = 16_384
const MOST_PAIRS = 4096
const PAIRS_TOLD = 10
/** A feature of more labels than this is no category: what it says may be anyone's. */
const MOST_SHOWN = 100
const NUL = '\u0000'

/** Row-level parity of a categorical feature: texts are the same letter for letter. */
export class TextParity {
  readonly #pairs: FeaturePairs<string>
  readonly #labels = new Map<string, { a: number; b: number }>()
  readonly #other = { a: 0, b: 0 }
  readonly #confusions = new Map<string, number>()

  constructor(
    readonly feature: string,
    { examples }: Omit<ParityOptions, 'tolerance'>,
  ) {
    const said = (label: string): string => JSON.stringify(this.#labels.size > MOST_SHOWN ? masked(label) : label)
    const proposers = [spelled, relabelled, cutShort, filledIn(2, said), late]
    this.#pairs = new FeaturePairs(
      (a, b) => a === b,
      label => label,
      proposers,
      examples,
    )
  }

  add(rows: PairRows, a: TextSide, b: TextSide): void {
    for (let i = 0; i < rows.size; i++) {
      const x = a[i] ?? null
      const y = b[i] ?? null
      if (x !== null) this.#counts(x).a++
      if (y !== null) this.#counts(y).b++
      if (this.#pairs.add(rows, i, x, y, null, null) === null) continue
      const pair = `${x}${NUL}${y}`
      const known = this.#confusions.get(pair)
      if (known !== undefined || this.#confusions.size < MOST_PAIRS) this.#confusions.set(pair, (known ?? 0) + 1)
    }
  }

  finish(shown: boolean): FeatureParity {
    const show = shown || this.#labels.size <= MOST_SHOWN
    const mask = (label: string): string => (show ? label : masked(label))
    const confusions = [...this.#confusions]
      .sort(([p, x], [q, y]) => y - x || (p < q ? -1 : 1))
      .slice(0, PAIRS_TOLD)
      .map(([pair, rows]) => {
        const [a, b] = pair.split(NUL)
        return { a: mask(a), b: mask(b), rows }
      })
    return {
      feature: this.feature,
      kind: 'text',
      ...this.#pairs.finish(shown),
      difference: null,
      distributions: { ks: null, tvd: this.#apart(), quantilesA: [], quantilesB: [] },
      confusions,
    }
  }

  #counts(label: string): { a: number; b: number } {
    let counts = this.#labels.get(label)
    if (counts === undefined) {
      if (this.#labels.size >= MOST_LABELS) return this.#other
      counts = { a: 0, b: 0 }
      this.#labels.set(label, counts)
    }
    return counts
  }

  /** Half the sum of the differences of shares. */
  #apart(): number | null {
    const all = [...this.#labels.values(), this.#other]
    const sum = (side: 'a' | 'b'): number => all.reduce((total, counts) => total + counts[side], 0)
    const [a, b] = [sum('a'), sum('b')]
    if (a === 0 || b === 0) return null
    return all.reduce((total, counts) => total + Math.abs(counts.a / a - counts.b / b), 0) / 2
  }
}
