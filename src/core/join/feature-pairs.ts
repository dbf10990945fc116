import { type Example, Examples } from './examples.js'
import type { Mismatch, Proposer } from './hypothesis.js'
import { Mismatches } from './mismatches.js'
import type { FeatureParity, PairRows, ParityCause } from './parity.js'
import { Past } from './past.js'

/** Values that fill nulls are counted while there are so few. */
const MOST_FILLINGS = 1000
/** Part of the nulls that one value must fill. */
const MOSTLY = 0.5

/** What a feature's parity is, but for what depends on its kind. */
export type Parted = Pick<
  FeatureParity,
  | 'pairs'
  | 'matched'
  | 'mismatched'
  | 'nullInA'
  | 'nullInB'
  | 'types'
  | 'rate'
  | 'lag'
  | 'causes'
  | 'unexplained'
  | 'examples'
>

/** Counts of one feature's pairs, their causes and examples: what numbers and texts have in common. */
export class FeaturePairs<V extends number | string> {
  mismatched = 0
  #matched = 0
  #nullInA = 0
  #nullInB = 0
  #types = 0
  readonly #mismatches: Mismatches<V>
  readonly #fillingsA = new Map<V, number>()
  readonly #fillingsB = new Map<V, number>()
  readonly #past: Past<V>
  readonly #examples: Examples

  constructor(
    private readonly same: (a: V, b: V) => boolean,
    private readonly said: (value: V) => string,
    proposers: readonly Proposer<V>[],
    examples: number,
  ) {
    this.#mismatches = new Mismatches(proposers)
    this.#past = new Past(same)
    this.#examples = new Examples(examples)
  }

  /**
   * Row i of the rows; null: no value, or one of another type.
   * @param oddA what there is of another type
   * @returns the pair, where its values differ
   */
  add(
    rows: PairRows,
    i: number,
    a: V | null,
    b: V | null,
    oddA: string | null,
    oddB: string | null,
  ): Mismatch<V> | null {
    const { entities } = rows
    if (entities !== null && entities.begins[i] === 1) this.#past.forget()
    let mismatch: Mismatch<V> | null = null
    if (rows.inA[i] === 1 && rows.inB[i] === 1) {
      const missingA = a === null && oddA === null
      const missingB = b === null && oddB === null
      if (a !== null && b !== null) {
        if (this.same(a, b)) {
          this.#matched++
          this.#mismatches.agreed(b)
        } else {
          mismatch = { a, b, lags: entities === null ? [] : this.#past.lags(a, b, entities.times[i]) }
          this.mismatched++
          this.#mismatches.add(mismatch)
          this.#example(rows, i, a, b, oddA, oddB)
        }
      } else if ((missingA && missingB) || (oddA !== null && oddA === oddB)) this.#matched++
      else {
        if (missingA) this.#nullInA++
        else if (missingB) this.#nullInB++
        else this.#types++
        if (missingA && b !== null) count(this.#fillingsB, b)
        if (missingB && a !== null) count(this.#fillingsA, a)
        this.#example(rows, i, a, b, oddA, oddB)
      }
    }
    if (entities !== null) this.#past.push(a, b, entities.times[i])
    return mismatch
  }

  /** @param shown whether examples show values and keys */
  finish(shown: boolean): Parted {
    const [matched, mismatched, nullInA, nullInB, types] = [
      this.#matched,
      this.mismatched,
      this.#nullInA,
      this.#nullInB,
      this.#types,
    ]
    const pairs = matched + mismatched + nullInA + nullInB + types
    const { explained, unexplained } = this.#mismatches.finish()
    const share = (rows: number): number => (pairs === 0 ? 0 : rows / pairs)
    const causes: ParityCause[] = explained.map(({ hypothesis, rows }) => {
      const { code, sentence, numbers } = hypothesis
      return { code, rows, share: share(rows), sentence, numbers }
    })
    const counted = (code: ParityCause['code'], rows: number, sentence: string, numbers = {}): void => {
      if (rows > 0) causes.push({ code, rows, share: share(rows), sentence, numbers })
    }
    counted(...this.#nulls('A', nullInA, this.#fillingsB))
    counted(...this.#nulls('B', nullInB, this.#fillingsA))
    counted('type', types, 'the two have values of different types')
    causes.sort((x, y) => y.rows - x.rows)
    const late = causes.find(({ code }) => code === 'lag')
    return {
      pairs,
      matched,
      mismatched,
      nullInA,
      nullInB,
      types,
      rate: share(pairs - matched),
      lag:
        late === undefined
          ? null
          : {
              ms: late.numbers['lagMs'] * Math.sign(late.numbers['rowsBack']),
              rowsBack: late.numbers['rowsBack'],
              share: late.share,
            },
      causes,
      unexplained,
      examples: this.#examples.list(shown),
    }
  }

  /** Nulls of one side: filled in on the other, where that has one value for most of them. */
  #nulls(
    side: 'A' | 'B',
    rows: number,
    fillings: ReadonlyMap<V, number>,
  ): [ParityCause['code'], number, string, Record<string, number>?] {
    const other = side === 'A' ? 'B' : 'A'
    const [top] = [...fillings].sort(([, x], [, y]) => y - x)
    const filled = top !== undefined && rows >= 5 && top[1] >= MOSTLY * rows
    if (!filled) return ['null', rows, `${side} has no value where ${other} has one`]
    const numbers: Record<string, number> = { filled: top[1] }
    if (typeof top[0] === 'number') numbers['value'] = top[0]
    return [
      'imputation',
      rows,
      `${other} has ${this.said(top[0])} where ${side} has no value: nulls filled in`,
      numbers,
    ]
  }

  #example(rows: PairRows, i: number, a: V | null, b: V | null, oddA: string | null, oddB: string | null): void {
    const text = (value: V | null, odd: string | null): string | null => (value === null ? odd : this.said(value))
    this.#examples.offer(rows.rowB[i], (): Example => {
      const key = rows.keys?.[i] ?? null
      return { rowA: rows.rowA[i], rowB: rows.rowB[i], key, a: text(a, oddA), b: text(b, oddB) }
    })
  }
}

function count<V>(counts: Map<V, number>, value: V): void {
  if (counts.size < MOST_FILLINGS || counts.has(value)) counts.set(value, (counts.get(value) ?? 0) + 1)
}
