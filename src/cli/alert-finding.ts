import type { AlertEvent } from '../core/alert/event.js'
import { DriftlineError } from '../core/error.js'
import { readEvents } from './event-reading.js'
import { untilStopped } from './until-stopped.js'

/**
 * The events of each alert, in order, each once.
 * @param ids alert ids, or their beginnings
 * @returns in the order of `ids`; null where no alert begins so
 */
export async function findAlerts(topic: string, ids: readonly string[]): Promise<(readonly AlertEvent[] | null)[]> {
  const found = new Map<string, Map<number, AlertEvent>>()
  const onEvent = (one: { type: string; event: unknown }): void => {
    const alert = one.event as AlertEvent
    if (one.type !== 'alert' || !ids.some(id => alert.alertId.startsWith(id))) return
    const its = found.get(alert.alertId) ?? new Map<number, AlertEvent>()
    found.set(alert.alertId, its.set(alert.sequence, alert))
  }
  await untilStopped(signal =>
    readEvents({ topic, start: 'earliest', follow: false, signal, matches: () => true, onEvent }),
  )
  return ids.map(id => {
    const [first, ...others] = [...found.keys()].filter(alertId => alertId.startsWith(id))
    if (first === undefined) return null
    if (others.length === 0 || found.has(id))
      return [...found.get(found.has(id) ? id : first)!.values()].sort((a, b) => a.sequence - b.sequence)
    throw new DriftlineError(
      'bad-input',
      `${1 + others.length} alerts begin with ${id}: ${[first, ...others].join(', ')}; write more of the id`,
    )
  })
}

export function unknownAlert(topic: string, id: string): DriftlineError {
  return new DriftlineError(
    'bad-input',
    `no alert with the id ${id} in "${topic}"; \`driftline alerts list\` shows those there are`,
  )
}
