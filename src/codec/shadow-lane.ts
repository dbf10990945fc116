import type { ShadowLaneState } from '../core/shadow/lane.js'
import { type AlertRecord, alertRecords, alertStates } from './alert-entry.js'
import { type OperatorsRecord, operatorState, operatorsRecord } from './operators.js'
import { plain } from './plain.js'

/** As the lane of two versions lies in schemas/state.avsc: the collector's and the alerts' halves side by side with the rest. */
export type ShadowLaneRecord = ShadowLaneState['collector'] &
  Pick<ShadowLaneState, 'runs' | 'bothTo'> & {
    readonly alerts: readonly AlertRecord[]
    readonly resolved: readonly AlertRecord[]
    readonly operators: OperatorsRecord
  }

export function shadowLaneRecord({ collector, alerts, runs, bothTo }: ShadowLaneState): ShadowLaneRecord {
  return {
    ...{ ...collector, runs, bothTo },
    ...{ alerts: alertRecords(alerts.alerts), resolved: alertRecords(alerts.resolved) },
    operators: operatorsRecord(alerts.operators),
  }
}

export function shadowLaneState(record: ShadowLaneRecord): ShadowLaneState {
  const { alerts, resolved, operators, runs, bothTo, ...collector } = record
  return {
    ...{ collector: plain(collector), runs: plain(runs), bothTo },
    alerts: { alerts: alertStates(alerts), resolved: alertStates(resolved), operators: operatorState(operators) },
  }
}
