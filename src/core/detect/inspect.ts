import type { Cause, CusumFacts, Distances, Evidence, Moved, Quantiles, SeriesFacts } from '../alert/event.js'
import { type FeatureBaseline, segmentKey } from '../baseline/baseline.js'
import { standsForFeature } from '../derive/origin.js'
import { type FeatureSpec, type Monitor, specOf } from '../monitor.js'
import type { SketchState } from '../sketch/state.js'
import type { View } from '../window/view.js'
import { compare, NO_DISTANCES, type Side } from './compare.js'
import { judgeDistribution } from './distribution.js'
import { Finding } from './finding.js'
import { aboutRelation } from './relation.js'
import { counterShares, countShares, countTrained, judgeShares } from './shares.js'
import { type Names, namesFrom } from './shown.js'
import { usualSwing } from './swings.js'

/** All that is seen of one series in one window. */
export interface Inspection {
  readonly kind: SeriesFacts['featureKind']
  readonly because: string | null
  readonly findings: readonly Finding[]
  /** Of a series with a history. */
  readonly cusum?: CusumFacts | null
  readonly distances: Distances
  readonly moved: readonly Moved[]
  readonly quantiles: Quantiles | null
  readonly counters: Readonly<Record<string, { readonly baseline: number | null; readonly window: number }>>
}

/**
 * Compares a series with the training baseline by the launch rule (STATISTICS §2.8), which needs no history.
 * @param decides what it finds; else it is reported beside what does
 */
export function inspect(monitor: Monitor, contract: FeatureBaseline, view: View, decides = true): Inspection {
  const known = contract.segments.get(segmentKey(view.segment))
  const sketch = view.features.get(contract.name) ?? null
  if (known === undefined) return uninspected(contract, sketch, view, 'segment-not-in-baseline')
  const window: Side = { rows: view.rows, sketch }
  const comparison = compare(contract, known, window, namesOf(monitor, contract, view))
  const { checks = NO_CHECKS } = specOf(monitor, contract.name) ?? {}
  const { minRows, sizeMs } = monitor.window
  const swings = known.swings?.sizeMs === sizeMs ? known.swings : null
  const settings = { minRows, checks, decides, swing: (check: string) => usualSwing(swings, check) }
  const distribution = judgeDistribution(contract, comparison, settings)
  const { origin } = contract
  // Shares of a direction (zeros, rows that lack one of its features) tell nothing that the features' own do not.
  const [before, now] = [countTrained(contract.kind, known), countShares(contract.kind, window)]
  const shares = origin === undefined || standsForFeature(origin) ? judgeShares(contract, before, now, settings) : []
  const all =
    origin?.what === 'joint' ? aboutRelation(contract, origin, comparison, distribution) : [...distribution, ...shares]
  const findings = checks === NO_CHECKS ? all : all.filter(({ evidence }) => checks[evidence.check]?.enabled !== false)
  const { distances, moved, quantiles } = comparison
  const counters = counterShares(contract.kind, before, now)
  return { kind: contract.kind, because: null, findings, distances, moved, quantiles, counters }
}

const NO_CHECKS: FeatureSpec['checks'] = {}

/** What categories of the series are called in the events of this window. */
export function namesOf({ privacy }: Monitor, { name, segments }: FeatureBaseline, view: View): Names {
  const sides = [segments.get(segmentKey(view.segment))?.sketch, view.features.get(name)]
  return namesFrom(
    privacy?.minCount ?? 1,
    sides.map(sketch => sketch?.categorical),
  )
}

/** A series that nothing can be said of yet: what was counted is told all the same. */
export function uninspected(
  contract: FeatureBaseline | null,
  sketch: SketchState | null,
  view: View,
  because: string | null,
): Inspection {
  const kind = contract?.kind ?? (sketch?.numeric ? 'numeric' : sketch?.categorical ? 'categorical' : 'unknown')
  const counters = counterShares(kind, null, countShares(kind, { rows: view.rows, sketch }))
  return { kind, because, findings: [], distances: NO_DISTANCES, moved: [], quantiles: null, counters }
}

/** A feature that the baseline does not have: told as schema news, in the share of rows that had it. */
export function news(feature: string, share: number, rows: number, m: number): Inspection {
  const evidence: Evidence = {
    against: 'training',
    check: 'new-feature',
    statistic: 'share',
    value: share,
    threshold: share,
    thresholdFrom: 'effect',
    noiseFloor: 0,
    alpha: 0,
    phi: null,
    calibrated: false,
    n: rows,
    m,
    outcome: 'breach',
    because: null,
    decides: true,
  }
  const sentence = `${feature} is served but was not in the training baseline`
  const cause: Cause = {
    code: 'new-feature',
    confidence: 'high',
    sentence,
    numbers: { share },
    alternatives: [],
    whoMoved: 'pipeline',
  }
  const finding = new Finding(evidence, 'schema', Infinity, 'investigate', () => ({ summary: sentence, cause }))
  return {
    kind: 'unknown',
    because: null,
    findings: [finding],
    distances: NO_DISTANCES,
    moved: [],
    quantiles: null,
    counters: {},
  }
}
