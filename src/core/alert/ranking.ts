import { benjaminiHochberg } from '../statistic/benjamini-hochberg.js'
import { studentUpper } from '../statistic/distributions.js'
import { type Bundle, byStrength } from './belonging.js'
import type { Member } from './incident-state.js'

/** One feature of an incident. */
export interface Ranked {
  readonly feature: string
  readonly importance: number | null
  /** The alert that speaks for the feature. */
  readonly lead: Member
  readonly members: readonly Member[]
  /** Benjamini–Hochberg over the incident's features. */
  readonly adjustedP: number
  readonly effect: number
  /** The declared upstream source it comes from; null: none is known. */
  readonly source: string | null
  /** It is that source itself: it stands first. */
  readonly isSource: boolean
  /** Moves because other features did. */
  readonly derived: boolean
}

/** Degrees of freedom of the scores' tails, as of the thresholds (STATISTICS §2.5). */
const NU = 5
/** Of an effect that no history has scored: the level of its noise floor. */
const P_UNSCORED = 0.001
/** More certain than that ranks no higher: what the feature matters does. */
const CERTAIN = 1e-6

/**
 * An incident's features, the most telling first: by adjusted p of the largest |z| (two-sided t₅; equal below one in a million), then by
 * importance × effect, unknown importance counting as the mean of the known ones. A source that broke stands first, derived series last.
 */
export function rank(bundles: readonly Bundle[]): Ranked[] {
  const known = bundles.flatMap(({ members }) => members[0].importance ?? [])
  const usual = known.length === 0 ? 1 : known.reduce((a, b) => a + b) / known.length
  const adjusted = benjaminiHochberg(bundles.map(({ members }) => Math.min(...members.map(pValue))))
  const ranked = bundles.map(({ feature, members, madeOf, source, isSource }, i): Ranked => {
    const inOrder = [...members].sort(byStrength)
    const [lead] = inOrder
    const effect = Math.max(...members.map(one => one.effect))
    const { importance } = lead
    const its = { feature, importance, lead, members: inOrder, effect, source, isSource }
    return { ...its, adjustedP: adjusted[i], derived: madeOf !== null }
  })
  const weight = ({ importance, effect }: Ranked): number => (importance ?? usual) * effect
  return ranked.sort(
    (a, b) =>
      Number(b.isSource) - Number(a.isSource) ||
      Number(a.derived) - Number(b.derived) ||
      Math.max(CERTAIN, a.adjustedP) - Math.max(CERTAIN, b.adjustedP) ||
      weight(b) - weight(a) ||
      (a.feature < b.feature ? -1 : 1),
  )
}

/** P(|T₅| ≥ |z|). */
function pValue({ z }: Member): number {
  return z === null ? P_UNSCORED : Math.min(1, 2 * studentUpper(Math.abs(z), NU))
}
