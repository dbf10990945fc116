import { type Correlations, regression } from '../statistic/correlation.js'

/** A direction over standardised, unit-variance columns: index → weight, Σ weight² = 1. The column that it is about first. */
export interface Direction {
  readonly columns: readonly number[]
  readonly weights: readonly number[]
}

/** A relation weaker than this correlation is not worth a series. */
const LEAST_R = 0.25
/** Features that one relation has beside the one it is about, at most; each must explain a tenth of what the others leave. */
const MOST_PREDICTORS = 3
const LEAST_GAIN = 0.1
/** Strongest pairs that are looked at. */
const MOST_PAIRS = 2000
/**
 * What the break of a feature's relations does to a direction's spread is worth nothing below 10 % (5 standard errors of the spread of 1200
 * rows), and no more from double on.
 */
const LEAST_WORTH = 0.1
const MOST_WORTH = Math.LN2
/** A spread that changes by less than this, in σ of the features, is worth less in proportion: tight relations change much in nothing. */
const LEAST_CHANGE = 0.25
/** Spread of a direction that is constant, as far as it is counted: two steps of 1/64. */
const FINEST = 1 / 32

/**
 * The directions in which broken relations show best, strongest first. Candidates are the differences of correlated pairs and what is left
 * of each feature after regression on one to three others (orthogonal matching pursuit); all have little variance, and more when a feature
 * no longer follows the others. They are chosen greedily, for the sum over features of how much the spread of the best direction
 * would change if that feature alone came loose: a submodular cover (Nemhauser, Wolsey & Fisher 1978), so that no two tell the same.
 */
export function relations(correlations: Correlations, most: number, rows: number): Direction[] {
  const least = Math.max(LEAST_R, 4 / Math.sqrt(rows))
  const candidates = [...pairs(correlations, least), ...residuals(correlations, least)].map(direction => ({
    direction,
    worth: direction.columns.map(column => worth(correlations, direction, column)),
  }))
  const seen = new Float64Array(correlations.size)
  const chosen: Direction[] = []
  while (chosen.length < most) {
    let best: { gain: number; candidate: (typeof candidates)[number] } | null = null
    for (const candidate of candidates) {
      const gain = candidate.direction.columns.reduce(
        (sum, column, at) => sum + Math.max(0, candidate.worth[at] - seen[column]),
        0,
      )
      if (best === null || gain > best.gain + 1e-9) best = { gain, candidate }
    }
    if (best === null || best.gain < LEAST_WORTH) break
    const { direction, worth: worths } = best.candidate
    chosen.push(direction)
    for (const [at, column] of direction.columns.entries()) seen[column] = Math.max(seen[column], worths[at])
  }
  return chosen
}

/** (x ∓ y)/√2 of correlated pairs, strongest first. */
function pairs({ size, r }: Correlations, least: number): Direction[] {
  const found: { i: number; j: number; r: number }[] = []
  for (let i = 0; i < size; i++)
    for (let j = i + 1; j < size; j++) if (Math.abs(r[i * size + j]) >= least) found.push({ i, j, r: r[i * size + j] })
  found.sort((a, b) => Math.abs(b.r) - Math.abs(a.r) || a.i - b.i || a.j - b.j)
  return found
    .slice(0, MOST_PAIRS)
    .map(pair => ({ columns: [pair.i, pair.j], weights: [Math.SQRT1_2, -Math.sign(pair.r) * Math.SQRT1_2] }))
}

/** Each column less what two or three others tell of it, while another one tells more. */
function residuals(correlations: Correlations, least: number): Direction[] {
  const { size, r } = correlations
  const found: Direction[] = []
  for (let of = 0; of < size; of++) {
    const related = [...Array(size).keys()].filter(i => i !== of && Math.abs(r[i * size + of]) > 0)
    const on: number[] = []
    let left = 1
    while (on.length < MOST_PREDICTORS) {
      const next = related
        .filter(i => !on.includes(i))
        .map(i => ({ i, left: regression(correlations, of, [...on, i]).left }))
        .reduce((a, b) => (b.left < a.left - 1e-9 ? b : a), { i: -1, left: Number.POSITIVE_INFINITY })
      if (next.i < 0 || next.left > left * (1 - LEAST_GAIN)) break
      on.push(next.i)
      left = next.left
      if (on.length === 1 || left > 1 - least * least) continue
      found.push(unit([of, ...on], [1, ...regression(correlations, of, on).coefficients.map(b => -b)]))
    }
  }
  return found
}

function unit(columns: number[], weights: number[]): Direction {
  const norm = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0))
  return { columns, weights: weights.map(weight => weight / norm) }
}

/** |ln| of the factor by which the direction's spread changes when one column comes loose from all others. */
function worth({ size, r }: Correlations, { columns, weights }: Direction, column: number): number {
  let variance = 0
  let loose = 0
  for (const [a, i] of columns.entries())
    for (const [b, j] of columns.entries()) {
      const term = weights[a] * weights[b] * r[i * size + j]
      variance += term
      if (i === j || (i !== column && j !== column)) loose += term
    }
  const [before, after] = [variance, loose].map(v => Math.max(v, FINEST * FINEST))
  const factor = Math.abs(Math.log(after / before)) / 2
  const change = Math.abs(Math.sqrt(after) - Math.sqrt(before))
  return factor < LEAST_WORTH ? 0 : Math.min(MOST_WORTH, factor) * Math.min(1, change / LEAST_CHANGE)
}
