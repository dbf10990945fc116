import { ascending, type Column, deviation, type Feature, mean, quantile } from './values.js'

/** What is known of a feature before a fault: of the last clean windows, so that a fault is sized by what is served then. */
export interface Profile {
  readonly feature: Feature
  readonly family: string
  /** All rows. */
  readonly rows: number
  readonly nulls: number
  /** Finite numbers, ascending. */
  readonly sorted: Float64Array
  readonly mean: number
  /** Robust, (q.84 − q.16)/2; the standard deviation where that is 0. */
  readonly sigma: number
  /** Share of the most frequent value. */
  readonly top: number
  readonly distinct: number
  readonly integers: number
  readonly zeros: number
  /** What 99 in 100 values are multiples of (cents, whole minutes in seconds); 0 where there is none down to 10⁻⁶. */
  readonly step: number
  /** Labels, most frequent first. */
  readonly labels: readonly { readonly label: string; readonly share: number }[]
}

export function profileOf(feature: Feature, family: string, values: Column): Profile {
  const shown = values.filter(value => value !== null && value !== undefined)
  const numbers = shown.filter(value => typeof value === 'number')
  const sorted = ascending(numbers)
  const counts = new Map<string | number, number>()
  for (const value of shown) counts.set(value, (counts.get(value) ?? 0) + 1)
  const most = Math.max(0, ...counts.values())
  const spread = sorted.length === 0 ? 0 : (quantile(sorted, 0.84) - quantile(sorted, 0.16)) / 2
  const labels = [...counts]
    .flatMap(([label, count]) => (typeof label === 'string' ? [{ label, share: count / shown.length }] : []))
    .sort((a, b) => b.share - a.share || (a.label < b.label ? -1 : 1))
  return {
    feature,
    family,
    rows: values.length,
    nulls: (values.length - shown.length) / Math.max(1, values.length),
    sorted,
    mean: mean(sorted),
    sigma: spread > 0 ? spread : sorted.length > 1 ? deviation(sorted) : 0,
    top: most / Math.max(1, shown.length),
    distinct: counts.size,
    integers: numbers.filter(Number.isInteger).length / Math.max(1, numbers.length),
    zeros: numbers.filter(x => x === 0).length / Math.max(1, numbers.length),
    step: stepOf(numbers),
    labels,
  }
}

/** Steps that scales have, in units of their last decimal, the widest first. */
const STEPS = [100, 60, 50, 25, 20, 15, 12, 10, 5, 2, 1]

function stepOf(numbers: readonly number[]): number {
  for (let decimals = 0; decimals <= 6; decimals++) {
    const scale = 10 ** decimals
    const fits = (by: number): boolean => {
      const off = numbers.filter(x => {
        const at = (x * scale) / by
        return Math.abs(at - Math.round(at)) > 1e-9 * Math.max(1, Math.abs(at))
      })
      return off.length <= 0.01 * numbers.length
    }
    const by = fits(1) && STEPS.find(fits)
    if (by) return by / scale
  }
  return 0
}

/** The next multiple of the step, without what binary fractions add. */
export function snap(x: number, step: number): number {
  if (step === 0) return x
  return step >= 1 ? Math.round(x / step) * step + 0 : Number((Math.round(x / step) * step).toFixed(6)) + 0
}

/** Largest distance between two distribution functions. */
export function kolmogorov(a: Float64Array, b: Float64Array): number {
  let [i, j, most] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i]!, b[j]!)
    while (i < a.length && a[i]! <= x) i++
    while (j < b.length && b[j]! <= x) j++
    most = Math.max(most, Math.abs(i / a.length - j / b.length))
  }
  return most
}

/** Mean distance of the quantiles, in the profile's σ. */
export function moved({ sorted, sigma }: Profile, change: (x: number) => number): number {
  const after = ascending(sorted.map(change))
  let sum = 0
  for (let i = 0; i < sorted.length; i++) sum += Math.abs(after[i]! - sorted[i]!)
  return sum / sorted.length / sigma
}
