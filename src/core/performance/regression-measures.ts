import { normalInterval } from '../statistic/intervals.js'
import { total } from '../statistic/psi.js'
import { type Measure, type MeasureName, measure, type Phi } from './measure.js'
import type { RegressionScores } from './score-state.js'

/**
 * MAE, RMSE and bias (mean of prediction − label) with the interval of a mean, that of the RMSE by the delta method; R² = 1 − Σe²/Σ(y − ȳ)² with
 * that of ln(1 − R²), normal labels but errors as heavy as they are (Olkin & Finn 1995 where these are normal too). R² has no lower end.
 */
export function regressionMeasures(state: RegressionScores, phi: Phi): Measure[] {
  const n = total(state.labelled)
  if (!(n > 0)) return []
  const [sum, squares, absolute] = [state.errors, state.squares, state.absolute].map(total)
  const mse = Math.max(0, squares / n)
  // Variance of a squared error.
  const wild = Math.max(0, state.fourth / n - mse * mse)
  const rmse = Math.sqrt(mse)
  const found = (name: MeasureName, value: number, variance: number, least?: number): Measure =>
    measure(name, value, normalInterval(value, variance * phi(name, null), least), n)
  return [
    found('mae', absolute / n, (mse - (absolute / n) ** 2) / n, 0),
    found('rmse', rmse, mse > 0 ? wild / (4 * mse * n) : 0, 0),
    found('bias', sum / n, (mse - (sum / n) ** 2) / n),
    r2(state, mse, wild, n, phi('r2', null)),
  ]
}

function r2({ labels: [sum, squares] }: RegressionScores, mse: number, wild: number, n: number, phi: number): Measure {
  const spread = squares / n - (sum / n) ** 2
  if (!(spread > 1e-12 * (squares / n))) return measure('r2', Number.NaN, { low: Number.NaN, high: Number.NaN }, n)
  const left = mse / spread
  const explained = 1 - left
  const kurtosis = mse > 0 ? wild / (mse * mse) : 0
  // Of ln Σe² less its part in ln Σ(y − ȳ)²; the predictions' own part of the latter.
  const variance = explained ** 2 * (kurtosis + 2) + 4 * Math.max(0, left * explained)
  const { low, high } = normalInterval(Math.log(left), (variance / n) * phi)
  return measure(
    'r2',
    explained,
    left > 0 ? { low: 1 - Math.exp(high), high: 1 - Math.exp(low) } : { low: 1, high: 1 },
    n,
  )
}
