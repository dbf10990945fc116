import { ClassCounts } from './class-counts.js'
import { BinaryCounts, RegressionCounts } from './score-counts.js'
import type { ScoreState } from './score-state.js'

/**
 * The counts of all states together: those of one output, at least one.
 * @throws RangeError where they are not of one type, or binary ones not of one threshold: nothing else tells them apart
 */
export function mergeScores(states: readonly ScoreState[]): ScoreState {
  const [first] = states
  const of = <T extends ScoreState['type']>(type: T): Extract<ScoreState, { type: T }>[] =>
    states.map(state => {
      if (state.type !== type) throw new RangeError(`scores of a ${type} and of a ${state.type} output do not add up`)
      return state as Extract<ScoreState, { type: T }>
    })
  if (first.type === 'multiclass') return summed(new ClassCounts(), of('multiclass'))
  if (first.type === 'regression') return summed(new RegressionCounts(), of('regression'))
  const scores = of('binary')
  const other = scores.find(({ threshold }) => threshold !== first.threshold)
  if (other !== undefined)
    throw new RangeError(`scores at the thresholds ${first.threshold} and ${other.threshold} do not add up`)
  return summed(new BinaryCounts(first.threshold), scores)
}

function summed<S extends ScoreState>(counts: { add(state: S): void; state(): S }, states: readonly S[]): S {
  for (const state of states) counts.add(state)
  return counts.state()
}
