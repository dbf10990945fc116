import { type Segment, segmentKey } from '../baseline/baseline.js'

/** Windows that the expected row count is the mean of. */
const EXPECT_FROM = 14

/** Rows of the newest windows by model version and segment. */
export class RowCounts {
  readonly #rows = new Map<string, readonly number[]>()

  add(version: string, segment: Segment, rows: number): void {
    const key = keyOf(version, segment)
    this.#rows.set(key, [...(this.#rows.get(key) ?? []), rows].slice(-EXPECT_FROM))
  }

  /** Mean of the newest windows; null before there are any. */
  expected(version: string, segment: Segment): number | null {
    const before = this.#rows.get(keyOf(version, segment)) ?? []
    return before.length === 0 ? null : Math.round(sum(before) / before.length)
  }

  /** A segment's share of all rows; null before there are any. */
  share(version: string, segment: Segment): number | null {
    const all = sum(this.#rows.get(keyOf(version, {})) ?? [])
    return all > 0 ? sum(this.#rows.get(keyOf(version, segment)) ?? []) / all : null
  }

  /** Of a model version that is known no more. */
  forget(version: string): void {
    for (const key of this.#rows.keys()) if (key.startsWith(`${version}|`)) this.#rows.delete(key)
  }

  state(): { readonly key: string; readonly rows: readonly number[] }[] {
    return [...this.#rows].map(([key, rows]) => ({ key, rows }))
  }

  restore(state: readonly { readonly key: string; readonly rows: readonly number[] }[]): void {
    for (const { key, rows } of state) this.#rows.set(key, rows)
  }
}

function keyOf(version: string, segment: Segment): string {
  return `${version}|${segmentKey(segment)}`
}

function sum(all: readonly number[]): number {
  return all.reduce((a, b) => a + b, 0)
}
