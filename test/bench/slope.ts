/** A least-squares line, and how sure its slope is. */
export interface Slope {
  /** Per unit of x. */
  readonly slope: number
  /** Half of the 95 % interval. */
  readonly margin: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

/**
 * The slope of y over x with its 95 % interval, from the means of blocks: neighbouring samples of a process's memory are no independent
 * ones. Student's t with blocks − 2 degrees of freedom, taken as 2 + 6 / (blocks − 2). NaN where there are fewer than 3 blocks.
 */
export function slopeOf(points: readonly Point[], blocks = 12): Slope {
  const size = Math.max(1, Math.ceil(points.length / blocks))
  const means: Point[] = []
  for (let from = 0; from + size <= points.length; from += size) {
    const some = points.slice(from, from + size)
    means.push({ x: mean(some.map(({ x }) => x)), y: mean(some.map(({ y }) => y)) })
  }
  const n = means.length
  if (n < 3) return { slope: Number.NaN, margin: Number.NaN }
  const atX = mean(means.map(({ x }) => x))
  const atY = mean(means.map(({ y }) => y))
  const sxx = means.reduce((sum, { x }) => sum + (x - atX) ** 2, 0)
  const slope = means.reduce((sum, { x, y }) => sum + (x - atX) * (y - atY), 0) / sxx
  const rest = means.reduce((sum, { x, y }) => sum + (y - atY - slope * (x - atX)) ** 2, 0)
  const t = 2 + 6 / (n - 2)
  return { slope, margin: t * Math.sqrt(rest / (n - 2) / sxx) }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length
}
