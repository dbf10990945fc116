import { z } from 'zod'
import { say } from '../words.js'
import { bounded, text, time, url } from './fields.js'

/** The checks that a feature can tune or switch off. */
const CHECKS = [
  ...['psi', 'w1', 'null', 'missing', 'type', 'nan', 'integer', 'negative', 'zero', 'unseen', 'repeat'],
  ...['volume', 'duplicates', 'capacity', 'input-gap', 'rejected', 'future', 'max-age'],
] as const

/** Measures of an output, by its labels. */
const MEASURES = [
  ...['auc', 'log-loss', 'brier', 'calibration-error', 'precision', 'recall', 'f1', 'accuracy', 'macro-f1', 'cost'],
  ...['mae', 'rmse', 'bias', 'r2', 'base-rate', 'concept-drift', 'coverage-by-score', 'score-spread'],
] as const

/** Whether a check is a measure of an output. */
export function isMeasure(check: string): boolean {
  return (MEASURES as readonly string[]).includes(check)
}

function checkOf(delta: z.ZodType<number>) {
  return say(
    z.union([
      z.boolean().transform(enabled => ({ enabled, delta: null })),
      z.strictObject({
        enabled: say(z.boolean(), 'Whether it is run.', 'true or false', 'false').default(true),
        delta: delta.optional(),
      }),
    ]),
    'Tunes a check, or switches it off with false.',
    'true, false, or a map with enabled and delta',
    'false',
  )
}

const check = checkOf(
  say(
    z.number().positive().max(10),
    'Drift that is tolerated, in units of PSI: raises the threshold where the default is too eager.',
    'a number above 0, at most 10',
    '0.02',
  ),
)

/** A measure that is named decides, besides those that do by themselves. */
const measure = checkOf(
  say(
    z.number().positive(),
    'By how much an output may be worse than its reference, in the unit of the measure.',
    'a number above 0',
    '0.03',
  ),
)

export const feature = z.strictObject({
  kind: say(
    z.enum(['numeric', 'categorical', 'boolean', 'embedding', 'text']),
    'Absent: as the baseline has it, and numeric where values are numbers, embedding where they are arrays of fractions. An embedding is watched by its norm and projections, a text by length, tokens and the share of tokens that training did not have.',
    'one of numeric, categorical, boolean, embedding, text',
    'numeric',
  ).optional(),
  unit: text('Unit, for messages.', 'text', 'mi').optional(),
  importance: bounded(0, 1, 'Share of the decision that rests on the feature; raises the severity.', '0.4').optional(),
  range: say(
    z
      .tuple([z.number(), z.number()])
      .refine(([from, to]) => from < to, { params: { remedy: 'Put the smaller bound first.' } }),
    'Plausible values of a numeric feature.',
    'two numbers in ascending order',
    '[0, 500]',
  ).optional(),
  time: time(
    'When the value was computed. Its age at the prediction becomes a series of its own, NAME.age.',
    'milesAt',
  ).optional(),
  checks: z.strictObject({ ...checksOf(CHECKS, check), ...checksOf(MEASURES, measure) }).prefault({}),
  runbook: url('What to do when it alerts.').optional(),
})

function checksOf<N extends string, S extends z.ZodType>(names: readonly N[], one: S) {
  return Object.fromEntries(names.map(name => [name, one.optional()])) as Record<N, z.ZodOptional<S>>
}
