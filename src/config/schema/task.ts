import { z } from 'zod'
import { say } from '../words.js'
import { path, value } from './fields.js'

const cost = (description: string) => say(z.number().min(0), description, 'a number, 0 or above', '1').default(1)

/** What the model predicts, and how its outputs become decisions. */
export const task = z.strictObject({
  type: say(
    z.enum(['binary', 'multiclass', 'regression']),
    'What the model predicts.',
    'one of binary, multiclass, regression',
    'binary',
  ),
  positive: value('The label of the positive class.').optional(),
  threshold: say(z.number(), 'Score from which the prediction is positive.', 'a number', '0.5').optional(),
  costs: z
    .strictObject({
      falsePositive: cost('Cost of a false positive.'),
      falseNegative: cost('Cost of a false negative.'),
    })
    .optional(),
  outputs: say(
    z
      .record(z.string().min(1), path('Where the output lies.', 'scores.tree'))
      .refine(outputs => Object.keys(outputs).length > 0),
    'Outputs that are scores of their own, of the parts of an ensemble for example: name → field. Absent: serving.prediction alone.',
    'a map of names and fields',
    '{ main: score, tree: scores.tree }',
  ).optional(),
})
