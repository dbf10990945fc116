import { type Segment, segmentKey } from '../baseline/baseline.js'

/** The declared values that rows have, numbered in the order they came, and the leaves that each belongs to: all, and one for each value. */
export class Segments {
  /** Combinations of values of rows. */
  readonly values: Segment[] = []
  readonly #leavesOf: (readonly number[])[] = []
  readonly #numbers = new Map<string, number>()
  readonly #leaves: Segment[] = []
  readonly #leafNumbers = new Map<string, number>()

  constructor() {
    this.leaf({})
  }

  add(values: Segment): number {
    const key = segmentKey(values)
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.values.push(values) - 1
      this.#numbers.set(key, number)
      const single = Object.keys(values)
        .sort()
        .map(name => this.leaf({ [name]: values[name] }))
      this.#leavesOf.push([0, ...single])
    }
    return number
  }

  /** Leaves that rows with these values count in. */
  leavesOf(number: number): readonly number[] {
    return this.#leavesOf[number]
  }

  /** All rows, or those of one value. */
  leafSegment(leaf: number): Segment {
    return this.#leaves[leaf]
  }

  leaf(segment: Segment): number {
    const key = segmentKey(segment)
    let leaf = this.#leafNumbers.get(key)
    if (leaf === undefined) {
      leaf = this.#leaves.push(segment) - 1
      this.#leafNumbers.set(key, leaf)
    }
    return leaf
  }
}
