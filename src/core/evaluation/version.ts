import type { WindowFacts } from '../alert/event.js'
import type { Judge } from '../baseline/active.js'
import { segmentKey } from '../baseline/baseline.js'
import { NO_TAIL, type Usual, usualOf } from '../detect/limits.js'
import { segmentValues } from '../planner.js'
import type { DueWindow } from '../window/collector.js'
import { gridsOf } from '../window/grids.js'
import { mergeViews, type View } from '../window/view.js'
import type { Seen, Version } from './case.js'
import type { Memory } from './memory.js'

/** Records since the window before. */
export interface Since extends Pick<WindowFacts, 'late' | 'rejected'> {
  /** All of the topic, of whatever outcome. */
  readonly read: number
}

/** Since the beginning. */
function totals({ collector }: Memory): Since {
  const { aggregated, late, rejected, notSelected, gap } = collector.counts()
  return { late, rejected, read: aggregated + late + rejected + notSelected + gap }
}

/** What no window has reported yet. */
export function unreported(memory: Memory): Since {
  const { reported } = memory
  const { late, rejected, read } = totals(memory)
  return { late: late - reported.late, rejected: rejected - reported.rejected, read: read - reported.read }
}

/** The same, which is reported with that. */
export function reportOf(memory: Memory): Since {
  const since = unreported(memory)
  memory.reported = totals(memory)
  return since
}

/** One model version in a window: its rows merged by segment, its baseline, and what is usual of its series. */
export function versionOf(memory: Memory, version: string, due: DueWindow, since: Since): Version {
  const { judges, monitor, ranges } = memory
  const parts = due.parts.filter(part => part.modelVersion === version)
  const { judge, unfit } = judges.of(monitor, version, due, parts, ranges)
  const contracts = new Map(judge?.baseline.features.map(feature => [feature.name, feature]))
  const views = mergeViews(parts, dimensionsOf(memory, judge), gridsOf(judges.baselines, contracts))
  const windows = views.map(view => windowFacts(memory, version, due, view, since))
  const [window] = windows
  const segments = views.slice(1).map(view => segmentFacts(memory, version, view, judge))
  const seen: Seen = { window, alerts: [], segments, held: new Set() }
  return { version, judge, unfit, parts, views, windows, contracts, usual: usualTails(memory, version), seen }
}

export function dimensionsOf({ monitor }: Memory, judge: Judge | null) {
  const baselines = judge === null ? [] : [judge.baseline]
  return monitor.segments.map(dimension => ({
    name: dimension.name,
    values: new Set(segmentValues(dimension, baselines)),
  }))
}

function windowFacts(
  { monitor, rows }: Memory,
  version: string,
  due: DueWindow,
  view: View,
  { late, rejected }: Since,
): WindowFacts {
  return {
    start: due.start,
    end: due.end,
    revision: due.revision,
    provisional: false,
    rows: view.rows,
    expectedRows: rows.expected(version, view.segment),
    late,
    rejected,
    sampleRate: monitor.serving.sampleRate,
    partitions: due.partitions,
    gaps: due.gaps,
  }
}

/** Why a window is not judged that may lack rows which were gone before they were read; null: it lacks none. */
export function gapOf({ gaps }: Pick<DueWindow, 'gaps'>): string | null {
  return gaps.length > 0 ? 'input-gap' : null
}

/** A segment's share of all rows: of its earlier windows, else of training. */
function segmentFacts({ rows }: Memory, version: string, view: View, judge: Judge | null): Seen['segments'][number] {
  const { segment } = view
  const trained = judge?.baseline.features[0]?.segments.get(segmentKey(segment))?.rows
  const training = trained === undefined ? null : trained / Math.max(1, judge!.baseline.rows)
  const usualShare = rows.share(version, segment) ?? training
  return { segment, rows: view.rows, usualShare, quiet: new Set() }
}

/** What the tails of a version's series are like. */
function usualTails({ histories }: Memory, version: string): Usual {
  const own = [...histories].filter(([key]) => key.startsWith(`${version}|`))
  return usualOf(own.map(([, { tail }]) => tail ?? NO_TAIL))
}
