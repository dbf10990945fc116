import type { Segment } from '../baseline/baseline.js'
import { TEXT } from '../row.js'
import type { PairNames } from './pair-accumulator.js'
import type { PairRow } from './pair-entry.js'
import { type PairValue, pairValue } from './pair-value.js'
import { Segments } from './segments.js'
import type { SideRows } from './side-rows.js'

/** Rows of messages by the joiner's own numbers of columns, versions and segments, which hold for good. */
export class PairReader implements PairNames {
  readonly columns: string[] = []
  readonly versions: string[] = []
  readonly #segments = new Segments()

  get segments(): readonly Segment[] {
    return this.#segments.values
  }

  /** The i-th row of a message. */
  of(rows: SideRows): (i: number) => PairRow {
    const { values, texts, pair, versionOf, segmentOf } = rows
    const { columns, flags, entities } = pair!
    const own = columns.map(name => indexIn(this.columns, name))
    const size = Math.max(-1, ...own) + 1
    const versions = rows.versions.map(text => indexIn(this.versions, text))
    const segments = rows.segments.map(segment => this.#segments.add(segment))
    return i => {
      const found: PairValue[] = new Array(size).fill(undefined)
      for (const [c, column] of own.entries()) {
        const flag = flags[c][i]
        const value = values[c][i]
        found[column] = pairValue(flag, flag === TEXT ? texts[value] : value)
      }
      return {
        ...{ time: rows.times[i], partition: rows.partition, offset: rows.offsets[i], entity: entities[i] },
        version: versionOf.length === 0 ? -1 : versions[versionOf[i]],
        segment: segmentOf.length === 0 ? -1 : segments[segmentOf[i]],
        ...{ values: found, copies: 1 },
      }
    }
  }

  /** Into a reader that has read nothing yet. */
  restore({ columns, versions, segments }: PairNames): void {
    this.columns.push(...columns)
    this.versions.push(...versions)
    for (const segment of segments) this.#segments.add(segment)
  }
}

function indexIn(texts: string[], text: string): number {
  const known = texts.indexOf(text)
  return known >= 0 ? known : texts.push(text) - 1
}
