import { normalQuantile } from './distributions.js'

/** Standard errors on each side of a 95 % interval. */
export const Z = 1.959964

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

/** 95 % interval of a value that is nearly normal, within [least, most]. */
export function normalInterval(
  value: number,
  variance: number,
  least = Number.NEGATIVE_INFINITY,
  most = Number.POSITIVE_INFINITY,
): Interval {
  const half = Z * Math.sqrt(Math.max(0, variance))
  return { low: Math.max(least, value - half), high: Math.min(most, value + half) }
}

interface Estimated extends Interval {
  readonly value: number
}

/**
 * Interval of the difference a − b of independent estimates from their own intervals (MOVER; Zou & Donner 2008): keeps what is skewed about
 * each, as near the ends of a share.
 */
export function differenceInterval(a: Estimated, b: Estimated): Estimated {
  const value = a.value - b.value
  return {
    value,
    low: value - Math.hypot(a.value - a.low, b.high - b.value),
    high: value + Math.hypot(a.high - a.value, b.value - b.low),
  }
}
