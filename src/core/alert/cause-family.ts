/** What labels say of a model. Outcomes that moved at equal scores explain a new share of labels, and that explains what it costs. */
type LabelFamily = 'concept-drift' | 'label-shift' | 'performance' | 'feedback-loop'

/**
 * Causes that one event brings about together. `absence`: a source that is gone shows as missing, null or a filled value, by how each feature
 * is built.
 */
export type CauseFamily =
  | 'absence'
  | 'type'
  | 'exchange'
  | 'time'
  | 'scale'
  | 'labels'
  | 'precision'
  | 'deploy'
  | 'schema'
  | 'volume'
  | 'mix'
  | 'parity'
  | 'distribution'
  | LabelFamily

/** The strongest first: of several alerts on one feature, the one whose cause stands first explains the others. */
const FAMILIES: readonly (readonly [CauseFamily, readonly string[]])[] = [
  ['deploy', ['deploy']],
  ['absence', ['missing-source', 'missing', 'null', 'nan', 'imputation']],
  ['type', ['type']],
  ['exchange', ['exchanged']],
  ['time', ['stale-source', 'stale', 'lag', 'hours-shifted', 'max-age', 'future']],
  ['scale', ['unit', 'partial-unit', 'transform', 'sign-flip', 'negative']],
  ['labels', ['encoding', 'permuted-labels', 'permuted', 'merged-labels', 'unseen']],
  ['precision', ['truncation', 'rounding', 'clipping', 'integer']],
  ['schema', ['renamed', 'new-feature']],
  ['volume', ['volume', 'input-missing', 'flood', 'duplicates']],
  ['mix', ['mix']],
  ['parity', ['mismatch']],
  ['distribution', ['distribution']],
  ['concept-drift', ['concept-drift']],
  ['label-shift', ['label-shift']],
  ['performance', ['performance']],
  ['feedback-loop', ['feedback-loop']],
]

const families = new Map(FAMILIES.flatMap(([family, codes]) => codes.map(code => [code, family] as const)))
const strengths = new Map(FAMILIES.map(([family], place) => [family, place]))

/** What no family names says no more than that something moved. */
export function familyOf(code: string): CauseFamily {
  return families.get(code) ?? 'distribution'
}

/** 0 is the strongest. */
export function strength(family: CauseFamily): number {
  return strengths.get(family)!
}

/** After these nothing that a feature's values look like is a fault of its own. */
const WHOLE: ReadonlySet<CauseFamily> = new Set(['deploy', 'absence', 'type', 'exchange'])

/** Whether a cause on a feature explains another alert on the same feature: broken values have a broken distribution. */
export function explainsOnFeature(cause: CauseFamily, other: CauseFamily): boolean {
  if (cause === other) return true
  if (WHOLE.has(cause)) return strength(cause) < strength(other)
  return other === 'distribution'
}

/** Whether a cause explains what opens with it on other features. */
export function explainsElsewhere(cause: CauseFamily, other: CauseFamily): boolean {
  if (cause === 'deploy') return true
  // Half of the rows gone, or many twice: the values are others.
  if (cause === 'volume') return other === 'mix' || other === 'distribution'
  // Renamed: one name vanishes and another appears.
  return cause === 'absence' && other === 'schema'
}

/** What a source that broke brings about in its features. */
export function isUpstream(family: CauseFamily): boolean {
  return family === 'absence' || family === 'time'
}
