/**
 * Codes of `Cause.code` that `causeOf` gives; they are part of the public contract and never change their meaning. Counters, incidents and
 * schema news have codes of their own beside them.
 */
export const CAUSE_CODES = {
  missing: 'a part of the rows lack the feature',
  'missing-source': 'all rows lack it: its source delivers no more',
  type: 'values arrive as another type, numbers as text',
  nan: 'NaN, infinite or unsafe numbers',
  null: 'nulls rose',
  encoding: 'known labels written differently: case, white space, leading zeros',
  unseen: 'values that training never saw',
  'permuted-labels': 'the same shares, on other labels',
  'merged-labels': 'labels are gone, and one other has their rows',
  clipping: 'nothing lies beyond a limit any more, which has what lay there',
  truncation: 'decimals cut off: whole numbers only',
  rounding: 'values on a coarser grid',
  stale: 'one value, or few, over and over: frozen',
  lag: 'an earlier window, or an earlier value of the entity, served again',
  'hours-shifted': 'hours of another time zone',
  'sign-flip': 'all signs turned',
  unit: 'all values multiplied, shifted or both, as by another unit',
  transform: 'a logarithm or logit taken on one side only',
  imputation: 'one value takes a part of all others, or of the nulls',
  'partial-unit': 'a part of the rows in another unit',
  range: 'values far outside the training range that no factor explains',
  deploy: 'begins with a model version, and nothing more exact is known',
  distribution: 'the distribution changed, and no known fault has this signature',
} as const satisfies Readonly<Record<string, string>>

export type CauseCode = keyof typeof CAUSE_CODES
