import type { FeatureBaseline } from '../../baseline/baseline.js'
import type { Profile } from '../profile.js'
import type { Score } from '../score.js'
import { before, centred, noErrors, reference, still } from './errors.js'
import { LEAST } from './least.js'
import { ofStatistic, type Run } from './run.js'
import { isStill, shareChange, shareScore } from './share.js'

/** A label is judged on its own from this share on, in the reference or now. */
const LABEL_SHARE = 0.02

/**
 * Cells summed over the windows [0, i), one after the other; then room for one more. Loops take it by a name of their own: what a module may change
 * is looked up for every number.
 */
let cellSums = new Float64Array(0)

const cellsIn = ({ places }: Profile): number => places.topValues - places.cells

export function sumCells(now: Profile, past: readonly Profile[]): void {
  const B = cellsIn(now)
  const R = past.length
  if (cellSums.length < (R + 2) * B) cellSums = new Float64Array(2 * (R + 2) * B)
  const sums = cellSums
  sums.fill(0, 0, B)
  for (let i = 0; i < R; i++) {
    const { numbers, at, places } = past[i]
    const own = at + places.cells
    const until = i * B
    for (let c = 0; c < B; c++) sums[until + B + c] = sums[until + c] + numbers[own + c]
  }
}

/** Of the cells in `cellSums`. */
export function labelScores({ values }: FeatureBaseline, now: Profile, past: readonly Profile[], counts: Run): Score[] {
  const R = past.length
  const scores: Score[] = []
  const { count } = now
  const B = cellsIn(now)
  const to = reference(R)
  for (let l = 0; l < B - 2; l++) {
    const usual = cellSums[R * B + l] / counts.sums[R]
    if (!(usual > LABEL_SHARE || now.cell(l) / count > LABEL_SHARE)) continue
    const change = shareChange(`=${values[l]}`, now.cell(l), count, cellSums[to * B + l], counts)
    if (isStill(change)) scores.push(change)
    else {
      const xs = ofStatistic.begin(R)
      for (let i = 0; i < R; i++) xs.put(i, past[i].cell(l))
      scores.push(shareScore(change, count, xs, counts))
    }
  }
  return scores
}

/** PSI, and √(2y) − √(2B − 3) of y = PSI/c, which is nearly normal (Fisher). */
const compared = { psi: 0, error: 0 }

/** Compares a profile's B cells with p[from, from + B), half a row in every cell that either side has; what it finds is in `compared`. */
function comparePsi({ numbers: q, at, places, count: n }: Profile, p: Float64Array, from: number, m: number): void {
  const own = at + places.cells
  const B = places.topValues - places.cells
  const N = n + 0.5 * B
  const M = m + 0.5 * B
  let sum = 0
  let cells = 0
  for (let c = 0; c < B; c++) {
    if (q[own + c] === 0 && p[from + c] === 0) continue
    cells++
    const a = (q[own + c] + 0.5) / N
    const b = (p[from + c] + 0.5) / M
    sum += (a - b) * logRatio(a, b)
  }
  compared.psi = cells < 2 ? 0 : sum
  compared.error = cells < 2 ? 0 : Math.sqrt((2 * sum) / (1 / n + 1 / m)) - Math.sqrt(2 * cells - 3)
}

/** Of the cells in `cellSums`. */
export function psiScore(now: Profile, past: readonly Profile[], counts: Run): Score {
  const B = cellsIn(now)
  const R = past.length
  const others = (R + 1) * B
  const cells = cellSums
  const { sums } = counts
  const to = reference(R)
  comparePsi(now, cells, to * B, sums[to])
  const { psi, error } = compared
  // Whatever it usually comes to, which is at least 0.
  if (psi < LEAST.psi) return still('psi', psi, psi)
  const errors = noErrors(R)
  let usual = 0
  for (let i = 0; i < R; i++) {
    const { numbers, at, places, count } = past[i]
    const own = at + places.cells
    const until = before(i)
    if (until === null) {
      for (let c = 0; c < B; c++) cells[others + c] = cells[R * B + c] - numbers[own + c]
      comparePsi(past[i], cells, others, sums[R] - count)
    } else comparePsi(past[i], cells, until * B, sums[until])
    errors[i] = compared.error
    usual += compared.psi / R
  }
  const { z, phi } = centred(error, errors, 1)
  return { statistic: 'psi', z: psi - usual < LEAST.psi ? 0 : z, before: usual, now: psi, phi }
}

/** ln(a/b), a, b > 0: near 1 by the series 2·artanh((a − b)/(a + b)), to the last bit but one and in half the time of `Math.log`. */
function logRatio(a: number, b: number): number {
  const d = (a - b) / (a + b)
  const s = d * d
  if (s > 0.01) return Math.log(a / b)
  return 2 * d * (1 + s * (1 / 3 + s * (1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s * (1 / 13)))))))
}
