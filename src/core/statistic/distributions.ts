import { incompleteBeta, incompleteGamma, logGamma } from './gamma.js'

/** Standard normal distribution function; both tails keep their relative precision. */
export function normalCdf(x: number): number {
  const { p, q } = incompleteGamma(0.5, (x * x) / 2)
  return x < 0 ? q / 2 : (1 + p) / 2
}

/** Standard normal quantile, 0 < p < 1: the bracketed inverse of `normalCdf`. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p <= 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return p > 0.5 ? normalUpper(1 - p) : -normalUpper(p)
}

/** x with P(Z > x) = q, 0 < q ≤ ½. */
function normalUpper(q: number): number {
  const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
  return solve(x => normalCdf(-x), density, q, 0, 40, Math.sqrt(-2 * Math.log(2 * q)))
}

/** χ² distribution function, ν > 0 degrees of freedom. */
export function chiSquareCdf(x: number, nu: number): number {
  return incompleteGamma(nu / 2, x / 2).p
}

/** P(χ² > x): the p-value of a test. */
export function chiSquareUpper(x: number, nu: number): number {
  return incompleteGamma(nu / 2, x / 2).q
}

/** χ² quantile, ν > 0, 0 < p < 1; starts from Wilson & Hilferty 1931. */
export function chiSquareQuantile(p: number, nu: number): number {
  const start = nu * (1 - 2 / (9 * nu) + normalQuantile(p) * Math.sqrt(2 / (9 * nu))) ** 3
  const density = (x: number): number => Math.exp((nu / 2 - 1) * Math.log(x / 2) - x / 2 - logGamma(nu / 2)) / 2
  const highest = 2 * (nu + 40 * Math.sqrt(2 * nu) + 800)
  return solve(x => chiSquareUpper(x, nu), density, 1 - p, 0, highest, start > 0 ? start : nu * 1e-3)
}

/** Quantile of the non-central χ²(ν; λ) by Patnaik's two moments (1949): h·χ²(ν′), h = (ν+2λ)/(ν+λ), ν′ = (ν+λ)²/(ν+2λ). */
export function noncentralChiSquareQuantile(p: number, nu: number, lambda: number): number {
  const h = (nu + 2 * lambda) / (nu + lambda)
  return h * chiSquareQuantile(p, (nu + lambda) ** 2 / (nu + 2 * lambda))
}

/** P(T > t) of Student's t with ν ≥ 1 degrees of freedom. */
export function studentUpper(t: number, nu: number): number {
  const half = incompleteBeta(nu / (nu + t * t), nu / 2, 0.5) / 2
  return t < 0 ? 1 - half : half
}

/** t with P(T > t) = q: taken from the upper tail, where thresholds lie and 1 − q would lose them. ν ≥ 1, 0 < q < 1. */
export function studentUpperQuantile(q: number, nu: number): number {
  if (q === 0.5) return 0
  if (q > 0.5) return -studentUpperQuantile(1 - q, nu)
  // On a log scale: the tails of few degrees of freedom reach far.
  const front = Math.exp(logGamma((nu + 1) / 2) - logGamma(nu / 2)) / Math.sqrt(nu * Math.PI)
  const density = (s: number): number => front * (1 + Math.exp(2 * s) / nu) ** (-(nu + 1) / 2) * Math.exp(s)
  return Math.exp(solve(s => studentUpper(Math.exp(s), nu), density, q, -40, 700, 0.5))
}

/** Student quantile t_ν⁻¹(p), ν ≥ 1, 0 < p < 1. */
export function studentQuantile(p: number, nu: number): number {
  return p < 0.5 ? -studentUpperQuantile(p, nu) : studentUpperQuantile(1 - p, nu)
}

/** x in [low, high] where the falling `upper` is q: Newton steps, bisection where these would leave the bracket. */
function solve(
  upper: (x: number) => number,
  density: (x: number) => number,
  q: number,
  low: number,
  high: number,
  start: number,
): number {
  let x = start
  for (let k = 0; k < 200; k++) {
    const tail = upper(x)
    if (tail === q) return x
    if (tail > q) low = x
    else high = x
    // Newton on ln(upper): the tails are near to straight there.
    const step = (tail / density(x)) * Math.log(tail / q)
    let next = x + step
    if (!(next > low && next < high)) next = (low + high) / 2
    if (Math.abs(next - x) <= 1e-14 * Math.abs(x) || next === low || next === high) return next
    x = next
  }
  return x
}
