import type { Binned } from './score-state.js'

export const MOST_BINS = 256

/**
 * Sums by bin, the bins as fine as `MOST_BINS` allow. Which bins come out depends on the keys alone, not on their order: two neighbours become
 * one where the keys of all that was added, or taken back, need more.
 */
export class BinTable {
  #shift = 0
  #rows = new Map<number, number>()
  #sums: number[] = []

  /** @param width sums of a bin */
  constructor(private readonly width: number) {}

  /** Adds to the bin of a key. */
  add(key: number, sums: readonly number[]): void {
    let at = this.#rows.get(key >> this.#shift)
    if (at === undefined) {
      at = this.#sums.length
      this.#rows.set(key >> this.#shift, at)
      for (let c = 0; c < this.width; c++) this.#sums.push(0)
    }
    for (let c = 0; c < this.width; c++) this.#sums[at + c] += sums[c]
    while (this.#rows.size > MOST_BINS) this.#coarsen(this.#shift + 1)
  }

  /** Adds bins of another table, `columns` in the order of the sums. */
  addBins({ shift, bins }: Pick<Binned, 'shift' | 'bins'>, columns: readonly Float64Array[]): void {
    if (shift > this.#shift) this.#coarsen(shift)
    for (let b = 0; b < bins.length; b++)
      this.add(
        bins[b] << shift,
        columns.map(column => column[b]),
      )
  }

  state(): { readonly shift: number; readonly bins: Int32Array; readonly columns: readonly Float64Array[] } {
    const bins = Int32Array.from(this.#rows.keys()).sort()
    const columns = Array.from({ length: this.width }, (_, c) =>
      Float64Array.from(bins, bin => this.#sums[this.#rows.get(bin)! + c]),
    )
    return { shift: this.#shift, bins, columns }
  }

  #coarsen(shift: number): void {
    const [rows, sums] = [this.#rows, this.#sums]
    const by = shift - this.#shift
    this.#shift = shift
    this.#rows = new Map()
    this.#sums = []
    for (const [bin, from] of rows) {
      let at = this.#rows.get(bin >> by)
      if (at === undefined) {
        at = this.#sums.length
        this.#rows.set(bin >> by, at)
        for (let c = 0; c < this.width; c++) this.#sums.push(0)
      }
      for (let c = 0; c < this.width; c++) this.#sums[at + c] += sums[from + c]
    }
  }
}
