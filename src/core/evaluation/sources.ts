import { CLEAR } from '../alert/lifecycle.js'
import { isTold, severityOf } from '../alert/severity.js'
import type { FeatureBaseline } from '../baseline/baseline.js'
import { begin, type Kept, remember } from '../detect/history.js'
import { uninspected } from '../detect/inspect.js'
import { backAgain, judgeSource, sourceOpening, stillBroken } from '../detect/source.js'
import { type Source, watchedSources } from '../detect/source-window.js'
import { importanceOf, sourceSeries } from '../source.js'
import { type Case, isOn, type Judged, seriesKey, type Version } from './case.js'
import { NO_BASELINE } from './counted.js'
import type { Decisions } from './decisions.js'
import { revise } from './follow.js'
import { inherited } from './inherited.js'
import type { Memory } from './memory.js'
import { publish, stepped, tell } from './publish.js'

/**
 * The upstream sources of a model version in a window, over all rows. What a broken one explains is held back: see `Seen.held`.
 * @param because why the window cannot be judged; null: it can
 */
export function judgeSources(memory: Memory, all: Version, because: string | null, decisions: Decisions): void {
  const { version, judge, parts, views, windows, contracts, seen } = all
  for (const source of watchedSources(memory.monitor, contracts)) {
    const feature = sourceSeries(source.name)
    const one = { version, view: views[0], feature, window: windows[0], judge, parts, seen }
    if (because === null && judge !== null) judgeOne(memory, one, source, contracts, decisions)
    else publish(memory, one, { ...uninspected(null, null, one.view, because), counters: {} }, decisions)
  }
}

function judgeOne(
  memory: Memory,
  one: Case,
  source: Source,
  contracts: ReadonlyMap<string, FeatureBaseline>,
  decisions: Decisions,
): void {
  const { alerts, histories } = memory
  const { version, view, feature, window } = one
  const names = source.features.map(({ name }) => name)
  // Its windows count by these features: of others there is another history.
  const series = `${feature} ${names.join()}`
  const key = seriesKey(version, view.segment, series)
  const history = histories.get(key) ?? begin(NO_BASELINE, inherited(memory, version, view.segment, series))
  const state = alerts.get(key)
  const subject = { source, view, contracts, window, openedAt: state?.openedAt ?? null }
  const judged = judgeSource(subject, history, isOn(state, window))
  const verdict = publish(memory, one, judged.inspection, decisions)
  const keyed: Judged = { ...one, key, history, judged, open: () => sourceOpening(judged) }
  const kept: Kept = { start: window.start, end: window.end, profile: judged.profile! }
  if (window.revision > 0) revise(memory, keyed, verdict, kept, decisions)
  else {
    const next =
      window.end < memory.around.alertsFrom
        ? null
        : stepped(memory, keyed, { ...judged, window, over: null }, keyed.open)
    if (judged.outcome === 'ok' && alerts.get(key) === null)
      histories.set(key, remember(history, kept, [], 'none', CLEAR, judged.limits))
    else if (!histories.has(key)) histories.set(key, history)
    const finding = next?.state
      ? stillBroken(alerts.operators.last(next.state.alertId) ?? next.state.opening, judged)
      : null
    if (next?.state && finding !== null) {
      const { opening, breaching } = next.state
      const told = next.transition === 'resolved' ? { ...next, reason: backAgain(opening, breaching.at(-1)!) } : next
      tell(memory, one, verdict, finding, told, null, decisions)
    }
  }
  hold(memory, one, key, source)
}

/** While the source's alert is told, those of its features and of their ages are not, as far as it explains them. */
function hold({ alerts, monitor }: Memory, { seen, feature }: Case, key: string, { features, times }: Source): void {
  const state = alerts.get(key)
  if (state?.status !== 'firing' || !isTold(monitor, severityOf(state.effect, importanceOf(monitor, feature)))) return
  for (const { name } of features) seen.held.add(name)
  for (const { series } of times) seen.held.add(series)
}
