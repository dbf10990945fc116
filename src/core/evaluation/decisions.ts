import type { AlertEvent, VerdictEvent } from '../alert/event.js'
import type { IncidentEvent } from '../alert/incident-event.js'
import type { baselineOf } from '../baseline/first-windows.js'
import type { PerformanceEvent } from '../performance/event.js'

/** What the windows that a message closes come to. */
export interface Decisions {
  readonly verdicts: VerdictEvent[]
  readonly performances: PerformanceEvent[]
  readonly alerts: AlertEvent[]
  readonly incidents: IncidentEvent[]
  /** A baseline made of the first windows, to be published and activated. */
  readonly born: ReturnType<typeof baselineOf>[]
}

export function noDecisions(): Decisions {
  return { verdicts: [], performances: [], alerts: [], incidents: [], born: [] }
}
