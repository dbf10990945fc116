import type { Observation, Opening } from '../alert/lifecycle.js'
import type { Judge } from '../baseline/active.js'
import { type FeatureBaseline, segmentKey } from '../baseline/baseline.js'
import { aboutExchange } from '../detect/exchanged.js'
import { aboutAge, judgeAge } from '../detect/freshness.js'
import { begin, beginTrained, type History, isRelearning } from '../detect/history.js'
import { news, uninspected } from '../detect/inspect.js'
import { judge } from '../detect/judgement.js'
import { budgetOf, limitsOf, NO_TAIL } from '../detect/limits.js'
import { openingOf } from '../detect/opening.js'
import { aboutRename, newsShare, type Renames, renamesIn } from '../detect/renames.js'
import { featuresOf } from '../detect/watched.js'
import { isAge } from '../feature-age.js'
import { MOST_NAMES } from '../window/caps.js'
import type { DueWindow } from '../window/collector.js'
import type { View } from '../window/view.js'
import { type Case, isOn, seriesKey, type Version } from './case.js'
import { judgedCounts } from './counted.js'
import type { Decisions } from './decisions.js'
import { endOutOfBaseline } from './endings.js'
import { Exchanges } from './exchanges.js'
import { gatherFirst } from './first-baseline.js'
import { follow } from './follow.js'
import { inherited } from './inherited.js'
import type { Memory } from './memory.js'
import { inspectionOf, publish, stepped, tell } from './publish.js'
import { judgeSources } from './sources.js'
import type { Thin } from './traffic.js'
import { gapOf } from './version.js'

const NO_RENAMES: Renames = { from: new Map(), to: new Map() }

/**
 * The series of a model version in a window, by segment and feature: one at each step.
 * @param thin segments with too few rows to judge what is in them
 */
export function* judgeFeatures(
  memory: Memory,
  due: DueWindow,
  all: Version,
  thin: Thin,
  decisions: Decisions,
): Generator<void> {
  const { version, judge, unfit, parts, views, windows, contracts, seen } = all
  const fit = judge !== null && unfit === null
  if (fit && due.revision === 0) endOutOfBaseline(memory, version, judge, contracts, decisions)
  const renames = fit ? renamesIn(views[0], parts, judge.baseline.features) : NO_RENAMES
  const becauseOf = ({ segment }: View): string | null =>
    unfit ?? gapOf(due) ?? thin.get('') ?? thin.get(segmentKey(segment)) ?? null
  judgeSources(memory, all, becauseOf(views[0]), decisions)
  for (const [v, view] of views.entries()) {
    const because = becauseOf(view)
    const breached = new Set<string>()
    const exchanges = new Exchanges(memory, all, view)
    for (const feature of featuresOf(view, contracts, parts, unfit === null)) {
      const one = { version, view, feature, window: windows[v], judge, parts, seen }
      const contract = contracts.get(feature) ?? null
      if (contract === null && memory.judges.isDerived(feature)) continue
      if (because !== null || judge === null) {
        const sketch = view.features.get(feature) ?? null
        publish(memory, one, uninspected(contract, sketch, view, because ?? 'no-baseline'), decisions)
      } else if (contract !== null)
        judgeSeries(memory, one, all, judge, contract, { breached, renames, exchanges }, decisions)
      else if (isAge(memory.monitor, feature)) judgeOwnAge(memory, one, decisions)
      else tellNews(memory, one, judge, renames, decisions)
      yield
    }
    if (due.revision > 0 || due.gaps.length > 0) continue
    memory.rows.add(version, view.segment, view.rows)
    if (judge === null) gatherFirst(memory, version, due, view, decisions)
  }
}

/** What the other series of a window say of one. */
interface Beside {
  /** Features of the segment with a breach. */
  readonly breached: Set<string>
  readonly renames: Renames
  readonly exchanges: Exchanges
}

/** A series with a contract. */
function judgeSeries(
  memory: Memory,
  one: Case,
  { usual }: Version,
  { baseline }: Judge,
  contract: FeatureBaseline,
  { breached, renames, exchanges }: Beside,
  decisions: Decisions,
): void {
  const { monitor, season, histories, alerts } = memory
  const { version, view, feature, window } = one
  const key = seriesKey(version, view.segment, feature)
  const known = histories.get(key)
  const history = known?.baseline === baseline.version ? known : begun(memory, one, baseline.version, contract)
  const limits = limitsOf(budgetOf(monitor), history.tail ?? NO_TAIL, usual)
  const subject = { monitor, contract, view, windowStart: window.start, season, breached, limits }
  const judged = judge(subject, history, isOn(alerts.get(key), window))
  if (judged.outcome === 'breach' || isRelearning(judged.history)) breached.add(feature)
  const open = (): Opening => {
    const opening = openingOf(subject, judged)
    if (isAge(monitor, feature)) return aboutAge(opening)
    const exchange = exchanges.of(subject, judged)
    return aboutExchange(aboutRename(opening, renames.from.get(feature)), feature, exchange)
  }
  const verdict = publish(memory, one, inspectionOf(judged, window), decisions)
  // Written out: spreading takes as long as a statistic.
  const { judge: by, parts, seen } = one
  const series = {
    version,
    view,
    feature,
    window,
    judge: by,
    parts,
    seen,
    key,
    history,
    judged,
    open,
    seasonOf: contract,
  }
  follow(memory, series, verdict, decisions)
}

/** The age of a feature, of which the baseline knows nothing. */
function judgeOwnAge(memory: Memory, one: Case, decisions: Decisions): void {
  const { version, view, feature, window } = one
  const time = memory.monitor.times.find(({ series }) => series === feature)!
  const sketch = view.features.get(feature) ?? null
  const judged = judgedCounts(
    memory,
    one,
    seriesKey(version, view.segment, feature),
    (history, isFiring) => judgeAge(time, sketch, view.rows, window.start, history, isFiring),
    `${feature}: `,
  )
  follow(memory, judged, publish(memory, one, inspectionOf(judged.judged, window), decisions), decisions)
}

/** A feature nobody knows is news, unless it looks like one that has vanished: that one's alert tells it. */
function tellNews(memory: Memory, one: Case, { baseline }: Judge, renames: Renames, decisions: Decisions): void {
  const { version, view, feature, window, parts } = one
  const inspection = news(feature, newsShare(parts, feature), view.rows, baseline.rows)
  const verdict = publish(memory, one, inspection, decisions)
  if (window.revision > 0 || renames.to.has(feature)) return
  const key = seriesKey(version, view.segment, feature)
  // Events may bring new names without end.
  if (memory.alerts.get(key) === null && newsOf(memory, version) >= MOST_NAMES) return
  const [finding] = inspection.findings
  const { kind, summary, cause, action, ratio } = finding
  const opening: Opening = { check: finding.evidence.check, kind, summary, cause, action, calibrated: false }
  const seen: Observation = { outcome: 'breach', ratio, effect: 0, window, confirmed: true, over: null }
  const next = stepped(memory, { ...one, key }, seen, () => opening)
  tell(memory, one, verdict, finding, next, null, decisions)
}

/** New features of a version whose alerts fire. */
function newsOf({ alerts }: Memory, version: string): number {
  const isNew = ({ check }: Opening): boolean => check === 'new-feature'
  return alerts.firing.filter(({ key, state }) => isNew(state.opening) && key.startsWith(`${version}|`)).length
}

/** From the version served before it, else from the windows of the training rows. */
function begun(memory: Memory, one: Case, baseline: number, { segments }: FeatureBaseline): History {
  const { version, view, feature, window } = one
  const before = inherited(memory, version, view.segment, feature)
  if (before?.baseline === baseline) return begin(baseline, before)
  return beginTrained(baseline, segments.get(segmentKey(view.segment))?.history, window.start)
}
