import { z } from 'zod'
import { USUAL_TOLERANCE } from '../../core/join/tolerance.js'
import { say } from '../words.js'
import { bounded, duration, format, path, patterns, time, topic, where } from './fields.js'

const tolerance = (description: string, usual: number) =>
  say(z.number().min(0), description, 'a number, 0 or above', '0.000001').default(usual)

/** Values recomputed offline, that the served ones are compared with. */
export const offline = z.strictObject({
  topic: topic('Topic of the values recomputed offline.'),
  format: format('How record values are written.').default('avro'),
  where: where.prefault({}),
  key: path('The same key as serving.key.', 'requestId'),
  time: time('Event time that the values are of.', 'featureTime'),
  features: patterns('Which fields are features.').prefault('features.*'),
  tolerance: z
    .strictObject({
      abs: tolerance('Absolute difference that is still equal.', USUAL_TOLERANCE.abs),
      rel: tolerance('Difference in parts of the offline value that is still equal.', USUAL_TOLERANCE.rel),
    })
    .prefault({}),
  horizon: duration(
    'How far apart the times of a served row and its offline row may be; so long a row waits for the other. Longer than the pause between two runs of the offline job and its delay.',
    '2d',
  ).prefault('2d'),
  maxMismatch: bounded(0, 1, 'Share of the pairs that may differ, of each feature.', '0.01').default(0.01),
  examples: say(
    z.enum(['none', 'masked', 'shown']),
    'Rows that differ, in events: none, with letters and digits masked, or as they are.',
    'one of none, masked, shown',
    'masked',
  ).default('none'),
})
