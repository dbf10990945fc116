import { psi, total } from '../statistic/psi.js'
import { psiThreshold } from '../statistic/thresholds.js'
import type { ScoreState } from './score-state.js'
import { commonBins, grouped, groups } from './strata.js'

/** How the predictions themselves moved, labels aside. */
export interface ScoreDrift {
  readonly psi: number
  /** What PSI may reach by chance (p = .001) and a drift of .1: above it the scores moved. */
  readonly limit: number
  readonly cells: number
  readonly quiet: boolean
}

/** Cells of the reference's predictions, as many in each (STATISTICS §1), and those that few rows allow. */
const MOST_CELLS = 20
const ROWS_A_CELL = 10
/** What is commonly called no change. */
const DELTA = 0.1

/** PSI of the predictions against the reference's; both of one type. Null where either has none. */
export function scoreDrift(now: ScoreState, reference: ScoreState): ScoreDrift | null {
  const [n, m] = [total(now.n), total(reference.n)]
  if (!(n > 0 && m > 0)) return null
  const [window, before] = cellsOf(now, reference, Math.max(2, Math.min(MOST_CELLS, Math.floor(n / ROWS_A_CELL))))
  const value = psi(before, window)
  const limit = psiThreshold(n, m, window.length, DELTA)
  return { psi: value, limit, cells: window.length, quiet: value <= limit }
}

function cellsOf(now: ScoreState, reference: ScoreState, most: number): [Float64Array, Float64Array] {
  if (now.type === 'multiclass' || reference.type === 'multiclass') {
    if (now.type !== 'multiclass' || reference.type !== 'multiclass') throw otherType(now, reference)
    const texts = [...new Set([...now.classes, ...reference.classes])]
    const by = ({ classes, n }: typeof now) => Float64Array.from(texts, text => n[classes.indexOf(text)] ?? 0)
    return [by(now), by(reference)]
  }
  const common = commonBins(now, reference)
  const [window, before] = [common.first(now.n), common.second(reference.n)]
  const spans = groups(before, most)
  return [grouped(window, spans), grouped(before, spans)]
}

/** A mistake of the caller's: an output does not change its type. */
export function otherType(now: ScoreState, reference: ScoreState): RangeError {
  return new RangeError(`scores of a ${now.type} output are not compared with those of a ${reference.type} one`)
}
