import type { Cause } from '../../alert/event.js'
import { percent } from '../../alert/words.js'
import { changeOf, loudest, type Reference } from './reference.js'
import type { Seen } from './seen.js'

/** Nulls fell, and no single value tells what became of them: filled with many values, or their rows left out. */
export function refilled(seen: Seen, reference: Reference): Cause | null {
  const nulls = changeOf(seen, reference, 'null')
  if (nulls.z > -3 || nulls.delta > -0.01 || -nulls.z < 0.25 * loudest(seen)) return null
  return {
    code: 'imputation',
    confidence: 'medium',
    sentence: `nulls fell ${percent(nulls.before)} → ${percent(nulls.now)}: filled in before they arrive, or their rows left out`,
    numbers: { nullsBefore: nulls.before, nullsNow: nulls.now },
    alternatives: [],
    whoMoved: 'pipeline',
  }
}
