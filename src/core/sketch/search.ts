/** First index in [from, to) whose value is ≥ x. */
export function lowerBound(sorted: Float64Array, from: number, to: number, x: number): number {
  let low = from
  let length = to - from
  while (length > 0) {
    const half = length >> 1
    if (sorted[low + half] < x) {
      low += half + 1
      length -= half + 1
    } else length = half
  }
  return low
}

/** First index in [from, to) whose value is > x. */
export function upperBound(sorted: Float64Array, from: number, to: number, x: number): number {
  let low = from
  let length = to - from
  while (length > 0) {
    const half = length >> 1
    if (sorted[low + half] <= x) {
      low += half + 1
      length -= half + 1
    } else length = half
  }
  return low
}

/** Index of x, or −1. */
export function indexOf(sorted: Float64Array, x: number): number {
  const at = lowerBound(sorted, 0, sorted.length, x)
  return at < sorted.length && sorted[at] === x ? at : -1
}
