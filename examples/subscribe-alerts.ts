/**
 * Acts on what Driftline sees: pages somebody once an incident, notes its alerts.
 *
 *     KAFKA_BROKERS=localhost:9092 SCHEMA_REGISTRY_URL=http://localhost:8081/apis/ccompat/v7 npx tsx examples/subscribe-alerts.ts
 */
// In a service of your own: import { subscribe } from 'driftline'
import { type AlertEvent, type IncidentEvent, subscribe } from '../src/client/index.js'

const { KAFKA_BROKERS = 'localhost:9092', SCHEMA_REGISTRY_URL, ALERTS_TOPIC, GROUP } = process.env

const subscription = subscribe(
  {
    brokers: KAFKA_BROKERS.split(','),
    groupId: GROUP ?? 'alerts-to-the-pager',
    topic: ALERTS_TOPIC ?? 'driftline.alerts',
    ...(SCHEMA_REGISTRY_URL && { registryUrl: SCHEMA_REGISTRY_URL }),
    from: 'earliest',
    where: { severity: ['warn', 'major', 'critical'] },
    onError: error => console.error(error.message),
    onRecovery: message => console.error(message),
  },
  // Throw, and the same alert comes again after a pause. After a crash the last ones come again: let the work bear repeating.
  {
    onIncident: async (incident, { attempt }) => {
      if (incident.status === 'firing' && incident.severity !== 'warn') await page(incident, attempt)
    },
    onAlert: async alert => {
      if (alert.status === 'resolved') await close(alert)
      else await note(alert)
    },
  },
)

async function page({ summary, suggestedAction, monitor }: IncidentEvent, attempt: number): Promise<void> {
  console.log(`PAGE    ${summary} (${suggestedAction}; ${monitor.runbook ?? 'no runbook'}; attempt ${attempt})`)
}

async function note(alert: AlertEvent): Promise<void> {
  console.log(`NOTE    ${alert.summary}`)
}

async function close(alert: AlertEvent): Promise<void> {
  console.log(`CLOSED  ${alert.series.feature}: ${alert.reason}`)
}

await subscription.ready
console.log('subscribed; Ctrl-C ends')
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void subscription.close())
