/**
 * Real changes that the data's notes (`shared/data/SOURCES.md`) tell of, and until when in the ordered stream they may be noticed, as shares
 * of all rows. An alert of such a feature at such a time is listed apart: whoever is called is not called in vain.
 */
const CHANGES: readonly {
  readonly table: string
  readonly features: readonly string[]
  readonly from: number
  readonly to: number
  readonly what: string
}[] = [
  {
    table: 'taxi',
    features: ['payment_type'],
    from: 0,
    to: 1,
    what: 'Cash 76 % (2013Q1) → 54 % (2016Q4); rare Pcard, Prcard, Dispute',
  },
  { table: 'taxi', features: ['tips'], from: 0, to: 1, what: 'tips over 20 % of the fare: 21 % → 42 %' },
  // 2013-12 to the end of 2014: the zeros halve by 2014Q2.
  {
    table: 'taxi',
    features: ['trip_miles'],
    from: 0.27,
    to: 0.65,
    what: 'zeros 41–49 % in 2013, about 20 % from 2014Q2',
  },
  { table: 'bike', features: ['yr'], from: 0.49, to: 1, what: '2011 → 2012' },
  {
    table: 'bike',
    features: ['casual', 'registered', 'cnt'],
    from: 0.2,
    to: 1,
    what: 'yearly season; ×1.7 from 2011 to 2012',
  },
  { table: 'bike', features: ['season', 'mnth', 'temp', 'atemp'], from: 0, to: 1, what: 'yearly season' },
  {
    table: 'housing',
    features: ['clf_target', 'y_pred', 'y_pred_proba'],
    from: 0,
    to: 1,
    what: 'label prior by sixth .19 .38 .67 .82 .72 .37',
  },
]

/** @param share of the table's rows before the window */
export function documented(table: string, feature: string, share: number): boolean {
  return CHANGES.some(
    one => one.table === table && one.features.includes(feature) && share >= one.from && share <= one.to,
  )
}
