import type { FileColumn } from './column.js'

/** Lines of a file that could not be read as rows; they are left out, counted and told. */
export interface Unreadable {
  readonly count: number
  /** False: at least so many. */
  readonly exact: boolean
  readonly line: number
  readonly text: string
  readonly reason: string
}

/** What a format's reader makes of its files: something to select from, and the columns it has. */
export interface Relation {
  /** SQL for a FROM clause. */
  readonly from: string
  /** SQL condition that holds for the rows to be read. */
  readonly where: string
  readonly columns: readonly FileColumn[]
  readonly unreadable: Unreadable | null
  /** Where it is known without counting. */
  readonly rowCount: number | null
}
