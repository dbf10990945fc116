import type { Cause } from '../../alert/event.js'
import { moved, number, percent } from '../../alert/words.js'
import { changeOf, type Reference } from './reference.js'
import { quoted, type Seen } from './seen.js'
import { differences, plain } from './spelling.js'

const LEAST_Z = 3
const LEAST_DELTA = 0.005

/** Values that training never saw: known ones spelled differently, nulls under a name, or new ones. */
export function unseen(seen: Seen, reference: Reference): Cause | null {
  const { contract, sketch } = seen
  const change = changeOf(seen, reference, 'unseen')
  const categorical = sketch?.categorical
  if (contract.kind === 'numeric' || categorical == null) return null
  if (change.z <= LEAST_Z || change.delta < LEAST_DELTA) return null
  const known = new Map(contract.values.map(value => [plain(value), value]))
  const found = categorical.heavy.filter(({ value }) => known.has(plain(value)))
  const rows = (of: typeof found): number => of.reduce((sum, { count, error }) => sum + count - error, 0)
  const listed = rows([...categorical.heavy])
  if (listed > 0 && rows(found) >= listed / 2) {
    const [first] = found
    const twin = known.get(plain(first.value))!
    const kinds = [...new Set(found.flatMap(({ value }) => differences(value, known.get(plain(value))!)))]
    return {
      code: 'encoding',
      confidence: rows(found) >= 0.9 * listed ? 'high' : 'medium',
      sentence: `known values are spelled differently (${kinds.join(', ') || 'spelling'}): ${quoted(seen, first.value)} for ${quoted(seen, twin)} and ${found.length - 1} more, in ${percent(change.now)} of the rows`,
      numbers: { before: change.before, now: change.now, matched: rows(found) / listed },
      alternatives: [],
      whoMoved: 'pipeline',
    }
  }
  return strange(seen, reference, change)
}

function strange(seen: Seen, reference: Reference, change: ReturnType<typeof changeOf>): Cause {
  const { heavy } = seen.sketch!.categorical!
  const nulls = changeOf(seen, reference, 'null')
  const [top] = heavy
  const filled = nulls.z < -LEAST_Z && nulls.delta <= -0.01 && top.count >= 0.5 * seen.sketch!.categorical!.unknown
  if (filled) {
    return {
      code: 'imputation',
      confidence: 'high',
      sentence: `${quoted(seen, top.value)} rose to ${percent(top.count / seen.now.count)} as nulls fell ${number(-100 * nulls.delta)} points`,
      numbers: { before: change.before, now: change.now, nullsBefore: nulls.before, nullsNow: nulls.now },
      alternatives: ['unseen'],
      whoMoved: 'pipeline',
    }
  }
  const names = [...new Set(heavy.map(({ value }) => quoted(seen, value)))].slice(0, 3)
  return {
    code: 'unseen',
    confidence: change.z >= 10 || change.delta >= 0.05 ? 'high' : 'medium',
    sentence: `values that training never saw ${moved(change.before, change.now)}: ${names.join(', ')}`,
    numbers: { before: change.before, now: change.now, z: change.z },
    alternatives: [],
    whoMoved: 'unknown',
  }
}
