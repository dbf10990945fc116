import { createHmac } from 'node:crypto'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import { type Hashing, hashedSlots } from '../core/privacy.js'

/**
 * What hashes the features that the monitor's `privacy.hash` names: HMAC-SHA-256 of the value, cut to 64 bits. The same value is the same
 * hash in every feature, so that columns that were swapped are still told.
 * @returns null where it names none; throws bad-input where it does and there is no key
 */
export function hashingOf(monitor: Monitor, key: string | null): Hashing | null {
  const slots = hashedSlots(monitor)
  if (slots.size === 0) return null
  if (key === null)
    throw new DriftlineError(
      'bad-input',
      `${monitor.file}: privacy.hash names ${monitor.privacy!.hash.join(', ')}, and there is no key to hash with. ` +
        'Set DRIFTLINE_PRIVACY_KEY, or DRIFTLINE_PRIVACY_KEY_FILE to a file that holds it: the same secret for every instance and for `baseline load`.',
    )
  return { slots, of: text => `h:${createHmac('sha256', key).update(text).digest('hex').slice(0, 16)}` }
}
