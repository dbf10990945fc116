/** Standard normal quantile, relative error below 1.2e−9 (Acklam 2003), refined by one step of Halley's method. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p <= 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const x = acklam(p)
  const error = normalCdf(x) - p
  const step = error * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2)
  return x - step / (1 + (x * step) / 2)
}

const A = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
]
const B = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572]
const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
]
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416]

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)

function acklam(p: number): number {
  const tail = Math.min(p, 1 - p)
  if (tail < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(tail))
    const x = polynomial(C, q) / polynomial([...D, 1], q)
    return p < 0.5 ? x : -x
  }
  const q = p - 0.5
  const r = q * q
  return (polynomial(A, r) * q) / polynomial([...B, 1], r)
}

/** Standard normal distribution function, by the incomplete gamma function. */
export function normalCdf(x: number): number {
  const tail = regularizedGamma(0.5, (x * x) / 2)
  return x < 0 ? (1 - tail) / 2 : (1 + tail) / 2
}

/** P(a, x), the regularized lower incomplete gamma function: series below a + 1, continued fraction above (Numerical Recipes §6.2). */
export function regularizedGamma(a: number, x: number): number {
  if (x <= 0) return 0
  const front = Math.exp(-x + a * Math.log(x) - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let k = 1; k < 1000 && term > sum * 1e-15; k++) {
      term *= x / (a + k)
      sum += term
    }
    return sum * front
  }
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let h = d
  for (let k = 1; k < 1000; k++) {
    const numerator = -k * (k - a)
    b += 2
    d = 1 / (numerator * d + b || 1e-300)
    c = b + numerator / c || 1e-300
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return 1 - front * h
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
]

/** ln Γ(x), x > 0 (Lanczos, g = 7). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const t = x - 1 + 7.5
  const sum = LANCZOS.reduce((series, c, i) => series + c / (x + i), 0.9999999999998099)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/** χ² distribution function, ν > 0 degrees of freedom. */
export function chiSquareCdf(x: number, nu: number): number {
  return regularizedGamma(nu / 2, x / 2)
}

/** χ² quantile: Wilson–Hilferty, then bisection-guarded Newton steps; ν > 0, 0 < p < 1. */
export function chiSquareQuantile(p: number, nu: number): number {
  const start = nu * (1 - 2 / (9 * nu) + normalQuantile(p) * Math.sqrt(2 / (9 * nu))) ** 3
  let low = 0
  let high = Math.max(4 * start, nu + 40 * Math.sqrt(2 * nu) + 100)
  let x = start > 0 ? start : nu * 1e-3
  for (let k = 0; k < 100; k++) {
    const error = chiSquareCdf(x, nu) - p
    if (error > 0) high = x
    else low = x
    const density = Math.exp((nu / 2 - 1) * Math.log(x / 2) - x / 2 - logGamma(nu / 2)) / 2
    let next = x - error / density
    if (!(next > low && next < high)) next = (low + high) / 2
    if (Math.abs(next - x) <= 1e-12 * x) return next
    x = next
  }
  return x
}

/** Quantile of the non-central χ²(ν; λ) by Patnaik's two-moment approximation h·χ²(ν′), h = (ν+2λ)/(ν+λ), ν′ = (ν+λ)²/(ν+2λ). */
export function noncentralChiSquareQuantile(p: number, nu: number, lambda: number): number {
  const h = (nu + 2 * lambda) / (nu + lambda)
  return h * chiSquareQuantile(p, (nu + lambda) ** 2 / (nu + 2 * lambda))
}
