/**
 * Sends what a model is served with to Driftline, from the service that scores.
 *
 *     KAFKA_BROKERS=localhost:9092 SCHEMA_REGISTRY_URL=http://localhost:8081/apis/ccompat/v7 npx tsx examples/produce-features.ts
 *
 * Topics: FEATURES_TOPIC and LABELS_TOPIC (serving-features and labels unless told) must be there.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
// In a service of your own: import { createProducer } from 'driftline'
import { createProducer } from '../src/client/index.js'

const { KAFKA_BROKERS = 'localhost:9092', SCHEMA_REGISTRY_URL, FEATURES_TOPIC, LABELS_TOPIC, EVENTS } = process.env

const driftline = createProducer({
  brokers: KAFKA_BROKERS.split(','),
  topic: FEATURES_TOPIC ?? 'serving-features',
  labelsTopic: LABELS_TOPIC ?? 'labels',
  ...(SCHEMA_REGISTRY_URL ? { format: 'avro', registryUrl: SCHEMA_REGISTRY_URL } : { format: 'json' }),
  // Every request; at 0.1 a tenth of them, the same ones in features and labels.
  sampleRate: 1,
  onError: error => console.error(error.message),
  onRecovery: message => console.error(message),
})

/** The scoring path: it never waits for Kafka and never fails because of it. */
function score(features: { trip_miles: number; hour: number; payment_type: string }): {
  requestId: string
  score: number
} {
  const requestId = randomUUID()
  const tip = features.payment_type === 'Cash' ? 0 : 0.2 * features.trip_miles
  driftline.features({ requestId, model: 'taxi-tips', modelVersion: 'v12', eventTime: Date.now(), features })
  return { requestId, score: tip }
}

for (let n = 0; n < Number(EVENTS ?? 2000); n++) {
  const trip_miles = Math.random() < 0.45 ? 0 : Math.round(-30 * Math.log(Math.random())) / 10
  const { requestId } = score({ trip_miles, hour: n % 24, payment_type: Math.random() < 0.76 ? 'Cash' : 'Credit Card' })
  // Some time later, when it is known what came of it.
  driftline.labels({ requestId, model: 'taxi-tips', labelledAt: Date.now(), value: Math.random() < 0.3 })
  if (n % 100 === 0) await sleep(10)
}

// On shutdown: what is still buffered gets its chance.
const { features, labels } = await driftline.close({ timeoutMs: 30_000 })
console.log(`features: ${features.sent} of ${features.offered} sent; labels: ${labels?.sent} of ${labels?.offered}`)
process.exitCode = features.sent === features.accepted ? 0 : 1
