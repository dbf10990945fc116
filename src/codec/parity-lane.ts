import type { ParityLaneState } from '../core/parity/lane.js'
import { type AlertRecord, alertRecords, alertStates } from './alert-entry.js'
import { type OperatorsRecord, operatorState, operatorsRecord } from './operators.js'
import { plain } from './plain.js'

/** As the lane of parity lies in schemas/state.avsc: the collector's and the alerts' halves side by side. */
export type ParityLaneRecord = ParityLaneState['collector'] &
  Pick<ParityLaneState, 'decided'> & {
    readonly alerts: readonly AlertRecord[]
    readonly resolved: readonly AlertRecord[]
    readonly operators: OperatorsRecord
  }

export function parityLaneRecord({ collector, alerts, decided }: ParityLaneState): ParityLaneRecord {
  return {
    ...{ ...collector, decided },
    ...{ alerts: alertRecords(alerts.alerts), resolved: alertRecords(alerts.resolved) },
    operators: operatorsRecord(alerts.operators),
  }
}

export function parityLaneState(record: ParityLaneRecord): ParityLaneState {
  const { alerts, resolved, operators, decided, ...collector } = record
  return {
    ...{ collector: plain(collector), decided: plain(decided) },
    alerts: { alerts: alertStates(alerts), resolved: alertStates(resolved), operators: operatorState(operators) },
  }
}
