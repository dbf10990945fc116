/** Rows side by side: entry row · width + slot. */
export interface Columns {
  readonly flags: Uint8Array
  readonly numbers: Float64Array
  readonly rows: number
  readonly width: number
}
