import { z } from 'zod'
import { MOST_KEYS, MOST_NUMBERS } from '../../core/monitor.js'
import { count } from './fields.js'

export const limits = z.strictObject({
  series: count(1, 1_000_000, 'Most series (feature × segment × model version) of this model.', '2000').default(2000),
  segments: count(1, 1000, 'Most values of a dimension.', '50').default(50),
  dimension: count(
    1,
    65_536,
    'Most numbers of an embedding; a longer one is of the wrong type.',
    String(MOST_NUMBERS),
  ).default(MOST_NUMBERS),
  keys: count(
    1,
    100_000_000,
    'Most keys held for labels, in one partition of driftline.joins; beyond it those that expire next go.',
    String(MOST_KEYS),
  ).default(MOST_KEYS),
})
