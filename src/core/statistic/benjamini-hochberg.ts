/**
 * Adjusted p-values by Benjamini & Hochberg 1995: q₍ᵢ₎ = min over j ≥ i of p₍ⱼ₎·m/j, at most 1. Those with q ≤ α have a false discovery rate
 * of at most α.
 * @param p in any order, 0 to 1
 * @returns q in the order of p
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[b] - p[a])
  const adjusted = new Array<number>(p.length)
  let least = 1
  for (const [descending, i] of order.entries()) {
    least = Math.min(least, p[i] * (p.length / (p.length - descending)))
    adjusted[i] = least
  }
  return adjusted
}
