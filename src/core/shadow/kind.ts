import { segmentKey } from '../baseline/baseline.js'
import type { Pair, PairAccumulator, PairKind, PairNames } from '../join/pair-accumulator.js'
import type { PairRow } from '../join/pair-entry.js'
import { LATENCY } from '../join/slots.js'
import { type Monitor, outputSlot, type Shadow, type Task } from '../monitor.js'
import { type Arm, CHALLENGER, CHAMPION, type Made, ShadowCounts, type ShadowLeaf } from './shadow-counts.js'

/** Two model versions, by request where both score it; null where the monitor declares none. */
export function shadowKind({ shadow, task }: Pick<Monitor, 'shadow' | 'task'>): PairKind<readonly ShadowLeaf[]> | null {
  if (shadow === undefined || task === undefined) return null
  const { champion: served, challenger: other, mode, withinMs: horizonMs } = shadow
  return {
    ...{ join: 'shadow', horizonMs, versions: { served, other }, unpaired: mode === 'canary' },
    open: names => new ShadowAccumulator(task, mode, names),
  }
}

/** Counts rows and pairs of two versions by segment: all, and each value of a dimension; a pair is of the champion's segments. */
class ShadowAccumulator implements PairAccumulator<readonly ShadowLeaf[]> {
  readonly #leaves = new Map<string, { readonly segment: ShadowLeaf['segment']; readonly counts: ShadowCounts }>()
  readonly #classes: string[] = []

  constructor(
    private readonly task: Task,
    private readonly mode: Shadow['mode'],
    private readonly names: PairNames,
  ) {}

  served(row: PairRow, sign: 1 | -1): void {
    this.#made(CHAMPION, row, sign)
  }

  other(row: PairRow, sign: 1 | -1): void {
    this.#made(CHALLENGER, row, sign)
  }

  paired({ served, other }: Pair, sign: 1 | -1): void {
    const [champion, challenger] = [this.#read(served), this.#read(other)]
    for (const counts of this.#leavesOf(served)) counts.paired(champion, challenger, sign)
  }

  state(): readonly ShadowLeaf[] {
    return [...this.#leaves]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { segment, counts }]) => ({ segment, counts: counts.state() }))
  }

  add(leaves: readonly ShadowLeaf[]): void {
    for (const { segment, counts } of leaves) this.#leaf(segment).add(counts)
  }

  #made(arm: Arm, row: PairRow, sign: 1 | -1): void {
    const made = this.#read(row)
    for (const counts of this.#leavesOf(row)) counts.made(arm, made, sign)
  }

  #leavesOf({ segment }: PairRow): ShadowCounts[] {
    const values = this.names.segments[segment] ?? {}
    return [{}, ...Object.entries(values).map(([name, value]) => ({ [name]: value }))].map(one => this.#leaf(one))
  }

  #leaf(segment: ShadowLeaf['segment']): ShadowCounts {
    const key = segmentKey(segment)
    let leaf = this.#leaves.get(key)
    if (leaf === undefined) {
      leaf = { segment, counts: new ShadowCounts(this.task, this.mode, this.#classes) }
      this.#leaves.set(key, leaf)
    }
    return leaf.counts
  }

  #read(row: PairRow): Made {
    return {
      values: this.task.outputs.map(({ name }) => this.#value(row, outputSlot(name))),
      latency: this.#value(row, LATENCY),
    }
  }

  /** A number, or the index of a class; NaN: none. */
  #value({ values }: PairRow, column: string): number {
    const value = values[this.names.columns.indexOf(column)]
    if (typeof value === 'number') return value
    if (typeof value !== 'string') return Number.NaN
    const known = this.#classes.indexOf(value)
    return known >= 0 ? known : this.#classes.push(value) - 1
  }
}
