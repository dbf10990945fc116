import type { Cause } from '../../alert/event.js'
import { clipping } from './clipping.js'
import { counted } from './counted.js'
import { distribution } from './distribution.js'
import { doubtful } from './doubtful.js'
import { inAnotherSlot } from './hours.js'
import { imputedLabel } from './imputed-label.js'
import { mergedLabels } from './merged.js'
import { otherZone } from './other-zone.js'
import { mixedIn, partialUnit } from './partial.js'
import { permuted } from './permuted.js'
import { range } from './range.js'
import { type Reference, type Rule, referenceOf } from './reference.js'
import { refilled } from './refilled.js'
import { rounding } from './rounding.js'
import type { Seen } from './seen.js'
import { signFlip } from './sign.js'
import { spike } from './spike.js'
import { frozen, lag, repeating } from './stale.js'
import { transformed } from './transform.js'
import { unit } from './unit.js'
import { unseen } from './unseen.js'

/**
 * The signatures, in the order in which one explains away the next: what is not there, values that training never saw, where values end
 * and how fine they are, what makes all values others, what moves some of them. Each has to do better than a plain change of the world.
 */
const RULES: readonly Rule[] = [
  counted,
  unseen,
  clipping,
  rounding,
  frozen,
  mergedLabels,
  doubtful(permuted),
  lag,
  otherZone,
  inAnotherSlot,
  signFlip,
  transformed,
  unit,
  doubtful(spike),
  imputedLabel,
  refilled,
  repeating,
  doubtful(partialUnit),
  range,
]

/** Why a series moved: the first signature that holds at the window that opens its alert (STATISTICS §5), `distribution` where none does. */
export function causeOf(seen: Seen): Cause {
  const reference = referenceOf(seen)
  const cause = (reference && firstOf(seen, reference)) ?? distribution(seen, reference)
  return deployed(seen, { ...cause, numbers: finite(cause.numbers) })
}

function firstOf(seen: Seen, reference: Reference): Cause | null {
  for (const rule of RULES) {
    const cause = rule(seen, reference)
    if (cause !== null) return partOf(cause, seen, reference) ?? cause
  }
  return null
}

/** A factor that leaves a misfit, or a function, is a factor of a part of the rows where that fits to noise. */
function partOf({ code, confidence }: Cause, seen: Seen, reference: Reference): Cause | null {
  if (code !== 'transform' && (code !== 'unit' || confidence === 'high')) return null
  const part = mixedIn(seen, reference)
  return part?.confidence === 'high' ? part : null
}

/** JSON has no other numbers. */
function finite(numbers: Cause['numbers']): Cause['numbers'] {
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => Number.isFinite(value)))
}

/** A change that begins with a model version came with the deployment, whatever it looks like. */
function deployed({ startsWithVersion }: Seen, cause: Cause): Cause {
  if (!startsWithVersion) return cause
  const sentence = `${cause.sentence}, since this model version began`
  if (cause.code !== 'distribution') return { ...cause, sentence, whoMoved: 'pipeline' }
  return {
    ...cause,
    code: 'deploy',
    confidence: 'medium',
    sentence,
    alternatives: ['distribution'],
    whoMoved: 'pipeline',
  }
}
