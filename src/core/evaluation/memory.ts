import { Flapping, type Recurrence } from '../alert/flapping.js'
import { Incidents } from '../alert/incident.js'
import type { IncidentState } from '../alert/incident-state.js'
import { SeriesAlerts, type SeriesAlertsState } from '../alert/series-alerts.js'
import type { Activation } from '../baseline/baseline.js'
import type { Gathered } from '../baseline/first-windows.js'
import { Judges } from '../baseline/judges.js'
import type { History } from '../detect/history.js'
import { Season } from '../detect/season/season.js'
import type { Monitor } from '../monitor.js'
import type { ParityLaneState } from '../parity/lane.js'
import type { LaneState } from '../performance/lane-state.js'
import type { Ids } from '../ports.js'
import type { ShadowLaneState } from '../shadow/lane.js'
import { Collector, type CollectorState } from '../window/collector.js'
import { PaneRanges } from '../window/pane-ranges.js'
import { RowCounts } from '../window/row-counts.js'

export interface Surroundings {
  readonly ids: Ids
  readonly software: string
  /** Alert events of windows that ended before this are withheld: a backfill builds verdicts only. Epoch ms. */
  readonly alertsFrom: number
}

/** What is kept between windows; written after the events it has led to. */
export interface EvaluationState extends SeriesAlertsState {
  readonly collector: CollectorState
  /** By series. */
  readonly histories: readonly { readonly key: string; readonly history: History }[]
  /** End of the newest window of each model version. */
  readonly versions: readonly { readonly version: string; readonly end: number }[]
  readonly incidents: readonly IncidentState[]
  /** Of series whose alerts come again and again. */
  readonly recurrences: readonly Recurrence[]
  /** Rows of the newest windows by model version and segment. */
  readonly rows: readonly { readonly key: string; readonly rows: readonly number[] }[]
  readonly activations: readonly Activation[]
  /** Windows gathered towards a first baseline; null where there is one. */
  readonly gathered: Gathered | null
  /** Records late, rejected, and read in all, that windows have reported so far. */
  readonly reported: { readonly late: number; readonly rejected: number; readonly read: number }
  /** Of predictions joined with labels; null where there are no labels. */
  readonly lane: LaneState | null
  /** Of rows joined with offline values; null where there are none. */
  readonly parity: ParityLaneState | null
  /** Of two versions that are compared; null where none are. */
  readonly shadow: ShadowLaneState | null
}

/** Alerts on joined rows that incidents are made of, beside those on features. */
export interface Related {
  readonly alerts: SeriesAlerts
  /** No alert opens in it any more on windows that ended before. Epoch ms. */
  settled(): number
}

/** What the evaluation of one monitor version goes by, and what it remembers from window to window. */
export class Memory {
  readonly collector: Collector
  /** Panes of this monitor version; a window that has others too cannot be judged. */
  readonly ranges = new PaneRanges()
  readonly alerts = new SeriesAlerts()
  /** By series, as alerts. */
  readonly histories = new Map<string, History>()
  /** End of the newest window of each model version. */
  readonly versions = new Map<string, number>()
  readonly rows = new RowCounts()
  readonly incidents: Incidents
  readonly flapping = new Flapping()
  /** Of the lanes that there are. */
  readonly related: Related[] = []
  readonly judges = new Judges()
  gathered: Gathered | null = null
  reported: EvaluationState['reported'] = { late: 0, rejected: 0, read: 0 }
  #seasonOf: { readonly monitor: Monitor; readonly season: Season } | null = null

  constructor(
    public monitor: Monitor,
    readonly around: Surroundings,
  ) {
    this.collector = new Collector(monitor.window)
    this.incidents = new Incidents(around)
  }

  /** Of the monitor as it is: its hash may change while it runs. */
  get season(): Season {
    if (this.#seasonOf?.monitor !== this.monitor)
      this.#seasonOf = { monitor: this.monitor, season: new Season(this.monitor) }
    return this.#seasonOf.season
  }

  state(): Omit<EvaluationState, 'lane' | 'parity' | 'shadow'> {
    return {
      collector: this.collector.state(),
      ...this.alerts.state(),
      histories: [...this.histories].map(([key, history]) => ({ key, history })),
      versions: [...this.versions].map(([version, end]) => ({ version, end })),
      incidents: this.incidents.state(),
      recurrences: this.flapping.state(),
      rows: this.rows.state(),
      activations: this.judges.activations,
      gathered: this.gathered,
      reported: this.reported,
    }
  }

  restore(state: Omit<EvaluationState, 'lane' | 'parity' | 'shadow'>): void {
    this.collector.restore(state.collector)
    this.alerts.restore(state)
    for (const { key, history } of state.histories) this.histories.set(key, history)
    for (const { version, end } of state.versions) this.versions.set(version, end)
    this.incidents.restore(state.incidents)
    this.flapping.restore(state.recurrences)
    this.rows.restore(state.rows)
    this.judges.restore(state.activations)
    this.gathered = state.gathered
    this.reported = state.reported
  }
}
