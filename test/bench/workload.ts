import avsc from 'avsc'
import type { Monitor } from '../../src/core/monitor.js'
import { PLAIN_SERVING } from '../monitors.js'

/**
 * The workload that every contender is measured on: served feature records of one model, 277 bytes each, with 20 nullable doubles from normal
 * to heavy-tailed, rounded and zero-inflated, and 4 nullable categories of 8 to 200 values. Seeded: the same bytes in every run.
 */
export const WINDOWS = 60
export const WINDOW_MS = 60_000
export const START_MS = Date.UTC(2026, 0, 5)
export const SCHEMA_ID = 7
export const NUMERIC = Array.from({ length: 20 }, (_, i) => `n${String(i + 1).padStart(2, '0')}`)
export const CATEGORICAL = ['c1', 'c2', 'c3', 'c4'] as const
export const CATEGORIES = [8, 25, 70, 200] as const

export const SCHEMA = {
  type: 'record',
  name: 'Served',
  namespace: 'bench',
  fields: [
    { name: 'requestId', type: 'string' },
    { name: 'entityId', type: 'string' },
    { name: 'eventTime', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'model', type: 'string' },
    { name: 'modelVersion', type: 'string' },
    {
      name: 'features',
      type: {
        type: 'record',
        name: 'Features',
        fields: [
          ...NUMERIC.map(name => ({ name, type: ['null', 'double'] })),
          ...CATEGORICAL.map(name => ({ name, type: ['null', 'string'] })),
        ],
      },
    },
  ],
}

/** The mapping that reads it; what concerns windows and alerts is left to the caller. */
export const SERVING: Monitor['serving'] = {
  ...PLAIN_SERVING,
  topic: 'bench-features',
  where: [{ path: ['model'], equals: 'credit-risk' }],
  version: ['modelVersion'],
  fixedVersion: 'unversioned',
}

/** Uniform in [0, 1) with 32 bits (mulberry32). */
export function uniform(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function numericDraws(u: () => number): { draw: () => number; nulls: number }[] {
  const normal = () => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u())
  const exponential = () => -Math.log(1 - u())
  const kinds = [
    () => normal(),
    () => 35 + 12 * normal(),
    () => Math.exp(3 + normal()),
    () => exponential() * 40,
    () => u(),
    () => (u() < 0.6 ? 0 : Math.exp(normal())),
    () => Math.floor(exponential() * 4),
    () => Math.round(Math.exp(4 + normal()) * 100) / 100,
    () => (u() < 0.3 ? -4 : 4) + normal(),
    () => (1 - u()) ** (-1 / 1.5),
  ]
  return NUMERIC.map((_, i) => ({ draw: kinds[i % kinds.length]!, nulls: [0, 0.01, 0.05, 0.1][i % 4]! }))
}

export interface WorkloadRecord {
  /** Of four; it follows the entity. */
  readonly partition: number
  /** Confluent wire format. */
  readonly value: Buffer
  readonly time: number
}

export function* records(count: number, seed = 20260105): Generator<WorkloadRecord> {
  const u = uniform(seed)
  const numeric = numericDraws(u)
  const type = avsc.Type.forSchema(SCHEMA as avsc.Schema)
  const scratch = Buffer.alloc(1024)
  const hex = (n: number) =>
    Math.floor(n * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  for (let i = 0; i < count; i++) {
    const entity = Math.floor(u() ** 2 * 200_000)
    const late = Math.min(5000, -Math.log(1 - u()) * 400)
    const features: Record<string, unknown> = {}
    NUMERIC.forEach((name, f) => {
      features[name] = u() < numeric[f]!.nulls ? null : numeric[f]!.draw()
    })
    CATEGORICAL.forEach((name, f) => {
      features[name] = u() < 0.02 ? null : `v${Math.floor(u() ** 3 * CATEGORIES[f]!)}`
    })
    const id = hex(u()) + hex(u()) + hex(u()) + hex(u())
    const time = START_MS + Math.max(0, Math.floor((i * WINDOWS * WINDOW_MS) / count - late))
    scratch.writeUInt8(0, 0)
    scratch.writeUInt32BE(SCHEMA_ID, 1)
    const event = {
      requestId: `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-a${id.slice(17, 20)}-${id.slice(20)}`,
      entityId: `customer-${entity}`,
      eventTime: time,
      model: 'credit-risk',
      modelVersion: '2026-01-02',
      features,
    }
    const end = type.encode(event, scratch, 5)
    yield { partition: Math.imul(entity, 0x9e3779b1) >>> 30, value: Buffer.from(scratch.subarray(0, end)), time }
  }
}
