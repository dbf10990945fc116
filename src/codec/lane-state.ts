import type { LaneState } from '../core/performance/lane-state.js'
import type { Measure } from '../core/performance/measure.js'
import type { PastValue, SeriesState } from '../core/performance/reference.js'
import { type AlertRecord, alertRecords, alertStates } from './alert-entry.js'
import { type OperatorsRecord, operatorState, operatorsRecord } from './operators.js'
import { packDoubles, unpackDoubles } from './packed.js'
import { plain } from './plain.js'
import { type ScoresRecord, scoreState, scoresRecord } from './scores.js'

interface SeriesRecord extends Pick<SeriesState, 'key' | 'until'> {
  /** The measures of each past window: their values and errors are the columns. */
  readonly names: readonly string[]
  readonly past: Uint8Array
  readonly first: {
    readonly windows: number
    readonly scores: ScoresRecord
    readonly measures: readonly Measure[]
  } | null
}

/** As the lane lies in schemas/state.avsc: the collector's and the alerts' halves side by side with the rest. */
export interface LaneRecord extends Pick<LaneState, 'windows' | 'courses'> {
  readonly boundary: number
  readonly closeTo: number
  readonly expired: number
  readonly sources: LaneState['collector']['sources']
  readonly gaps: LaneState['collector']['gaps']
  readonly exceptions: LaneState['collector']['exceptions']
  readonly left: LaneState['collector']['left']
  readonly alerts: readonly AlertRecord[]
  readonly resolved: readonly AlertRecord[]
  readonly operators: OperatorsRecord
  readonly series: readonly SeriesRecord[]
}

export function laneRecord({ collector, alerts, windows, courses, series }: LaneState): LaneRecord {
  return {
    ...{ ...collector, windows, courses, series: series.map(seriesRecord) },
    ...{ alerts: alertRecords(alerts.alerts), resolved: alertRecords(alerts.resolved) },
    operators: operatorsRecord(alerts.operators),
  }
}

export function laneState(record: LaneRecord): LaneState {
  const { alerts, resolved, operators, windows, courses, series, ...collector } = record
  return {
    ...{
      collector: plain(collector),
      windows: plain(windows),
      courses: plain(courses),
      series: series.map(seriesState),
    },
    alerts: { alerts: alertStates(alerts), resolved: alertStates(resolved), operators: operatorState(operators) },
  }
}

function seriesRecord({ past, first, ...series }: SeriesState): SeriesRecord {
  const names = [...new Set(past.flatMap(values => values.map(({ name }) => name)))]
  const cells = past.flatMap(values =>
    names.flatMap(name => {
      const { value, error } = values.find(one => one.name === name) ?? { value: Number.NaN, error: Number.NaN }
      return [value, error]
    }),
  )
  return {
    ...{ ...series, names, past: packDoubles(Float64Array.from(cells)) },
    first: first && { ...first, scores: scoresRecord(first.scores) },
  }
}

function seriesState({ names, past, first, ...series }: SeriesRecord): SeriesState {
  const cells = unpackDoubles(past)
  const width = 2 * names.length
  const windows = Array.from({ length: width === 0 ? 0 : cells.length / width }, (_, w) =>
    names.flatMap((name, i): PastValue[] => {
      const [value, error] = [cells[w * width + 2 * i], cells[w * width + 2 * i + 1]]
      return Number.isNaN(value) ? [] : [{ name: name as PastValue['name'], value, error }]
    }),
  )
  const { windows: count, scores, measures } = first ?? { windows: 0, scores: null, measures: [] }
  return {
    ...{ key: series.key, until: series.until, past: windows },
    first: scores && { windows: count, scores: scoreState(scores), measures: plain(measures) },
  }
}
