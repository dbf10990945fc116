import type { Cause } from '../../alert/event.js'
import type { Rule } from './reference.js'

const LESS: Readonly<Record<Cause['confidence'], Cause['confidence']>> = { high: 'medium', medium: 'low', low: 'low' }

/** Where the rows of a window go together, what a signature is fitted to is a few values: it is said with less confidence, and blames nobody. */
export function doubtful(rule: Rule): Rule {
  return (seen, reference) => {
    const cause = rule(seen, reference)
    if (cause === null || !reference.isTogether) return cause
    const alternatives = cause.alternatives.includes('distribution')
      ? cause.alternatives
      : [...cause.alternatives, 'distribution']
    return { ...cause, confidence: LESS[cause.confidence], alternatives, whoMoved: 'unknown' }
  }
}
