/**
 * Solves A·x = b by elimination with pivots. Entries are not finite where A is singular.
 * @param rows of A, each with its b at the end; they are overwritten
 */
export function solve(rows: number[][]): number[] {
  const size = rows.length
  for (let c = 0; c < size; c++) {
    let pivot = c
    for (let k = c + 1; k < size; k++) if (Math.abs(rows[k][c]) > Math.abs(rows[pivot][c])) pivot = k
    ;[rows[c], rows[pivot]] = [rows[pivot], rows[c]]
    for (let k = 0; k < size; k++) {
      if (k === c) continue
      const factor = rows[k][c] / rows[c][c]
      for (let m = c; m <= size; m++) rows[k][m] -= factor * rows[c][m]
    }
  }
  return rows.map((row, c) => row[size] / row[c])
}
