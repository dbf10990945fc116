import { uniform } from './workload.js'

/** Columns of values as features have them; `make(n, seed)`. */
export const COLUMNS: Record<string, { readonly integers: boolean; make(n: number, seed: number): Float64Array }> = {
  normal: { integers: false, make: (n, seed) => fill(n, seed, gauss) },
  lognormal: { integers: false, make: (n, seed) => fill(n, seed, u => Math.exp(2 * gauss(u))) },
  'zero-inflated': { integers: false, make: (n, seed) => fill(n, seed, u => (u() < 0.6 ? 0 : Math.exp(gauss(u)))) },
  'integers 0–40': { integers: true, make: (n, seed) => fill(n, seed, u => Math.floor(40 * u() * u())) },
  'integers 0–5000': { integers: true, make: (n, seed) => fill(n, seed, u => Math.floor(5000 * u() ** 3)) },
  cents: { integers: false, make: (n, seed) => fill(n, seed, u => Math.round(2000 * Math.exp(gauss(u) / 2)) / 100) },
  'around 10⁶': { integers: false, make: (n, seed) => fill(n, seed, u => 1e6 + gauss(u)) },
}

export function fill(n: number, seed: number, draw: (u: () => number) => number): Float64Array {
  const u = uniform(seed)
  return Float64Array.from({ length: n }, () => draw(u))
}

/** Standard normal (Box & Muller). */
export function gauss(u: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u())
}
