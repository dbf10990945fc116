/** How far two values of one feature may differ and still be the same; both at least 0. */
export interface Tolerance {
  /** In the feature's unit. */
  readonly abs: number
  /** In parts of the second value. */
  readonly rel: number
}

/** What float32 and another order of additions do to a number. */
export const USUAL_TOLERANCE: Tolerance = { abs: 0, rel: 1e-6 }

/**
 * Whether two numbers are the same: |a − b| ≤ max(abs, rel·|b|). Equal infinities are, NaN and NaN too. Symmetric in a and b where only
 * `abs` counts.
 */
export function agree(a: number, b: number, { abs, rel }: Tolerance): boolean {
  if (a === b) return true
  const apart = Math.abs(a - b)
  if (apart < Number.POSITIVE_INFINITY) return apart <= Math.max(abs, rel * Math.abs(b))
  return Number.isNaN(a) && Number.isNaN(b)
}
