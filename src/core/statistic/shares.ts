/**
 * Signed root of the likelihood ratio, sign(x/n − X/N)·√G², of a share x of n against a reference X of N, half a row (of one more) added to the
 * reference: G² = 2Σ O·ln(O/E) over the 2 × 2 table, 0·ln 0 = 0 (Sokal & Rohlf). Standard normal without a change, and better than the score
 * test where shares are near 0. 0 where n is 0.
 */
export function shareZ(x: number, n: number, X: number, N: number): number {
  if (n === 0) return 0
  const seen = X + 0.5
  const rows = N + 1
  const share = (x + seen) / (n + rows)
  const g2 =
    2 *
    (term(x, n * share) +
      term(n - x, n * (1 - share)) +
      term(seen, rows * share) +
      term(rows - seen, rows * (1 - share)))
  return Math.sign(x / n - seen / rows) * Math.sqrt(Math.max(0, g2))
}

const term = (observed: number, expected: number): number =>
  observed > 0 ? observed * Math.log(observed / expected) : 0
