import { z } from 'zod'
import { duration, format, path, time, topic, where } from './fields.js'

/** Where the labels lie, and how long they are waited for. */
export const labels = z.strictObject({
  topic: topic('Topic of the labels.'),
  format: format('How record values are written.').default('avro'),
  where: where.prefault({}),
  key: path('The same key as serving.key.', 'requestId'),
  time: time('When the label became known.', 'labelledAt'),
  value: path('The label.', 'tipped'),
  horizon: duration('How long after the prediction a label may come.', '7d').prefault('7d'),
})
