import { EvenSample } from './even-sample.js'
import type { Hypothesis, Mismatch, Proposer } from './hypothesis.js'

/** Rows that nothing explains, kept to look for an explanation in. */
const KEPT = 4096
/** At most so many hypotheses of a feature: as many as a mask has bits. */
const MOST = 30
/** A hypothesis must explain this part of the rows that it is looked for in. */
const LEAST_SHARE = 0.02
const ROUNDS = 200

export interface Explained<V> {
  readonly hypothesis: Hypothesis<V>
  readonly rows: number
}

/**
 * What explains the rows of a feature that differ, in one pass and bounded memory. Rows are kept until there are enough to look for hypotheses
 * in; from then on each row only notes which of these it satisfies, and what nothing explains is kept for another look. Rows that
 * satisfy several are shared out at the end in the parts that are most likely (expectation maximisation over the sets, Dempster, Laird & Rubin
 * 1977): a value that is yesterday's, and a default at the same time, is mostly what the clear rows mostly are.
 */
export class Mismatches<V> {
  readonly #known: Hypothesis<V>[] = []
  readonly #same = new EvenSample<V>(KEPT)
  /** Rows by the set of hypotheses that they satisfy. */
  readonly #sets = new Map<number, number>()
  #kept: Mismatch<V>[] = []
  #unexplained = 0
  /** Unexplained rows to let pass before the next look: a fruitless one doubles the pause. */
  #pause = 0
  #passing = 0

  constructor(private readonly proposers: readonly Proposer<V>[]) {}

  /** A value that both sides have. */
  agreed(value: V): void {
    this.#same.add(value)
  }

  add(row: Mismatch<V>): void {
    if (this.#note(row)) return
    if (this.#passing > 0) {
      this.#passing--
      this.#unexplained++
      return
    }
    this.#kept.push(row)
    if (this.#kept.length === KEPT) this.#look()
  }

  /** Hypotheses by the rows they explain, most first, and the rows that none does. */
  finish(): { readonly explained: Explained<V>[]; readonly unexplained: number } {
    this.#look()
    const rows = apportion(this.#sets, this.#known.length)
    const explained = this.#known
      .map((hypothesis, h) => ({ hypothesis, rows: Math.round(rows[h]) }))
      .filter(({ rows }) => rows > 0)
      .sort((x, y) => y.rows - x.rows)
    return { explained, unexplained: this.#unexplained }
  }

  #look(): void {
    const before = this.#known.length
    let left = this.#kept
    while (this.#known.length < MOST) {
      const best = bestOf(this.proposers, left, this.#same.values, LEAST_SHARE * this.#kept.length)
      if (best === null) break
      this.#known.push(best)
      left = left.filter(row => !best.explains(row))
    }
    for (const row of this.#kept) if (!this.#note(row)) this.#unexplained++
    this.#kept = []
    this.#pause = this.#known.length > before ? 0 : Math.max(KEPT, 2 * this.#pause)
    this.#passing = this.#pause
  }

  #note(row: Mismatch<V>): boolean {
    let set = 0
    for (let h = 0; h < this.#known.length; h++) if (this.#known[h].explains(row)) set |= 1 << h
    if (set === 0) return false
    this.#sets.set(set, (this.#sets.get(set) ?? 0) + 1)
    return true
  }
}

function bestOf<V>(
  proposers: readonly Proposer<V>[],
  rows: readonly Mismatch<V>[],
  same: readonly V[],
  least: number,
): Hypothesis<V> | null {
  if (rows.length === 0) return null
  let best: { hypothesis: Hypothesis<V>; count: number } | null = null
  for (const hypothesis of proposers.flatMap(propose => propose(rows, same))) {
    const count = rows.filter(hypothesis.explains).length
    if (count > 0 && count >= least && count > (best?.count ?? 0)) best = { hypothesis, count }
  }
  return best?.hypothesis ?? null
}

/**
 * Rows of each hypothesis, where rows satisfy sets of them: π ← E[rows | π] until it stands still.
 * @param sets rows by bit set
 * @returns one number a hypothesis; they add up to the rows
 */
export function apportion(sets: ReadonlyMap<number, number>, size: number): Float64Array {
  let rows = new Float64Array(size)
  for (const [set, count] of sets) for (let h = 0; h < size; h++) if ((set >>> h) & 1) rows[h] += count
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(size)
    for (const [set, count] of sets) {
      let sum = 0
      for (let h = 0; h < size; h++) if ((set >>> h) & 1) sum += rows[h]
      for (let h = 0; h < size; h++) if ((set >>> h) & 1) next[h] += (count * rows[h]) / sum
    }
    rows = next
  }
  return rows
}
