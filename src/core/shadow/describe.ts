import type { Teller } from '../alert/describe.js'
import type { WindowFacts } from '../alert/event.js'
import { originFacts, seriesFacts } from '../alert/joined-event.js'
import type { Judge } from '../baseline/active.js'
import { type Segment, segmentKey } from '../baseline/baseline.js'
import { type Monitor, predictionKind, type Shadow, type Task } from '../monitor.js'
import type { OffsetRange } from '../window/part.js'
import { adviceOf, type Considered, outcomeOf } from './advice.js'
import type { ShadowEvent } from './event.js'
import { CHALLENGER, CHAMPION } from './shadow-counts.js'
import { quantileOf } from './spread.js'
import { summaryOf } from './words.js'

/** A monitor that compares two versions. */
export type ShadowMonitor = Monitor & { readonly task: Task; readonly shadow: Shadow }

/** One output of a segment in a window. */
export interface ShadowWindow extends Considered {
  readonly segment: Segment
  /** Its place in `Task.outputs`. */
  readonly output: number
  readonly window: WindowFacts
  readonly judge: Judge | null
  readonly input: readonly OffsetRange[]
}

/** Told of the differences that people look at: the usual one, and the large ones. */
const QUANTILES = [0.5, 0.9, 0.95, 0.99]
/** Pairs of different decisions that are told. */
const MOST_FLIPS = 20

export function describeShadow(monitor: ShadowMonitor, teller: Teller, one: ShadowWindow): ShadowEvent {
  const { model, hash, shadow, task } = monitor
  const { champion, challenger, mode } = shadow
  const { segment, window, counts, divergences, within } = one
  const { name } = task.outputs[one.output]
  const pairs = counts.outputs[one.output]
  const quantilesOf = (spread: typeof counts.slower): number[] =>
    spread.n > 0 ? QUANTILES.map(p => quantileOf(spread, p)) : []
  const id = ['shadow', model, champion, challenger, segmentKey(segment), name] as const
  return {
    id: teller.ids.hash(...id, window.end, window.revision, hash),
    series: seriesFacts(monitor, {
      ...{ modelVersion: challenger, segment, feature: name, featureKind: predictionKind(monitor) },
    }),
    ...{ champion, mode, window, ...adviceOf(one), summary: summaryOf(one, { shadow, type: task.type }) },
    outcome: one.unfit === null ? outcomeOf(divergences) : 'insufficient-data',
    rows: {
      ...{ champion: counts.rows[CHAMPION], challenger: counts.rows[CHALLENGER], pairs: counts.pairs },
      unusable: pairs?.unusable ?? 0,
    },
    ...{ within, divergences },
    flips: [...(pairs?.decisions ?? [])]
      .filter(cell => cell.champion !== cell.challenger)
      .sort((a, b) => b.count - a.count)
      .slice(0, MOST_FLIPS),
    quantiles: {
      p: QUANTILES,
      score: pairs === undefined ? [] : quantilesOf(pairs.difference),
      latency: quantilesOf(counts.slower),
    },
    ...originFacts(monitor, teller, name, one),
  }
}
