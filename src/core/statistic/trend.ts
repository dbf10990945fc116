/**
 * Cochran–Armitage test (1954, 1955) of a trend of shares over ordered groups, their middle ranks as scores. Standard normal where all groups have
 * the same share; positive where it rises. 0 where all rows, or none, are counted.
 * @param x counted rows by group
 * @param n rows by group
 */
export function trendZ(x: ArrayLike<number>, n: ArrayLike<number>): number {
  let [rows, counted] = [0, 0]
  for (let g = 0; g < n.length; g++) {
    rows += n[g]
    counted += x[g]
  }
  const share = counted / rows
  let [below, together, sum, squares] = [0, 0, 0, 0]
  for (let g = 0; g < n.length; g++) {
    const rank = (below + n[g] / 2) / rows
    together += rank * (x[g] - n[g] * share)
    sum += n[g] * rank
    squares += n[g] * rank * rank
    below += n[g]
  }
  const variance = share * (1 - share) * (squares - (sum * sum) / rows)
  return variance > 0 ? together / Math.sqrt(variance) : 0
}
