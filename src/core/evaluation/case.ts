import type { WindowFacts } from '../alert/event.js'
import type { IncidentAlert } from '../alert/incident-state.js'
import type { AlertState, Opening } from '../alert/lifecycle.js'
import type { SegmentFacts } from '../alert/scope.js'
import type { Judge } from '../baseline/active.js'
import { type FeatureBaseline, type Segment, segmentKey } from '../baseline/baseline.js'
import type { History } from '../detect/history.js'
import type { Judgement } from '../detect/judgement.js'
import type { Usual } from '../detect/limits.js'
import type { SeasonOf } from '../detect/season/levels.js'
import type { Part } from '../window/part.js'
import type { View } from '../window/view.js'

/** One series in one window. */
export interface Case {
  readonly version: string
  readonly view: View
  readonly feature: string
  readonly window: WindowFacts
  readonly judge: Judge | null
  readonly parts: readonly Part[]
  readonly seen: Seen
}

/** A series in a window, judged by its history. */
export interface Judged extends Case {
  /** Of the series. */
  readonly key: string
  readonly history: History
  readonly judged: Judgement
  /** Of a series that may have seasons. */
  readonly seasonOf?: SeasonOf
  /** What an alert says of itself when it opens. */
  open(): Opening
}

/** One model version in one window. */
export interface Version {
  readonly version: string
  readonly judge: Judge | null
  /** Why it cannot be judged at all; null: it can. */
  readonly unfit: string | null
  readonly parts: readonly Part[]
  readonly views: readonly View[]
  /** Of each view. */
  readonly windows: readonly WindowFacts[]
  readonly contracts: ReadonlyMap<string, FeatureBaseline>
  readonly usual: Usual
  readonly seen: Seen
}

/** What incidents are made of: the alerts that fire in the judged series of a window, and its segments. */
export interface Seen {
  readonly window: WindowFacts
  readonly alerts: IncidentAlert[]
  readonly segments: readonly (SegmentFacts & { readonly quiet: Set<string> })[]
  /** Series of a source whose own alert fires: while it does, it tells what is absent or stale of them. */
  readonly held: Set<string>
}

/** What histories and alerts are kept by. */
export function seriesKey(version: string, segment: Segment, feature: string): string {
  return `${version}|${segmentKey(segment)}|${feature}`
}

/** Whether the alert fires as the window is judged: a revision of a window that opened it is judged as if it did not. */
export function isOn(state: AlertState | null, { end }: WindowFacts): boolean {
  return state?.status === 'firing' && end > (state.firedAt ?? 0)
}
