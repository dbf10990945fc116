import type { AlertEvent, VerdictEvent } from '../alert/event.js'
import type { IncidentEvent } from '../alert/incident-event.js'
import type { baselineOf } from '../baseline/first-windows.js'
import type { ParityEvent } from '../parity/event.js'
import type { PerformanceEvent } from '../performance/event.js'
import type { ShadowEvent } from '../shadow/event.js'

/** What the windows that a message closes come to. */
export interface Decisions {
  readonly verdicts: VerdictEvent[]
  readonly performances: PerformanceEvent[]
  readonly parities: ParityEvent[]
  readonly shadows: ShadowEvent[]
  readonly alerts: AlertEvent[]
  readonly incidents: IncidentEvent[]
  /** A baseline made of the first windows, to be published and activated. */
  readonly born: ReturnType<typeof baselineOf>[]
  /** There are more of the same window: nothing may come in between, as another version of the monitor. */
  readonly more?: true
}

export function noDecisions(): Decisions {
  return { verdicts: [], performances: [], parities: [], shadows: [], alerts: [], incidents: [], born: [] }
}

/** The verdicts so far of a window, which are taken out; its alerts wait for the incidents that they belong to. */
export function partOf({ verdicts }: Decisions): Decisions {
  return { ...noDecisions(), verdicts: verdicts.splice(0), more: true }
}

/** Without spreading: a window may have more verdicts than a call takes arguments. */
export function addTo(all: Decisions, more: Decisions): void {
  for (const one of more.verdicts) all.verdicts.push(one)
  for (const one of more.performances) all.performances.push(one)
  for (const one of more.parities) all.parities.push(one)
  for (const one of more.shadows) all.shadows.push(one)
  for (const one of more.alerts) all.alerts.push(one)
  for (const one of more.incidents) all.incidents.push(one)
  for (const one of more.born) all.born.push(one)
}
