/** Autocorrelation that a series may reach by chance, in standard errors, and the highest that is believed. */
const CHANCE = 2
const HIGHEST = 0.8

/**
 * How much wider than independent values a series swings: M = √((1 + ρ)/(1 − ρ)), ρ = the lag-1 autocorrelation in time order less 2/√R,
 * within [0, .8]. 1 for independent or alternating values, at most 3.
 */
export function memory(series: readonly number[]): number {
  const mean = series.reduce((sum, x) => sum + x, 0) / series.length
  let together = 0
  let square = 0
  for (const [i, x] of series.entries()) {
    square += (x - mean) ** 2
    if (i > 0) together += (x - mean) * (series[i - 1] - mean)
  }
  if (!(square > 0)) return 1
  const rho = Math.min(HIGHEST, Math.max(0, together / square - CHANCE / Math.sqrt(series.length)))
  return Math.sqrt((1 + rho) / (1 - rho))
}
