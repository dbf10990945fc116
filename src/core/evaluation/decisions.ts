import type { AlertEvent, VerdictEvent } from '../alert/event.js'
import type { IncidentEvent } from '../alert/incident-event.js'
import type { baselineOf } from '../baseline/first-windows.js'

/** What the windows that a message closes come to. */
export interface Decisions {
  readonly verdicts: VerdictEvent[]
  readonly alerts: AlertEvent[]
  readonly incidents: IncidentEvent[]
  /** A baseline made of the first windows, to be published and activated. */
  readonly born: ReturnType<typeof baselineOf>[]
}

export function noDecisions(): Decisions {
  return { verdicts: [], alerts: [], incidents: [], born: [] }
}
