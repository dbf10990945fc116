import type { Cause } from '../../alert/event.js'
import { moved, percent } from '../../alert/words.js'
import { NUMERIC_TEXT, WRONG_TYPE } from '../../row.js'
import type { CounterName } from '../counters.js'
import { type Change, changeOf, loudest, type Reference } from './reference.js'
import type { Seen } from './seen.js'

/** What z a counter needs to be a cause, by how many points it rose at least, and that of the loudest statistic it must reach. */
const LEAST_Z = 3
const LEAST_DELTA = 0.01
const LEAST_PART = 0.25
/** The z of an alert's loudest statistic may be less, where past windows swing: it has rung, and this is what it counts. */
const LEAST_RUNG = 2
/** From this share on a feature is not there at all. */
const ALL = 0.99

/** Causes that exact counters of rows tell: absent, of another type, not a number, null. */
export function counted(seen: Seen, reference: Reference): Cause | null {
  for (const [name, tell] of RULES) {
    const change = changeOf(seen, reference, name)
    const most = loudest(seen)
    const rung = change.z >= most && change.delta >= PLAIN_DELTA ? LEAST_RUNG : LEAST_Z
    if (change.z <= rung || change.delta < LEAST_DELTA || change.z < LEAST_PART * most) continue
    return tell(change, seen)
  }
  return null
}

/** Points from which on a counter says by itself what happened. */
const PLAIN_DELTA = 0.05

/** Whether the counters say by themselves: high from 5 points or z 10 on, else medium. */
const sure = ({ delta, z }: Change): Cause['confidence'] => (delta >= PLAIN_DELTA || z >= 10 ? 'high' : 'medium')

const numbersOf = ({ before, now, z }: Change): Cause['numbers'] => ({ before, now, z })

const RULES: readonly (readonly [CounterName, (change: Change, seen: Seen) => Cause])[] = [
  ['missing', missing],
  ['type', wrongType],
  ['nan', notNumbers],
  ['null', nulls],
]

function missing(change: Change): Cause {
  const source = change.now >= ALL
  return {
    code: source ? 'missing-source' : 'missing',
    confidence: sure(change),
    sentence: source
      ? `the feature is absent in ${percent(change.now)} of the rows (before: ${percent(change.before)}): its source no longer delivers it`
      : `rows without the feature ${moved(change.before, change.now)}`,
    numbers: numbersOf(change),
    alternatives: [],
    whoMoved: 'pipeline',
  }
}

function wrongType(change: Change, { contract, sketch }: Seen): Cause {
  const texts = sketch?.flags[NUMERIC_TEXT] ?? 0
  const others = sketch?.flags[WRONG_TYPE] ?? 0
  const what = texts >= others ? 'numbers that arrive as text' : `values that are no ${contract.kind} value`
  return {
    code: 'type',
    confidence: sure(change),
    sentence: `${what} ${moved(change.before, change.now)}`,
    numbers: numbersOf(change),
    alternatives: [],
    whoMoved: 'pipeline',
  }
}

function notNumbers(change: Change): Cause {
  return {
    code: 'nan',
    confidence: sure(change),
    sentence: `NaN, infinite or unsafe numbers ${moved(change.before, change.now)}`,
    numbers: numbersOf(change),
    alternatives: [],
    whoMoved: 'pipeline',
  }
}

function nulls(change: Change): Cause {
  const all = change.now >= ALL
  return {
    code: 'null',
    confidence: sure(change),
    sentence: `nulls ${moved(change.before, change.now)}`,
    numbers: numbersOf(change),
    alternatives: all ? ['missing-source: every value is null, as after a failed join'] : [],
    whoMoved: 'pipeline',
  }
}
