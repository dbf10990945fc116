import { normalQuantile } from './distributions.js'

export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * Wilson score interval (1927) of a share, x of n: within [0, 1], good from n = 1 on, also at x = 0 and x = n. Without rows it is [0, 1].
 */
export function wilson(x: number, n: number, confidence = 0.95): Interval {
  if (n === 0) return { low: 0, high: 1 }
  const z = normalQuantile(0.5 + confidence / 2)
  const share = x / n
  const spread = (z * z) / n
  const middle = (share + spread / 2) / (1 + spread)
  const half = (z / (1 + spread)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))
  return { low: x === 0 ? 0 : Math.max(0, middle - half), high: x === n ? 1 : Math.min(1, middle + half) }
}
