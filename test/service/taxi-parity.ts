import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parseMonitor } from '../../src/config/monitor.js'
import type { Monitor } from '../../src/core/monitor.js'
import type { OutgoingRecord } from '../../src/core/ports.js'
import { type Random, seeded } from '../random.js'
import { data } from '../shared-data.js'

export const DAY = 86_400_000
/** A Monday. */
export const T0 = Date.UTC(2026, 0, 5)

type Values = Record<string, number | string | null>

/** Served values of one taxi on one day, and what the offline job says. */
export interface Trip {
  readonly id: string
  readonly taxi: string
  readonly time: number
  readonly served: Values
  readonly offline: Values
}

const NUMBERS = ['fare', 'trip_miles', 'tips', 'trip_seconds']

export function taxiMonitor(offline: object = {}, rest: object = {}): Monitor {
  const file = {
    apiVersion: 'driftline/v1',
    model: 'taxi',
    serving: {
      ...{ topic: 'trips', format: 'json', key: 'id', entity: 'taxi', time: 'at', features: 'features.*' },
      ...{ idleAfter: '10m', maxAhead: '60d' },
    },
    offline: { topic: 'offline', format: 'json', key: 'id', time: 'at', features: 'features.*', ...offline },
    window: { size: '1d', grace: '1h' },
    ...rest,
  }
  const { monitors, faults } = parseMonitor(JSON.stringify(file), 'taxi.yaml')
  if (monitors[0] === undefined) throw new Error(JSON.stringify(faults))
  return monitors[0]
}

/** Rows of the Chicago taxi data that have all of the columns. */
function taxiRows(): Values[] {
  const [head, ...lines] = gunzipSync(readFileSync(data('chicago_taxi.csv.gz')))
    .toString()
    .trim()
    .split('\n')
  const names = head!.split(',')
  return lines.flatMap(line => {
    const cells = line.split(',')
    if (cells.length !== names.length) return []
    const cell = (name: string): string => cells[names.indexOf(name)]!
    if ([...NUMBERS, 'payment_type'].some(name => cell(name) === '')) return []
    return [{ ...Object.fromEntries(NUMBERS.map(n => [n, Number(cell(n))])), payment_type: cell('payment_type') }]
  })
}

/** What becomes of an offline value; yesterday's is undefined on the first day. */
export type Fault = (value: number | string | null, yesterday: number | string | null | undefined) => typeof value

export const FAULTS = {
  lag: ((value, yesterday) => (yesterday === undefined ? value : yesterday)) as Fault,
  unit: (value => (value as number) * 1.609344) as Fault,
  truncation: (value => Math.trunc(value as number)) as Fault,
  imputation: (() => 600) as Fault,
}

/** The faults of the offline values, by feature: which, and of which share of the rows. */
export type Faults = Readonly<Record<string, { readonly code: keyof typeof FAULTS; readonly share: number }>>

export interface Fleet {
  readonly seed: number
  readonly taxis: number
  readonly days: number
  readonly faults: Faults
}

/** One trip a taxi and day, by time. */
export function fleet({ seed, taxis, days, faults }: Fleet): Trip[] {
  const random: Random = seeded(seed)
  const rows = taxiRows()
  const yesterday = new Map<number, Values>()
  return Array.from({ length: taxis * days }, (_, i) => {
    const [day, taxi] = [Math.floor(i / taxis), i % taxis]
    const served = { ...random.pick(rows) }
    const before = yesterday.get(taxi)
    const offline = { ...served }
    for (const [name, { code, share }] of Object.entries(faults))
      if (random.chance(share)) offline[name] = FAULTS[code](served[name]!, before?.[name])
    yesterday.set(taxi, served)
    const time = T0 + day * DAY + Math.floor((taxi * DAY) / taxis)
    return { id: `${taxi}-${day}`, taxi: `t${taxi}`, time, served, offline }
  })
}

export function servedRecord({ id, taxi, time, served }: Trip, partition: number): OutgoingRecord {
  return { key: id, partition, value: Buffer.from(JSON.stringify({ id, taxi, at: time, features: served })) }
}

export function offlineRecord({ id, time, offline }: Pick<Trip, 'id' | 'time' | 'offline'>, partition: number) {
  return { key: id, partition, value: Buffer.from(JSON.stringify({ id, at: time, features: offline })) }
}
