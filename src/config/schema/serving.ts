import { z } from 'zod'
import { say } from '../words.js'
import { duration, format, number, path, pattern, patterns, text, time, topic, where } from './fields.js'

/** Where the predictions lie, and what of their records is read. */
export const serving = z.strictObject({
  topic: topic('Topic of the serving events.'),
  format: format('How record values are written: avro (Confluent wire format, schema registry) or json.').default(
    'avro',
  ),
  where: where.prefault({}),
  key: path('Identifies the request; labels and offline values are joined on it.', 'requestId'),
  entity: path('Identifies whom the features describe (driver, taxi, customer).', 'driverId').optional(),
  time: time('Event time: when the features were served.', 'eventTime'),
  version: say(
    z.union([
      path('Where the model version lies.', 'modelVersion'),
      z.strictObject({ fixed: text('The version of every event.', 'a version name', 'v12') }),
    ]),
    'Model version: a field, or { fixed: v12 } where events do not carry it. Absent: one version called default.',
    'a field of the event, or { fixed: v12 }',
    'modelVersion',
  ).optional(),
  features: patterns(
    'Which fields are features: a record or map as features.*, or names and patterns of flat fields.',
  ).prefault('features.*'),
  ignore: say(
    z.array(pattern),
    'Features that are not watched, by name or pattern.',
    'a list of names and patterns',
    '[debug_*]',
  ).prefault([]),
  prediction: path('The model’s output.', 'score').optional(),
  sampleRate: number(
    'Share of all requests that the topic carries.',
    'a number above 0, at most 1',
    '0.1',
    x => x > 0 && x <= 1,
  )
    .default(1)
    .meta({ exclusiveMinimum: 0, maximum: 1 }),
  maxAhead: duration(
    'An event time further ahead than this is rejected: a wrong clock must not close windows.',
    '10m',
  ).prefault('10m'),
  idleAfter: duration('A partition without records for so long no longer holds windows open.', '1m').prefault('1m'),
})
