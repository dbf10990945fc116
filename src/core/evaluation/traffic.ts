import type { VerdictEvent } from '../alert/event.js'
import { type Segment, segmentKey } from '../baseline/baseline.js'
import { type Inspection, uninspected } from '../detect/inspect.js'
import { isPart, isThin, judgeDuplicates, judgeVolume, type Matter, rowsBySegment, TRAFFIC } from '../detect/traffic.js'
import { specOf } from '../monitor.js'
import type { DueWindow } from '../window/collector.js'
import { duplicatesOf } from '../window/duplicates.js'
import { capped, tellCapacity } from './capacity.js'
import type { Judged, Version } from './case.js'
import { judgedCounts } from './counted.js'
import type { Decisions } from './decisions.js'
import { endAll } from './endings.js'
import { follow } from './follow.js'
import { tellGaps } from './input-gap.js'
import type { Memory } from './memory.js'
import { inspectionOf, publish } from './publish.js'
import { tellRejected } from './rejected.js'
import { dimensionsOf, gapOf, type Since } from './version.js'

/** Keys of segments, and why what is in them is not judged. */
export type Thin = ReadonlyMap<string, string>

/**
 * How many rows there are, and how many twice, by segment over all model versions; told in the series of the version with the most rows.
 * @param isCut the window may lack rows that were still to come
 * @param since records since the window before
 * @returns segments with too few rows to judge what is in them, by their keys: why
 */
export function judgeTraffic(
  memory: Memory,
  due: DueWindow,
  isCut: boolean,
  since: Since,
  versions: readonly Version[],
  decisions: Decisions,
): Thin {
  const { histories, monitor, ranges, season } = memory
  const [leader] = [...versions].sort((a, b) => b.views[0].rows - a.views[0].rows)
  const thin = new Map<string, string>()
  const silent = dimensionsOf(memory, leader.judge)
    .flatMap(({ name, values }) => [...values].map(value => ({ [name]: value })))
    .filter(segment => histories.has(trafficKey(segment)))
  const views = versions.map(({ views }) => views)
  for (const { segment, rows } of rowsBySegment(views, silent)) {
    const told = toldOf(memory, segment, leader, versions, decisions)
    const one = { ...caseOf(told, segment), parts: due.parts }
    const checks = specOf(monitor, TRAFFIC)?.checks ?? {}
    const traffic = { windowStart: due.start, rows, partitions: due.partitions, checks }
    // Where the monitor changes, each of its versions has a part of the rows.
    const changed = ranges.hasAll(due.start, due.end) ? null : 'baseline-changed'
    const because = isCut ? 'end-of-input' : (changed ?? gapOf(due))
    const isWhole = segmentKey(segment) === ''
    const caps = isWhole ? capped(memory, due.parts, rows) : []
    const left = caps.flatMap(({ finding }) => (finding.ratio > 0 ? [finding] : []))
    const tellInput = (verdict: VerdictEvent): void => {
      if (!isWhole) return
      tellCapacity(memory, one, caps, verdict, decisions)
      tellGaps(memory, one, verdict, decisions)
      tellRejected(memory, one, since, verdict, decisions)
    }
    if (because !== null) {
      const nothing = { ...uninspected(null, null, one.view, because), findings: left, counters: {} }
      const verdict = publish(memory, one, nothing, decisions)
      tellInput(verdict)
      if (isCut && isPart(traffic, histories.get(trafficKey(segment)), season)) thin.set(segmentKey(segment), because)
      continue
    }
    const duplicates = isWhole ? duplicatesOf(due.parts, monitor.shadow?.mode === 'shadow') : null
    const counted = judgedCounts(memory, one, trafficKey(segment), (history, isFiring) =>
      judgeVolume(traffic, history, season, isFiring),
    )
    const volume: Judged = { ...counted, seasonOf: null }
    const twice =
      duplicates &&
      judgedCounts(memory, one, trafficKey(segment, 'duplicates'), (history, isFiring) =>
        judgeDuplicates(duplicates, traffic, history, isFiring),
      )
    if (isThin(volume.judged)) thin.set(segmentKey(segment), 'volume')
    const both = [volume, ...(twice ? [twice] : [])]
    const inspection = together(both.map(({ judged }) => inspectionOf(judged, one.window)))
    const findings = [...inspection.findings, ...left]
    const verdict = publish(memory, one, { ...inspection, findings }, decisions)
    for (const matter of both) follow(memory, matter, verdict, decisions)
    tellInput(verdict)
  }
  return thin
}

/** The series of a segment's rows in a version's window; the segment may have none there. */
function caseOf({ version, judge, views, windows, seen }: Version, segment: Segment) {
  const at = views.findIndex(view => segmentKey(view.segment) === segmentKey(segment))
  const [view, window] =
    at < 0
      ? [
          { ...views[0], segment },
          { ...windows[0], rows: 0, expectedRows: null },
        ]
      : [views[at], windows[at]]
  return { version, view, feature: TRAFFIC, window, judge, seen }
}

/** The version in whose series a segment's traffic is told: that of the alerts on it, as long as it is served, else the one with the most rows. */
function toldOf(
  memory: Memory,
  segment: Segment,
  leader: Version,
  versions: readonly Version[],
  decisions: Decisions,
): Version {
  const { alerts } = memory
  const firing = (['volume', 'duplicates'] as const).flatMap(matter => {
    const key = trafficKey(segment, matter)
    const state = alerts.get(key)
    const of = state && alerts.operators.last(state.alertId)?.modelVersion
    return state?.status === 'firing' ? [{ key, state, of }] : []
  })
  const served = (of: string | null | undefined): Version | undefined => versions.find(({ version }) => version === of)
  const gone = firing.filter(({ of }) => served(of) === undefined)
  const over = gone.map(one => ({ ...one, reason: `model version ${one.of} is served no more` }))
  if (over.length > 0) endAll(memory, over, decisions)
  return firing.map(({ of }) => served(of)).find(one => one !== undefined) ?? leader
}

/** What histories and alerts of the rows are kept by. */
export function trafficKey(segment: Segment, matter: Matter = 'volume'): string {
  return `|${segmentKey(segment)}|${TRAFFIC} ${matter}`
}

/** One verdict of all that was seen of a series. */
function together(inspections: readonly Inspection[]): Inspection {
  const counters = Object.assign({}, ...inspections.map(one => one.counters))
  return { ...inspections[0], findings: inspections.flatMap(({ findings }) => findings), counters }
}
