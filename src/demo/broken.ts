import { MODEL } from './ride.js'

/** Values of records that the line has to reject, one way of breaking each (CONTRACTS, "What becomes of bad records"). */
const WAYS: readonly ((key: string, time: number) => string | null)[] = [
  () => null,
  () => 'ride-pricing: connection reset by peer',
  (key, time) => event(key, time).slice(0, 60),
  (_, time) => event(null, time),
  key => event(key, null),
  key => event(key, 'yesterday'),
  (key, time) => event(key, Math.floor(time / 1000)),
]

/** @param draw in [0, 1): which way */
export function broken(draw: number, key: string, time: number): Uint8Array | null {
  const text = WAYS[Math.floor(draw * WAYS.length)](key, time)
  return text === null ? null : Buffer.from(text)
}

function event(requestId: string | null, eventTime: number | string | null): string {
  return JSON.stringify({ requestId, eventTime, model: MODEL, modelVersion: 'v1', score: 0.5, features: { surge: 1 } })
}
