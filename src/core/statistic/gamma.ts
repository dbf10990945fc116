const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
]

/** ln Γ(x), x > 0 (Lanczos, g = 7); relative error about 1e−15. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const t = x - 1 + 7.5
  const sum = LANCZOS.reduce((series, c, i) => series + c / (x + i), 0.9999999999998099)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/**
 * Regularized incomplete gamma functions, P from below and Q = 1 − P from above, each without cancellation: series below a + 1, Lentz's
 * continued fraction above (Numerical Recipes §6.2).
 */
export function incompleteGamma(a: number, x: number): { p: number; q: number } {
  if (!(x > 0)) return { p: 0, q: 1 }
  const front = Math.exp(-x + a * Math.log(x) - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let k = 1; k < 10_000 && term > sum * 1e-16; k++) {
      term *= x / (a + k)
      sum += term
    }
    return { p: sum * front, q: 1 - sum * front }
  }
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let h = d
  for (let k = 1; k < 10_000; k++) {
    const numerator = -k * (k - a)
    b += 2
    d = 1 / (numerator * d + b || 1e-300)
    c = b + numerator / c || 1e-300
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return { p: 1 - front * h, q: front * h }
}

/** Regularized incomplete beta function I_x(a, b), by Lentz's continued fraction (Numerical Recipes §6.4). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || 1e-300)
  let h = d
  for (let k = 1; k < 10_000; k++) {
    const even = (k * (b - k) * x) / ((a + 2 * k - 1) * (a + 2 * k))
    d = 1 / (1 + even * d || 1e-300)
    c = 1 + even / c || 1e-300
    h *= d * c
    const odd = (-(a + k) * (a + b + k) * x) / ((a + 2 * k) * (a + 2 * k + 1))
    d = 1 / (1 + odd * d || 1e-300)
    c = 1 + odd / c || 1e-300
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return h
}
