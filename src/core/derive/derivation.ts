import type { Row } from '../row.js'

/** Fills slots of a row that no reader fills, from those that it has filled. Part of a pane's plan, run once a row that counts. */
export interface Derivation {
  fill(row: Row): void
}
