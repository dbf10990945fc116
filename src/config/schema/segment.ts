import { z } from 'zod'
import { say } from '../words.js'
import { count, path, value } from './fields.js'

/** A dimension whose values are watched on their own. */
export const segment = z.strictObject({
  path: path('Where the value lies. Absent: it is the feature of that name.', 'context.country').optional(),
  values: say(
    z.array(value('One value of the dimension.')).min(1),
    'These values; every other one is `other`.',
    'a list of values',
    '[Cash, Card]',
  ).optional(),
  top: count(1, 1000, 'So many values, the most frequent of the baseline. Absent: 8.', '8').optional(),
})
