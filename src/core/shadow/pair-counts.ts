import type { Task } from '../monitor.js'
import { THRESHOLD } from '../performance/score-counts.js'
import { type Spread, SpreadCounts } from './spread.js'

/** How often two versions decided so about the same request. */
export interface DecisionCell {
  readonly champion: string
  readonly challenger: string
  readonly count: number
}

/** One output of two versions on the same requests: adds up. */
export interface PairState {
  /** Pairs in which one of the two has no usable score. */
  readonly unusable: number
  /** By the two decisions, in text order; none of a regression. */
  readonly decisions: readonly DecisionCell[]
  /** |challenger − champion| of the scores; of classes nothing. */
  readonly difference: Spread
  /** Σ (challenger − champion). */
  readonly signed: number
  /** Of the champion's scores a and the differences d: Σ|a|, Σa², Σ|a|·|d|. */
  readonly scale: readonly [sum: number, squares: number, products: number]
}

/** What the decisions of a binary task are called. */
export const [NEGATIVE, POSITIVE] = ['negative', 'positive']

/**
 * Counts pairs of one output, and takes them back. A score of a binary task is usable in [0, 1], any other number where it is finite, a class
 * where it has a name.
 */
export class PairCounts {
  readonly #decisions = new Map<string, Map<string, number>>()
  readonly #difference = new SpreadCounts()
  #unusable = 0
  #signed = 0
  readonly #scale: [number, number, number] = [0, 0, 0]

  /** @param classes texts of a multiclass task, which may grow meanwhile */
  constructor(
    private readonly task: Pick<Task, 'type' | 'threshold'>,
    private readonly classes: readonly string[] = [],
  ) {}

  /** @param champion and challenger what each made: score, number, or index into the classes; NaN: none */
  count(champion: number, challenger: number, sign: 1 | -1): void {
    if (!this.#isUsable(champion) || !this.#isUsable(challenger)) {
      this.#unusable += sign
      return
    }
    const { type } = this.task
    if (type !== 'regression') this.#decide(this.#decision(champion), this.#decision(challenger), sign)
    if (type === 'multiclass') return
    const difference = Math.abs(challenger - champion)
    this.#difference.count(difference, sign)
    this.#signed += sign * (challenger - champion)
    this.#scale[0] += sign * Math.abs(champion)
    this.#scale[1] += sign * champion * champion
    this.#scale[2] += sign * Math.abs(champion) * difference
  }

  add({ unusable, decisions, difference, signed, scale }: PairState): void {
    this.#unusable += unusable
    for (const { champion, challenger, count } of decisions) this.#decide(champion, challenger, count)
    this.#difference.add(difference)
    this.#signed += signed
    for (const i of [0, 1, 2] as const) this.#scale[i] += scale[i]
  }

  state(): PairState {
    const decisions = [...this.#decisions].flatMap(([champion, row]) =>
      [...row].flatMap(([challenger, count]) => (count === 0 ? [] : [{ champion, challenger, count }])),
    )
    return {
      unusable: this.#unusable,
      decisions: decisions.sort((a, b) => order(a.champion, b.champion) || order(a.challenger, b.challenger)),
      difference: this.#difference.state(),
      signed: this.#signed,
      scale: [...this.#scale],
    }
  }

  #isUsable(value: number): boolean {
    const { type } = this.task
    if (type === 'binary') return value >= 0 && value <= 1
    return type === 'regression' ? Number.isFinite(value) : this.classes[value] !== undefined
  }

  #decision(value: number): string {
    const { type, threshold } = this.task
    if (type === 'multiclass') return this.classes[value]
    return value >= (threshold ?? THRESHOLD) ? POSITIVE : NEGATIVE
  }

  #decide(champion: string, challenger: string, by: number): void {
    let row = this.#decisions.get(champion)
    if (row === undefined) this.#decisions.set(champion, (row = new Map()))
    row.set(challenger, (row.get(challenger) ?? 0) + by)
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
