import type { IncidentState } from '../core/alert/incident-state.js'
import type { Activation } from '../core/baseline/baseline.js'
import type { Gathered } from '../core/baseline/first-windows.js'
import type { EvaluationState } from '../core/evaluation/memory.js'
import type { OutgoingRecord } from '../core/ports.js'
import type { CollectorState } from '../core/window/collector.js'
import { type AlertRecord, alertRecords, alertStates } from './alert-entry.js'
import { type LaneRecord, laneRecord, laneState } from './lane-state.js'
import { type OperatorsRecord, operatorState, operatorsRecord } from './operators.js'
import { type ParityLaneRecord, parityLaneRecord, parityLaneState } from './parity-lane.js'
import { RecordType } from './record-type.js'
import { type ShadowLaneRecord, shadowLaneRecord, shadowLaneState } from './shadow-lane.js'
import { type SketchRecord, sketchRecord, sketchState } from './sketch.js'

/** The decision state of one monitor version, after all messages of its panes partition below `position`. */
export interface SavedState {
  readonly model: string
  readonly monitor: string
  readonly position: number
  /**
   * Offset from which a restart reads: the parts that the state counts are not in it. The commit says so too, but another owner, who was further,
   * may have committed last and this one have written last. −1 where the writer did not tell.
   */
  readonly oldest: number
  /** Without the histories, which have records of their own (`history.ts`): every window adds to them, and they are large. */
  readonly state: Omit<EvaluationState, 'histories'>
}

/** Flat, as schemas/state.avsc has it. */
interface StateRecord extends CollectorState {
  model: string
  monitor: string
  position: number
  oldest: number
  alerts: AlertRecord[]
  resolved: AlertRecord[]
  incidents: (Omit<IncidentState, 'peak'> & { peakAlerts: number; peakWindowEnd: number })[]
  operators: OperatorsRecord
  recurrences: EvaluationState['recurrences']
  versions: EvaluationState['versions']
  rows: EvaluationState['rows']
  activations: readonly Activation[]
  gathered: (Omit<Gathered, 'sketches'> & { sketches: readonly SketchRecord[] }) | null
  reportedLate: number
  reportedRejected: number
  reportedRead: number
  lane: LaneRecord | null
  parity: ParityLaneRecord | null
  shadow: ShadowLaneRecord | null
}

const STATE = new RecordType<StateRecord>(
  [
    'history/state-1.avsc',
    'history/state-2.avsc',
    'history/state-3.avsc',
    'history/state-4.avsc',
    'history/state-5.avsc',
    'history/state-6.avsc',
    'state.avsc',
  ],
  ['sketch.avsc', 'answer.avsc', 'operators.avsc', 'scores.avsc'],
)

/** The record for driftline.state. */
export function encodeState({ model, monitor, position, oldest, state }: SavedState): OutgoingRecord {
  const { collector, alerts, resolved, versions, incidents, operators, rows, activations, gathered, reported } = state
  const { lane, parity, recurrences, shadow } = state
  const record: StateRecord = {
    model,
    monitor,
    position,
    oldest,
    ...collector,
    alerts: alertRecords(alerts),
    resolved: alertRecords(resolved),
    incidents: incidents.map(({ peak, ...incident }) => ({
      ...incident,
      peakAlerts: peak.alerts,
      peakWindowEnd: peak.windowEnd,
    })),
    operators: operatorsRecord(operators),
    recurrences,
    versions,
    rows,
    activations,
    gathered: gathered && { ...gathered, sketches: gathered.sketches.map(sketchRecord) },
    reportedLate: reported.late,
    reportedRejected: reported.rejected,
    reportedRead: reported.read,
    lane: lane && laneRecord(lane),
    parity: parity && parityLaneRecord(parity),
    shadow: shadow && shadowLaneRecord(shadow),
  }
  return {
    key: `${model}/${monitor}`,
    value: STATE.encode(record),
    headers: { 'schema-version': String(STATE.version) },
  }
}

/** Null for what cannot be read: the model is then judged from the parts that the log still has. */
export function decodeState(bytes: Uint8Array, version: number): SavedState | null {
  const record = STATE.decode(bytes, version)
  if (record === null) return null
  const {
    model,
    monitor,
    position,
    oldest,
    alerts,
    resolved,
    incidents,
    operators,
    recurrences,
    versions,
    rows,
    activations,
    gathered,
    reportedLate,
    reportedRejected,
    reportedRead,
    lane,
    parity,
    shadow,
    ...collector
  } = record
  const open = incidents.map(({ peakAlerts, peakWindowEnd, ...incident }) => ({
    ...incident,
    peak: { alerts: peakAlerts, windowEnd: peakWindowEnd },
  }))
  const reported = { late: reportedLate, rejected: reportedRejected, read: reportedRead }
  const sketched = gathered && { ...gathered, sketches: gathered.sketches.map(sketchState) }
  return {
    model,
    monitor,
    position,
    oldest,
    state: {
      ...{
        collector,
        alerts: alertStates(alerts),
        resolved: alertStates(resolved),
        incidents: open,
        operators: operatorState(operators),
        recurrences,
      },
      ...{ versions, rows, activations, gathered: sketched, reported, lane: lane && laneState(lane) },
      parity: parity && parityLaneState(parity),
      shadow: shadow && shadowLaneState(shadow),
    },
  }
}
