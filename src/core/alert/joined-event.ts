import type { Judge } from '../baseline/active.js'
import { type Monitor, specOf } from '../monitor.js'
import type { OffsetRange } from '../window/part.js'
import { baselineFacts, monitorFacts, type Teller, type ToldWindow } from './describe.js'
import type { Evidence, SeriesFacts } from './event.js'

/** What the events of joined rows (labels, offline values, a second version) all say at their end. */
type Origin = Pick<ToldWindow, 'baseline' | 'monitor' | 'input' | 'software'>

/** Whose series the window is of. */
export function seriesFacts(monitor: Monitor, series: Omit<SeriesFacts, 'model' | 'importance'>): SeriesFacts {
  return { model: monitor.model, ...series, importance: specOf(monitor, series.feature)?.importance ?? null }
}

/** By what the window was judged, and which rows it is of. */
export function originFacts(
  monitor: Monitor,
  { software }: Teller,
  feature: string,
  { judge, input }: { readonly judge: Judge | null; readonly input: readonly OffsetRange[] },
): Origin {
  return { baseline: judge && baselineFacts(judge), monitor: monitorFacts(monitor, feature), input, software }
}

/** The window as its alerts tell it: what only single features have is left empty. */
export function toldAs(
  event: Origin & Pick<ToldWindow, 'series' | 'window'>,
  checks: readonly Evidence[],
  baseline = event.baseline,
): ToldWindow {
  const { series, window, monitor, input, software } = event
  const nothing = { moved: [], quantiles: null, counters: {} }
  return { series, window, baseline, monitor, input, software, checks, ...nothing }
}
