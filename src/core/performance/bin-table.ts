import type { Binned } from './score-state.js'

export const MOST_BINS = 256

/**
 * Sums by bin, the bins as fine as `MOST_BINS` allow. Which bins come out depends on the keys alone, not on their order: two neighbours become
 * one where the keys of all that was added, or taken back, need more.
 */
export class BinTable {
  /** Sums of each bin, side by side: those of a key begin `at` it. */
  sums: number[] = []
  #shift = 0
  #rows = new Map<number, number>()

  /** @param width sums of a bin */
  constructor(private readonly width: number) {}

  /** Where the sums of a key's bin begin, until the next key is asked for: bins may be put together then. */
  at(key: number): number {
    const known = this.#rows.get(key >> this.#shift)
    if (known !== undefined) return known
    this.#newBin(key >> this.#shift)
    while (this.#rows.size > MOST_BINS) this.#coarsen(this.#shift + 1)
    return this.#rows.get(key >> this.#shift)!
  }

  /** Adds bins of another table, `columns` in the order of the sums. */
  addBins({ shift, bins }: Pick<Binned, 'shift' | 'bins'>, columns: readonly Float64Array[]): void {
    if (shift > this.#shift) this.#coarsen(shift)
    for (let b = 0; b < bins.length; b++) {
      const at = this.at(bins[b] << shift)
      for (let c = 0; c < this.width; c++) this.sums[at + c] += columns[c][b]
    }
  }

  state(): { readonly shift: number; readonly bins: Int32Array; readonly columns: readonly Float64Array[] } {
    const bins = Int32Array.from(this.#rows.keys()).sort()
    const columns = Array.from({ length: this.width }, (_, c) =>
      Float64Array.from(bins, bin => this.sums[this.#rows.get(bin)! + c]),
    )
    return { shift: this.#shift, bins, columns }
  }

  #newBin(bin: number): number {
    const at = this.sums.length
    this.#rows.set(bin, at)
    for (let c = 0; c < this.width; c++) this.sums.push(0)
    return at
  }

  #coarsen(shift: number): void {
    const [rows, sums, by] = [this.#rows, this.sums, shift - this.#shift]
    this.#shift = shift
    this.#rows = new Map()
    this.sums = []
    for (const [bin, from] of rows) {
      const at = this.#rows.get(bin >> by) ?? this.#newBin(bin >> by)
      for (let c = 0; c < this.width; c++) this.sums[at + c] += sums[from + c]
    }
  }
}
