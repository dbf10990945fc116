import { z } from 'zod'
import { say } from '../words.js'
import { count, duration, number, path, text } from './fields.js'

const versionName = (description: string, example: string) => text(description, 'a model version', example)
const limit = (description: string, example: string) =>
  number(description, 'a number above 0, at most 1', example, x => x > 0 && x <= 1)
    .meta({ exclusiveMinimum: 0, maximum: 1 })
    .optional()

/** Two model versions that are compared with each other. */
export const shadow = z.strictObject({
  champion: versionName('The version that decides.', 'v12'),
  challenger: versionName('The version that is to take its place.', 'v13'),
  mode: say(
    z.enum(['shadow', 'canary']),
    'shadow: both versions score the same requests, joined by serving.key; canary: each has a part of the traffic.',
    'shadow or canary',
    'shadow',
  ).default('shadow'),
  within: duration('How far apart in event time the two rows of one request may be.', '10m').prefault('10m'),
  latency: path('How long the prediction took, in milliseconds.', 'latencyMs').optional(),
  limits: z
    .strictObject({
      flips: limit('Share of requests that the two versions decide differently (mode: shadow). Absent: 0.01.', '0.01'),
      decisions: limit(
        'Difference of the shares that the two versions decide alike (mode: canary). Absent: 0.02.',
        '0.02',
      ),
      score: limit(
        'Shadow: mean |difference| of the two scores; canary: difference of their means. Of a regression, as a share of the champion’s mean |prediction|. Absent: 0.02.',
        '0.02',
      ),
      latency: duration('How much slower the challenger may be, in the mean.', '50ms').optional(),
    })
    .prefault({}),
  minRows: count(
    1,
    1e9,
    'Pairs (canary: rows of each version) from which on a window is judged. Absent: 500.',
    '500',
  ).default(500),
  windows: count(1, 1000, 'Windows in a row within every limit that advise to promote. Absent: 3.', '3').default(3),
})
