import type { Segmentation } from '../plan.js'
import type { Layout, Row } from '../row.js'
import { joinPartition } from './key.js'
import { SideColumns, type SideHead, type SideValues } from './side-columns.js'
import type { SideRows } from './side-rows.js'

/** Rows of one side from one source partition that wait to be sent, by the partition of driftline.joins that their keys belong to. */
export class OutgoingRows {
  /** By joins partition; the last of each takes rows. */
  readonly #columns: SideColumns[][]
  #waiting = 0

  /** @param partitions of driftline.joins */
  constructor(
    private readonly head: SideHead,
    private readonly layout: Layout,
    private readonly values: SideValues,
    partitions: number,
  ) {
    this.#columns = Array.from({ length: partitions }, () => [])
  }

  /** Rows that have not been taken. */
  get waiting(): number {
    return this.#waiting
  }

  /** @param version and segmentation see `SideColumns.add` */
  add(row: Row, offset: number, version: number, segmentation: Segmentation | null): void {
    const columns = this.#columns[joinPartition(row.key, this.#columns.length)]
    let last = columns.at(-1)
    if (last === undefined || last.isFull) {
      last = new SideColumns(this.head, this.layout, this.values)
      columns.push(last)
    }
    last.add(row, offset, version, segmentation)
    this.#waiting++
  }

  /** Takes all that wait, those of one partition in the order of their offsets. */
  take(): { readonly partition: number; readonly rows: SideRows }[] {
    const taken = this.#columns.flatMap((columns, partition) => columns.map(one => ({ partition, rows: one.rows() })))
    for (const columns of this.#columns) columns.length = 0
    this.#waiting = 0
    return taken
  }
}
