/** Longer texts are compared by their beginnings. */
const LONGEST = 100

/** Letters to insert, leave out, replace, or swap with the next (optimal string alignment) to make one text of the other. */
export function editDistance(a: string, b: string): number {
  const [x, y] = [[...a].slice(0, LONGEST), [...b].slice(0, LONGEST)]
  let before: number[] = []
  let last = y.map((_, j) => j).concat(y.length)
  for (let i = 1; i <= x.length; i++) {
    const row = [i]
    for (let j = 1; j <= y.length; j++) {
      const same = x[i - 1] === y[j - 1] ? 0 : 1
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + same)
      if (i > 1 && j > 1 && x[i - 1] === y[j - 2] && x[i - 2] === y[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1)
    }
    before = last
    last = row
  }
  return last[y.length]
}
