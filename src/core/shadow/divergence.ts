import type { Divergence, Shadow, Task } from '../monitor.js'
import { scoreDrift } from '../performance/score-drift.js'
import { differenceInterval, type Interval, normalInterval, wilson } from '../statistic/intervals.js'
import { armMeans, decisionShares } from './arms.js'
import type { DivergenceFacts } from './event.js'
import type { PairState } from './pair-counts.js'
import { CHALLENGER, CHAMPION, type ShadowState } from './shadow-counts.js'
import { meanOf } from './spread.js'

type Rules = Pick<Shadow, 'mode' | 'limits' | 'minRows'>
/** A divergence before it is held against its limit. */
type Measured = Pick<DivergenceFacts, 'name' | 'class' | 'value' | 'low' | 'high' | 'n'>

/**
 * How far the challenger is from the champion in one output.
 *
 *     shadow   flips     requests decided differently / pairs, Wilson's interval (1927)
 *              score     mean |Δ|; of a regression Σ|Δ| / Σ|champion's|, by the delta method for a ratio
 *              latency   mean Δ of the same request
 *     canary   decisions difference of the shares of a decision (MOVER of Wilson's; Newcombe 1998)
 *              score     difference of the means, of a regression / the champion's mean |prediction|
 *              latency   difference of the means
 *
 * Means have a normal interval, with the variance of each sample its own (Welch). What has no rows is left out.
 */
export function divergencesOf(
  state: ShadowState,
  output: number,
  task: Pick<Task, 'type'>,
  rules: Rules,
): DivergenceFacts[] {
  const measured =
    rules.mode === 'shadow' ? paired(state.outputs[output], state, task) : sampled(state, output, task.type)
  return measured.filter(({ n, value }) => n > 0 && Number.isFinite(value)).map(one => judged(one, rules))
}

function paired(
  { decisions, difference, signed, scale }: PairState,
  { slower }: ShadowState,
  task: Pick<Task, 'type'>,
) {
  const found: Measured[] = []
  if (task.type !== 'regression') {
    const n = decisions.reduce((sum, { count }) => sum + count, 0)
    const flips = decisions.reduce((sum, one) => sum + (one.champion === one.challenger ? 0 : one.count), 0)
    found.push(measure('flips', flips / n, wilson(flips, n), n))
  }
  if (task.type !== 'multiclass') {
    const { n } = difference
    found.push(task.type === 'binary' ? ofMean('score', difference, 0) : ratio(difference, scale))
    const mean = signed / n
    found.push(measure('bias', mean, normalInterval(mean, Math.max(0, difference.squares / n - mean * mean) / n), n))
  }
  return [...found, ofMean('latency', slower)]
}

/** R = Σ|Δ| / Σ|a|; its variance is Σ(|Δ| − R|a|)² / (Σ|a|)². */
function ratio({ n, sum, squares }: PairState['difference'], [whole, wholes, products]: PairState['scale']): Measured {
  const value = sum / whole
  const residual = squares - 2 * value * products + value * value * wholes
  return measure('score', value, normalInterval(value, residual / whole ** 2, 0), n)
}

function sampled({ arms }: ShadowState, output: number, type: Task['type']): Measured[] {
  const [before, after] = [arms[CHAMPION], arms[CHALLENGER]]
  const [old, now] = [before.outputs[output], after.outputs[output]]
  const found = decisionShares(old, now).map(({ decision, champion, challenger }): Measured => {
    const [a, b] = [challenger, champion].map(([x, n]) => ({ value: x / n, ...wilson(x, n) }))
    return {
      ...between('decisions', a, b, Math.min(champion[1], challenger[1])),
      class: type === 'binary' ? null : decision,
    }
  })
  if (type !== 'multiclass') {
    const [a, b] = [armMeans(now), armMeans(old)]
    const unit = type === 'binary' ? 1 : b.size
    found.push(
      between(
        'score',
        { value: a.mean / unit, ...normalInterval(a.mean / unit, a.variance / unit ** 2) },
        { value: b.mean / unit, ...normalInterval(b.mean / unit, b.variance / unit ** 2) },
        Math.min(a.n, b.n),
      ),
    )
  }
  const drift = scoreDrift(now, old)
  if (drift !== null) found.push(measure('score-psi', drift.psi, { low: drift.psi, high: drift.psi }, armMeans(now).n))
  const [slow, fast] = [after.latency, before.latency].map(one => {
    const { mean, variance } = meanOf(one)
    return { value: mean, ...normalInterval(mean, variance) }
  })
  return [...found, between('latency', slow, fast, Math.min(before.latency.n, after.latency.n))]
}

function ofMean(name: Divergence, spread: PairState['difference'], least?: number): Measured {
  const { mean, variance } = meanOf(spread)
  return measure(name, mean, normalInterval(mean, variance, least), spread.n)
}

type Estimate = Interval & { readonly value: number }

function between(name: Divergence, a: Estimate, b: Estimate, n: number): Measured {
  const { value, low, high } = differenceInterval(a, b)
  return measure(name, value, { low, high }, n)
}

function measure(name: DivergenceFacts['name'], value: number, { low, high }: Interval, n: number): Measured {
  return { name, class: null, value, low, high, n }
}

/** Differences of samples have two sides; a challenger that is faster is not too far. */
function judged(one: Measured, { mode, limits, minRows }: Rules): DivergenceFacts {
  const limit = one.name === 'bias' || one.name === 'score-psi' ? undefined : limits[one.name]
  if (limit === undefined) return { ...one, limit: null, verdict: null, needed: null }
  const twoSided = mode === 'canary' && one.name !== 'latency'
  const { value, low, high, n } = one
  const within = high <= limit && (!twoSided || low >= -limit)
  const beyond = low > limit || (twoSided && high < -limit)
  if (n >= minRows && (within || beyond)) return { ...one, limit, verdict: within ? 'within' : 'beyond', needed: null }
  // Half the interval shrinks with the square root of the rows; it must fit between the value and the limit.
  const room = limit - (twoSided ? Math.abs(value) : value)
  const half = Math.max(high - value, twoSided ? value - low : 0)
  const needed = room > 0 ? Math.max(minRows, Math.ceil(n * (half / room) ** 2)) : null
  return { ...one, limit, verdict: 'open', needed: beyond ? minRows : needed }
}
