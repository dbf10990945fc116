import { createTopicReader } from '../../src/codec/topic-reader.js'
import { parseMonitor } from '../../src/config/monitor.js'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import { BaselineBuilder } from '../../src/core/baseline/build.js'
import type { Monitor } from '../../src/core/monitor.js'
import { type OutgoingRecord, READ } from '../../src/core/ports.js'
import { Layout, Row } from '../../src/core/row.js'
import { contentHash } from '../../src/service/content-hash.js'
import { type Random, seeded } from '../random.js'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
/** A Monday. */
export const T0 = Date.UTC(2026, 0, 5)

/** A served event as it is sent. */
export interface Ride {
  requestId: string | number | null
  eventTime: number
  model: string
  modelVersion: string
  features: Record<string, unknown>
}

export type Features = Record<string, unknown>

/** Numbers, zeros, whole numbers, labels and booleans, as training saw them. */
export function usual(random: Random): Features {
  return {
    fare: Math.round(100 * Math.exp(2 + 0.5 * random.normal())) / 100,
    tolls: random.chance(0.6) ? 0 : 1 + 4 * random.next(),
    stops: random.integer(0, 12),
    payment: random.pick(['cash', 'cash', 'cash', 'card', 'card', 'app']),
    airport: random.chance(0.2),
    tip: random.chance(0.1) ? null : Math.max(0, 2 + random.normal()),
  }
}

export interface Flow {
  readonly seed: number
  readonly from: number
  readonly hours: number
  readonly perHour: number
  readonly features?: (random: Random, time: number) => Features
  readonly model?: string
  readonly version?: (random: Random, time: number) => string
}

/** Rides in time order, spread evenly. */
export function rides(flow: Flow): Ride[] {
  const { seed, from, hours, perHour, features = usual, model = 'rides', version = () => 'v1' } = flow
  const random = seeded(seed)
  return Array.from({ length: hours * perHour }, (_, i) => {
    const eventTime = Math.floor(from + (i * HOUR) / perHour)
    return {
      requestId: `r${seed}-${i}`,
      eventTime,
      model,
      modelVersion: version(random, eventTime),
      features: features(random, eventTime),
    }
  })
}

export function record(ride: object, partition?: number): OutgoingRecord {
  const { requestId } = ride as Partial<Ride>
  return {
    key: requestId == null ? null : String(requestId),
    value: Buffer.from(JSON.stringify(ride)),
    ...(partition === undefined ? {} : { partition }),
  }
}

const FIELDS = ['fare', 'tolls', 'stops', 'payment', 'airport', 'tip']

/** As a file with a head. */
export function csv(all: readonly Ride[]): string {
  const rows = all.map(({ requestId, eventTime, modelVersion, features }) =>
    [requestId, eventTime, modelVersion, ...FIELDS.map(name => features[name] ?? '')].join(),
  )
  return [['requestId', 'eventTime', 'modelVersion', ...FIELDS].join(), ...rows].join('\n')
}

/** The monitor of these fields of a monitor file. */
interface Fields {
  readonly serving?: object
  readonly window?: object
  readonly [field: string]: unknown
}

/** As the monitor's file has it. */
export function monitorText(fields: Fields = {}): string {
  return JSON.stringify({
    apiVersion: 'driftline/v1',
    model: 'rides',
    segments: { payment: { top: 2 } },
    ...fields,
    serving: {
      topic: 'rides',
      format: 'json',
      key: 'requestId',
      time: 'eventTime',
      version: 'modelVersion',
      ...fields.serving,
    },
    window: { size: '1h', grace: '5m', reviseFor: '1h', minRows: 100, ...fields.window },
  })
}

export function monitorOf(fields: Fields = {}): Monitor {
  const { monitors, faults } = parseMonitor(monitorText(fields), `${fields['model'] ?? 'rides'}.yaml`)
  if (faults.length > 0) throw new Error(JSON.stringify(faults))
  return monitors[0]!
}

export interface Trained {
  readonly version?: number
  readonly modelVersion?: string | null
  readonly from?: number | null
  readonly features?: (random: Random, time: number) => Features
  readonly rows?: number
  /** 60 unless told. */
  readonly perHour?: number
  readonly seed?: number
  /** Whether the rows have their times, from which the baseline learns a history: launch is what most tests are about. */
  readonly dated?: boolean
}

/** A baseline for the monitor of such rides, through the line's own reader. */
export function trained(monitor: Monitor, options: Trained = {}): Baseline {
  const {
    version = 1,
    modelVersion = null,
    from = null,
    features = usual,
    rows = 4000,
    perHour = 60,
    seed = 1000,
    dated = false,
  } = options
  const layout = new Layout(true, 500)
  const reader = createTopicReader({
    monitors: [{ monitor: { ...monitor, serving: { ...monitor.serving, format: 'json', where: [] } }, layout }],
    schemas: null,
    maxBytes: 1 << 20,
  })
  const builder = new BaselineBuilder(monitor, layout, {
    version,
    modelVersion,
    source: 'training',
    loadedAt: T0,
    from,
  })
  const row = new Row(layout)
  const hours = rows / perHour
  const flow = { seed, from: T0 - hours * HOUR, hours, perHour, features }
  const values = rides(flow).map(ride => record(ride).value!)
  for (const end of [() => builder.freeze(), () => {}]) {
    for (const value of values) {
      if (reader.read(value, 0, row) !== READ) continue
      if (!dated) row.time = T0
      builder.observe(row)
    }
    end()
  }
  return builder.finish(contentHash)
}

/** Each a little away from its place: never by more than grace in event time. */
export function shuffledWithin(all: readonly Ride[], graceMs: number, random: Random): Ride[] {
  const places = new Map(all.map(ride => [ride, ride.eventTime + graceMs * random.next()]))
  return [...all].sort((a, b) => places.get(a)! - places.get(b)!)
}
