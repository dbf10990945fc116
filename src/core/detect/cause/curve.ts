import type { Profile } from '../profile.js'
import { LEVELS, type Shape } from '../shape.js'

/** Quantiles of a numeric reference at `LEVELS`. */
export interface Curve {
  readonly quantiles: Float64Array
  /** Standard error of the window's quantiles, in the feature's unit. */
  readonly noise: Float64Array
  /** By how much shares of the windows scatter beyond counting, as a factor of the standard error, at least 1. */
  readonly inflation: number
  /** Mean of the logarithms of |x|, x ≠ 0, at `LEVELS`; empty where a window has no such value. */
  readonly magnitudes: Float64Array
  /** Standard error of the window's. */
  readonly magnitudeNoise: Float64Array
}

/** Windows from which on their scatter is believed instead of theory. */
const ENOUGH_WINDOWS = 8
/** No quantile is known better than this, in σ: ties make the scatter 0. */
const LEAST_NOISE = 0.02
/** A σ outside of 10^±100 cannot be reckoned with. */
const SMALLEST = 1e-100

/** @param n rows of the window that is compared with it */
export function curveOf(sigma: number, n: number, windows: readonly Profile[]): Curve | null {
  const shaped = windows.filter((profile): profile is Profile & { shape: Shape } => profile.shape !== null)
  if (shaped.length === 0 || n === 0 || !(sigma > SMALLEST && sigma < 1 / SMALLEST)) return null
  const size = shaped.reduce((sum, { count }) => sum + count, 0) / shaped.length
  const rate = Math.sqrt((size / n) * (1 + 1 / shaped.length))
  const { mean: quantiles, deviation } = scatter(shaped.map(({ shape }) => shape.quantiles))
  const theory = countingNoise(quantiles, n, shaped.length * size)
  const measured = shaped.length >= ENOUGH_WINDOWS
  const noise = theory.map((t, l) => Math.max(LEAST_NOISE * sigma, measured ? Math.max(t / 2, deviation[l] * rate) : t))
  const sizes = shaped.map(({ shape }) => shape.magnitudes).filter(magnitudes => magnitudes.length > 0)
  const logs = scatter(sizes.length === shaped.length ? sizes.map(m => m.map(Math.log)) : [])
  const logTheory = countingNoise(logs.mean, n, shaped.length * size)
  return {
    quantiles,
    noise,
    inflation: measured ? Math.sqrt(overdispersion(windows)) : 1,
    magnitudes: logs.mean,
    magnitudeNoise: logTheory.map((t, l) => Math.max(0.002, measured ? Math.max(t / 2, logs.deviation[l] * rate) : t)),
  }
}

/** χ² of the windows' cells against their sum, over its degrees of freedom; at least 1. Cells of less than five rows a window are left out. */
function overdispersion(windows: readonly Profile[]): number {
  const [{ cells: first }] = windows
  const sums = first.map((_, c) => windows.reduce((sum, { cells }) => sum + cells[c], 0))
  const total = windows.reduce((sum, { count }) => sum + count, 0)
  let square = 0
  let kept = 0
  for (const [c, sum] of sums.entries()) {
    if (sum < 5 * windows.length) continue
    kept++
    for (const { cells, count } of windows) {
      const expected = (sum / total) * count
      square += (cells[c] - expected) ** 2 / expected
    }
  }
  return Math.max(1, square / Math.max(1, (kept - 1) * (windows.length - 1)))
}

function scatter(rows: readonly Float64Array[]): { mean: Float64Array; deviation: Float64Array } {
  if (rows.length === 0) return { mean: new Float64Array(0), deviation: new Float64Array(0) }
  const mean = rows[0].map((_, l) => rows.reduce((sum, row) => sum + row[l], 0) / rows.length)
  const deviation = mean.map((m, l) =>
    Math.sqrt(rows.reduce((sum, row) => sum + (row[l] - m) ** 2, 0) / Math.max(1, rows.length - 1)),
  )
  return { mean, deviation }
}

/** √(p(1−p)(1/n + 1/m)) over the density, which is read off the neighbouring quantiles. */
export function countingNoise(quantiles: Float64Array, n: number, m: number): Float64Array {
  const last = quantiles.length - 1
  return quantiles.map((_, l) => {
    const low = Math.max(0, l - 1)
    const high = Math.min(last, l + 1)
    const slope = (quantiles[high] - quantiles[low]) / (LEVELS[high] - LEVELS[low])
    return slope * Math.sqrt(LEVELS[l] * (1 - LEVELS[l]) * (1 / n + 1 / m))
  })
}

export function median(values: Iterable<number>): number {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length === 0) return Number.NaN
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
