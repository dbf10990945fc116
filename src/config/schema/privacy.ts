import { z } from 'zod'
import { say } from '../words.js'
import { count, featureName } from './fields.js'

/** What events must not tell. */
export const privacy = z.strictObject({
  hash: say(
    z.array(featureName),
    'Categorical features whose values are kept only as keyed hashes; the key is in DRIFTLINE_PRIVACY_KEY.',
    'a list of feature names',
    '[company]',
  ).prefault([]),
  minCount: count(
    1,
    1e6,
    'Categories that fewer rows have, in the window and in the baseline alike, are not named in events.',
    '10',
  ).default(1),
})
