import { mixed } from '../baseline/row-sample.js'
import { masked } from './words.js'

/** One row that differs: where it is in both files, and what they have. Null: no value. */
export interface Example {
  /** Data rows, from 1. */
  readonly rowA: number
  readonly rowB: number
  readonly key: string | null
  readonly a: string | null
  readonly b: string | null
}

/** Some of the rows that differ, the same in any order of the rows: those whose place in B has the smallest hashes. */
export class Examples {
  #kept: { readonly hash: number; readonly example: Example }[] = []

  constructor(private readonly most: number) {}

  offer(rowB: number, example: () => Example): void {
    const hash = mixed(rowB)
    const kept = this.#kept
    if (this.most === 0 || (kept.length === this.most && hash >= kept[kept.length - 1].hash)) return
    kept.push({ hash, example: example() })
    kept.sort((x, y) => x.hash - y.hash)
    kept.length = Math.min(kept.length, this.most)
  }

  /** @param shown false: values are masked and keys left out; the row numbers lead to them */
  list(shown: boolean): Example[] {
    const mask = (text: string | null): string | null => (text === null ? null : masked(text))
    return this.#kept.map(({ example }) =>
      shown ? example : { ...example, key: null, a: mask(example.a), b: mask(example.b) },
    )
  }
}
