import { csv, HOUR, MINUTE, type Ride } from '../../service/rides.js'

/** Labels, offline values and a shadow, each on a topic of its own. */
export const MONITOR = `
apiVersion: driftline/v1
model: rides
task: { type: binary }
serving: { topic: serving-features, format: json, key: requestId, time: eventTime, version: modelVersion, features: "features.*", prediction: score, idleAfter: 10m }
labels: { topic: labels, format: json, key: requestId, time: labelledAt, value: paid, horizon: 2h }
offline: { topic: offline-features, format: json, key: requestId, time: eventTime, features: "features.*", horizon: 2h }
shadow: { champion: v1, challenger: v2, within: 10m }
window: { size: 1h, grace: 5m, minRows: 100 }
`

export function trainingOf(rides: readonly Ride[]): string {
  return withColumn(csv(rides), 'score', scoreOf)
}

/** Each request also by the next version, a minute later. */
export function servedOf(rides: readonly Ride[]): string {
  const both = rides.flatMap(ride => [ride, { ...ride, modelVersion: 'v2', eventTime: ride.eventTime + MINUTE }])
  return withColumn(csv(both), 'score', row => scoreOf(Math.floor(row / 2)))
}

export function labelsOf(rides: readonly Ride[]): string {
  const lines = rides.map(({ requestId, eventTime }, i) => [requestId, eventTime + HOUR, scoreOf(i) > 0.4 ? 1 : 0])
  return [['requestId', 'labelledAt', 'paid'], ...lines].map(cells => cells.join()).join('\n')
}

export function offlineOf(rides: readonly Ride[]): string {
  return csv(rides)
}

function scoreOf(row: number): number {
  return (row % 100) / 100
}

function withColumn(text: string, name: string, value: (row: number) => number): string {
  const [head, ...lines] = text.split('\n')
  return [`${head},${name}`, ...lines.map((line, row) => `${line},${value(row)}`)].join('\n')
}
