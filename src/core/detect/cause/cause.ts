import type { Cause } from '../../alert/event.js'
import { clipping } from './clipping.js'
import { counted } from './counted.js'
import { distribution } from './distribution.js'
import { imputedLabel, permuted, unseen } from './labels.js'
import { partialUnit } from './partial.js'
import { range } from './range.js'
import { type Reference, referenceOf } from './reference.js'
import { refilled } from './refilled.js'
import { rounding } from './rounding.js'
import type { Seen } from './seen.js'
import { signFlip } from './sign.js'
import { spike } from './spike.js'
import { frozen, lag, repeating } from './stale.js'
import { unit } from './unit.js'

type Rule = (seen: Seen, reference: Reference) => Cause | null

/** In the order in which one explains away the next: what makes all values others comes before what moves some of them. */
const RULES: readonly Rule[] = [
  counted,
  unseen,
  clipping,
  rounding,
  frozen,
  permuted,
  lag,
  signFlip,
  unit,
  spike,
  imputedLabel,
  refilled,
  repeating,
  partialUnit,
  range,
]

/** Why a series moved: the first signature that holds at the window that opens its alert (STATISTICS §5), `distribution` where none does. */
export function causeOf(seen: Seen): Cause {
  const reference = referenceOf(seen)
  if (reference === null) return deployed(seen, distribution(seen, null))
  for (const rule of RULES) {
    const cause = rule(seen, reference)
    if (cause !== null) return deployed(seen, cause)
  }
  return deployed(seen, distribution(seen, reference))
}

/** A change that begins with a model version came with the deployment, whatever it looks like. */
function deployed({ startsWithVersion }: Seen, cause: Cause): Cause {
  if (!startsWithVersion) return cause
  const since = 'since this model version began'
  if (cause.code !== 'distribution') return { ...cause, sentence: `${cause.sentence}, ${since}`, whoMoved: 'pipeline' }
  return {
    ...cause,
    code: 'deploy',
    confidence: 'medium',
    sentence: `${cause.sentence}, ${since}`,
    alternatives: ['distribution'],
    whoMoved: 'pipeline',
  }
}
