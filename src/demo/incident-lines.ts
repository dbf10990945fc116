import type { Colors } from 'picocolors/types.js'
import { isOver } from '../core/alert/event.js'
import type { IncidentEvent } from '../core/alert/incident-event.js'
import { clock, duration, plural } from './words.js'

/**
 * An incident event as a line above the alerts that belong to it; none while it merely goes on.
 *
 *     Mon 05:00  ◆ incident  v1  critical  trip_km: values ≥ 31.2 rose from 1 % to 99 % (3 alerts opened)
 */
export function incidentLines(incident: IncidentEvent, c: Colors): string[] {
  const { window, status, severity, modelVersion, summary, reason, durationMs, alertCount } = incident
  const head = [clock(window.end), c.magenta(c.bold('◆ incident')), modelVersion, severity.padEnd(8)]
  if (isOver(status))
    head.push(c.green(status), c.dim(`${summary}: ${plural(alertCount, 'alert')}, it lasted ${duration(durationMs)}`))
  else head.push(summary, c.dim(`(${reason})`))
  return [head.join('  ')]
}
