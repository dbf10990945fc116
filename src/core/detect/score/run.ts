/** Numbers of the past windows, oldest first, and their running sums, in memory that is used again and again. */
export class Run {
  size = 0
  values = new Float64Array(0)
  /** Of the values [0, i). */
  sums = new Float64Array(0)

  begin(size: number): this {
    this.size = size
    if (this.values.length < size) {
      this.values = new Float64Array(2 * size)
      this.sums = new Float64Array(2 * size + 1)
    }
    return this
  }

  /** In order, from 0 on. */
  put(i: number, value: number): void {
    this.values[i] = value
    this.sums[i + 1] = this.sums[i] + value
  }
}

export const allRows = new Run()
export const allCounts = new Run()
export const ofStatistic = new Run()
