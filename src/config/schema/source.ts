import { z } from 'zod'
import { say } from '../words.js'
import { duration, featureName, time } from './fields.js'

/** An upstream system. */
export const source = z.strictObject({
  features: say(
    z.array(featureName).min(1),
    'Features that come from it.',
    'a list of feature names',
    '[trip_miles, fare]',
  ),
  time: time(
    'When its values were computed. Their age at the prediction becomes a series of its own, SOURCE.age.',
    'meterAt',
  ).optional(),
  maxAge: duration('Older values are stale.', '6h').optional(),
})
