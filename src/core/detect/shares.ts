import type { AlertKind, Cause, Evidence } from '../alert/event.js'
import { moved } from '../alert/words.js'
import type { FeatureBaseline } from '../baseline/baseline.js'
import { INFINITE, NAN, NULL, NUMERIC_TEXT, UNSAFE, WRONG_TYPE } from '../row.js'
import { ALPHA, shareNoise } from '../statistic/thresholds.js'
import type { Side } from './compare.js'
import { Finding } from './finding.js'
import type { Inspection } from './inspect.js'
import { boundOfSwing } from './swings.js'

/** Whole numbers only, but for what was typed in otherwise. */
const ALL_WHOLE = 0.95
/** A share matters from here on: five points. */
const EFFECT = 0.05
/** Shares of all rows are judged from so many rows on, shares of the usable ones like the distribution. */
const FEWEST_ROWS = 50

/** One counter as a share of rows, or of usable values. */
interface Share {
  readonly check: string
  readonly kind: AlertKind
  /** What the sentence calls it. */
  readonly words: string
  readonly of: 'rows' | 'usable'
  readonly only: 'numeric' | 'categorical' | null
  count(side: Side): number
}

const flag = (side: Side, ...flags: number[]): number => flags.reduce((sum, f) => sum + (side.sketch?.flags[f] ?? 0), 0)
const numeric = (side: Side, key: 'integers' | 'negatives' | 'zeros'): number => side.sketch?.numeric?.[key] ?? 0

const SHARES: readonly Share[] = [
  { check: 'missing', kind: 'schema', words: 'rows without the feature', of: 'rows', only: null, count: missing },
  { check: 'null', kind: 'quality', words: 'nulls', of: 'rows', only: null, count: side => flag(side, NULL) },
  {
    check: 'type',
    kind: 'schema',
    words: 'values of another type',
    of: 'rows',
    only: null,
    count: side => flag(side, WRONG_TYPE, NUMERIC_TEXT),
  },
  {
    check: 'nan',
    kind: 'quality',
    words: 'NaN, ±∞ and unsafe integers',
    of: 'rows',
    only: null,
    count: side => flag(side, NAN, INFINITE, UNSAFE),
  },
  {
    check: 'integer',
    kind: 'skew',
    words: 'whole numbers',
    of: 'usable',
    only: 'numeric',
    count: side => numeric(side, 'integers'),
  },
  {
    check: 'negative',
    kind: 'skew',
    words: 'negative values',
    of: 'usable',
    only: 'numeric',
    count: side => numeric(side, 'negatives'),
  },
  { check: 'zero', kind: 'skew', words: 'zeros', of: 'usable', only: 'numeric', count: side => numeric(side, 'zeros') },
  {
    check: 'unseen',
    kind: 'skew',
    words: 'values that training never saw',
    of: 'usable',
    only: 'categorical',
    count: side => side.sketch?.categorical?.unknown ?? 0,
  },
]

/** Rows in which the feature was not there at all. */
function missing(side: Side): number {
  if (side.sketch === null) return side.rows
  return side.rows - side.sketch.flags.reduce((sum, count) => sum + count, 0)
}

function usable(side: Side): number {
  return (side.sketch?.numeric?.count ?? 0) + (side.sketch?.categorical?.count ?? 0)
}

const ofKind = (kind: Share['only']): readonly Share[] => SHARES.filter(({ only }) => only === null || only === kind)

const SHARES_OF: Readonly<Record<Inspection['kind'], readonly Share[]>> = {
  ...{ numeric: ofKind('numeric'), categorical: ofKind('categorical'), boolean: ofKind('categorical') },
  ...{ embedding: ofKind(null), text: ofKind(null), unknown: ofKind(null) },
}

/** What the counters of a side come to. */
export interface CountedShares {
  readonly rows: number
  readonly usable: number
  /** One for each share that there is of the kind. */
  readonly shares: readonly number[]
}

export function countShares(kind: Inspection['kind'], side: Side): CountedShares {
  const { rows } = side
  const n = usable(side)
  const shares = SHARES_OF[kind].map(share => share.count(side) / Math.max(1, share.of === 'rows' ? rows : n))
  return { rows, usable: n, shares }
}

const trained = new WeakMap<Side, CountedShares>()

/** Of a segment of the baseline: made once. */
export function countTrained(kind: Inspection['kind'], side: Side): CountedShares {
  let counted = trained.get(side)
  if (counted === undefined) trained.set(side, (counted = countShares(kind, side)))
  return counted
}

/**
 * Shares against training: |x/n − X/m| ≥ max(5 points, 4·√(π(1−π)(1/n + 1/m))), π pooled (STATISTICS §2.8), or more where
 * training's own windows came to more (swings.ts). A value never seen in training matters from 5 % on in one direction only.
 */
export function judgeShares(
  contract: FeatureBaseline,
  baseline: CountedShares,
  window: CountedShares,
  { minRows, decides, swing }: Pick<Compared, 'decides'> & { minRows: number; swing(check: string): number },
): Finding[] {
  return SHARES_OF[contract.kind].map((share, s) => {
    const least = share.of === 'rows' ? Math.min(FEWEST_ROWS, minRows) : minRows
    const [now, before] = [window.shares[s], baseline.shares[s]]
    const [n, m] = [window[share.of], baseline[share.of]]
    return judgeShare(contract.name, share, { now, before, n, m, least, decides, swing: swing(share.check) })
  })
}

interface Compared {
  readonly now: number
  readonly before: number
  readonly n: number
  readonly m: number
  /** Rows from which on it is judged. */
  readonly least: number
  readonly decides: boolean
  /** How far it may swing, as it does in training; 0 where that is not known. */
  readonly swing: number
}

/** Of which the largest is the threshold: what matters, what this n has by chance, and what training's own windows came to (0: not known). */
export interface Bounds {
  readonly effect: number
  readonly floor: number
  readonly swung: number
}

/** Which of its bounds the threshold is. */
export function boundOf({ effect, floor, swung }: Bounds): Evidence['thresholdFrom'] {
  if (swung > Math.max(effect, floor)) return 'training'
  return floor > effect ? 'floor' : 'effect'
}

/** One share; also for the labels of a categorical feature. */
export function judgeShare(
  feature: string,
  share: Pick<Share, 'check' | 'kind' | 'words'>,
  { now, before, n, m, least, decides, swing }: Compared,
): Finding {
  const noise = n > 0 && m > 0 ? shareNoise(now, n, before, m) : 0
  const swung = boundOfSwing(swing, noise)
  const threshold = Math.max(EFFECT, noise, swung)
  const value = Math.abs(now - before)
  const because = n < least ? 'too-few-rows' : m < least ? 'baseline-too-small' : null
  const evidence: Evidence = {
    against: 'training',
    check: share.check,
    statistic: 'share-difference',
    value,
    threshold,
    thresholdFrom: boundOf({ effect: EFFECT, floor: noise, swung }),
    noiseFloor: noise,
    alpha: ALPHA,
    phi: null,
    calibrated: false,
    n,
    m,
    outcome: because !== null ? 'insufficient-data' : value >= threshold ? 'breach' : 'ok',
    because,
    decides,
  }
  // The world does not round: whole numbers only is the work of a pipeline.
  const pipeline = share.kind !== 'skew' || (share.check === 'integer' && now >= ALL_WHOLE)
  return new Finding(evidence, share.kind, value / threshold, pipeline ? 'fix-pipeline' : 'investigate', () => {
    const sentence = `${share.words} ${moved(before, now)}`
    const cause: Cause = {
      code: share.check,
      confidence: 'medium',
      sentence,
      numbers: { baselineShare: before, windowShare: now },
      alternatives: [],
      whoMoved: pipeline ? 'pipeline' : 'unknown',
    }
    return { summary: `${feature}: ${sentence}`, cause }
  })
}

/** The counters as shares, for the event. */
export function counterShares(
  kind: Inspection['kind'],
  baseline: CountedShares | null,
  window: CountedShares,
): Inspection['counters'] {
  const counters: Record<string, { baseline: number | null; window: number }> = {}
  for (const [s, { check }] of SHARES_OF[kind].entries())
    counters[check] = { baseline: baseline?.shares[s] ?? null, window: window.shares[s] }
  return counters
}
