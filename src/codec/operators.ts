import type { LastSeen } from '../core/alert/ended.js'
import type { OperatorState } from '../core/alert/operators.js'
import type { OperatorPart } from '../core/alert/telling.js'
import { plain } from './plain.js'

/** As schemas/operators.avsc has it: both halves of an alert side by side. */
export interface OperatorsRecord extends Omit<OperatorState, 'alerts'> {
  readonly alerts: readonly (OperatorPart & LastSeen)[]
}

export function operatorsRecord({ alerts, ...state }: OperatorState): OperatorsRecord {
  return { ...state, alerts: alerts.map(({ part, last }) => ({ ...part, ...last })) }
}

export function operatorState(record: OperatorsRecord): OperatorState {
  const { alerts, ...state } = plain(record)
  return {
    ...state,
    alerts: alerts.map(({ acked, withheld, untold, owed, ...last }) => ({
      part: { acked, withheld, untold, owed },
      // Only judged windows are told of, and those have no gaps.
      last: { ...last, window: { ...last.window, gaps: [] } },
    })),
  }
}
