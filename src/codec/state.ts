import avsc from 'avsc'
import type { AlertState } from '../core/alert/lifecycle.js'
import type { Activation } from '../core/baseline/baseline.js'
import type { EvaluationState } from '../core/evaluate.js'
import type { CollectorState } from '../core/window/collector.js'
import { readSchema } from './schema-file.js'

/** The decision state of one monitor version, after all messages of its panes partition below `position`. */
export interface SavedState {
  readonly model: string
  readonly monitor: string
  readonly position: number
  readonly state: EvaluationState
}

/** Flat, as schemas/state.avsc has it. */
interface StateRecord extends CollectorState {
  model: string
  monitor: string
  position: number
  alerts: (Omit<AlertState, 'peak'> & { key: string; peakValue: number; peakWindowEnd: number })[]
  rows: EvaluationState['rows']
  activations: readonly Activation[]
  reportedLate: number
  reportedRejected: number
}

const type = avsc.Type.forSchema(readSchema('state.avsc') as avsc.Schema)

export function encodeState({ model, monitor, position, state }: SavedState): Uint8Array {
  const { collector, alerts, rows, activations, reported } = state
  const record: StateRecord = {
    model,
    monitor,
    position,
    ...collector,
    alerts: alerts.map(({ key, state: { peak, ...alert } }) => ({
      key,
      ...alert,
      peakValue: peak.value,
      peakWindowEnd: peak.windowEnd,
    })),
    rows,
    activations,
    reportedLate: reported.late,
    reportedRejected: reported.rejected,
  }
  return type.toBuffer(record)
}

export function decodeState(bytes: Uint8Array): SavedState {
  const record = type.fromBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)) as StateRecord
  const { model, monitor, position, alerts, rows, activations, reportedLate, reportedRejected, ...collector } = record
  const restored = alerts.map(({ key, peakValue, peakWindowEnd, ...alert }) => ({
    key,
    state: { ...alert, peak: { value: peakValue, windowEnd: peakWindowEnd } },
  }))
  const reported = { late: reportedLate, rejected: reportedRejected }
  return { model, monitor, position, state: { collector, alerts: restored, rows, activations, reported } }
}
