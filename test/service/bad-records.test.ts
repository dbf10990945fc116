import avsc from 'avsc'
import { describe, expect, it, vi } from 'vitest'
import { DriftlineError } from '../../src/core/error.js'
import type { OutgoingRecord } from '../../src/core/ports.js'
import { HOUR, MINUTE, monitorOf, type Ride, rides, T0, trained } from './rides.js'
import { judged, Site, windowRows } from './site.js'

vi.setConfig({ testTimeout: 30_000 })

/** Records are stamped by the broker; the odd ones come in the middle of the sixth hour. */
const NOW = T0 + 5.5 * HOUR
const PARTITIONS = 2
const LIMIT = 1_048_576

type Outcome = 'aggregated' | 'late' | 'rejected' | 'notSelected'

interface Odd {
  readonly name: string
  readonly value: Uint8Array | null
  readonly outcome: Outcome
  readonly cause?: string
}

/** A ride of the hour that is open now, with these fields; `undefined` takes one out. */
function ride(fields: Record<string, unknown> = {}, features: Record<string, unknown> = {}): Record<string, unknown> {
  const [usual] = rides({ seed: 77, from: NOW - MINUTE, hours: 1, perHour: 1 }) as [Ride]
  const event: Record<string, unknown> = { ...usual, ...fields, features: { ...usual.features, ...features } }
  for (const [name, value] of Object.entries(fields)) if (value === undefined) delete event[name]
  return event
}

/** Every row of CONTRACTS' last table that any format can hold. */
function common(encode: (event: Record<string, unknown>) => Uint8Array): Odd[] {
  const time = (name: string, eventTime: unknown, cause: string): Odd => ({
    name,
    value: encode(ride({ eventTime })),
    outcome: 'rejected',
    cause,
  })
  const feature = (name: string, features: Record<string, unknown>): Odd => ({
    name,
    value: encode(ride({}, features)),
    outcome: 'aggregated',
  })
  return [
    { name: 'nothing wrong', value: encode(ride()), outcome: 'aggregated' },
    { name: 'tombstone', value: null, outcome: 'rejected', cause: 'tombstone' },
    { name: 'no bytes', value: new Uint8Array(0), outcome: 'rejected' },
    { name: 'over the limit', value: Buffer.alloc(LIMIT + 1, 0x20), outcome: 'rejected', cause: 'too-large' },
    { name: '900 kB', value: encode(ride({ requestId: 'x'.repeat(900_000) })), outcome: 'aggregated' },
    { name: 'key null', value: encode(ride({ requestId: null })), outcome: 'rejected', cause: 'key-missing' },
    time('time null', null, 'event-time-missing'),
    time('time unreadable', 'yesterday', 'event-time-unreadable'),
    time('seconds, not milliseconds', Math.floor(NOW / 1000), 'event-time-implausible'),
    time('before 1990', Date.UTC(1989, 11, 31), 'event-time-implausible'),
    time('more than maxAhead ahead', NOW + 11 * MINUTE, 'event-time-implausible'),
    { name: 'ahead, but not too far', value: encode(ride({ eventTime: NOW + 9 * MINUTE })), outcome: 'aggregated' },
    { name: 'late', value: encode(ride({ eventTime: T0 + 1 })), outcome: 'late' },
    {
      name: 'a window closed, still revised',
      value: encode(ride({ eventTime: T0 + 5 * HOUR - 1 })),
      outcome: 'aggregated',
    },
    { name: 'another model', value: encode(ride({ model: 'meals' })), outcome: 'notSelected' },
    feature('wrong type', { fare: true }),
    feature('numeric text', { fare: '12.5' }),
    feature('text', { fare: 'twelve' }),
    feature('beyond 2^53', { fare: 2 ** 53 + 2 }),
    feature('null', { fare: null }),
    { name: 'duplicate request id', value: encode(ride({ requestId: 'twice' })), outcome: 'aggregated' },
    { name: 'duplicate request id again', value: encode(ride({ requestId: 'twice' })), outcome: 'aggregated' },
  ]
}

const json = (event: object): Uint8Array => Buffer.from(JSON.stringify(event))
const bare = (text: string): Uint8Array => Buffer.from(JSON.stringify(ride({}, { fare: 0.125 })).replace('0.125', text))

const inJson: Odd[] = [
  ...common(json),
  { name: 'not JSON', value: Buffer.from('fare=3'), outcome: 'rejected', cause: 'not-json' },
  { name: 'truncated', value: json(ride()).subarray(0, 100), outcome: 'rejected', cause: 'not-json' },
  { name: 'not UTF-8', value: Buffer.from([0xff, 0xfe, 0x00, 0x31]), outcome: 'rejected', cause: 'not-json' },
  { name: 'an array', value: Buffer.from('[]'), outcome: 'rejected', cause: 'not-json' },
  { name: 'key absent', value: json(ride({ requestId: undefined })), outcome: 'rejected', cause: 'key-missing' },
  {
    name: 'time absent',
    value: json(ride({ eventTime: undefined })),
    outcome: 'rejected',
    cause: 'event-time-missing',
  },
  { name: 'NaN', value: bare('NaN'), outcome: 'aggregated' },
  { name: 'infinite', value: bare('-Infinity'), outcome: 'aggregated' },
  { name: 'no features at all', value: json(ride({ features: undefined })), outcome: 'aggregated' },
  { name: 'unknown feature', value: json(ride({}, { wind: 3 })), outcome: 'aggregated' },
]

const number = ['null', 'double', 'long', 'string', 'boolean']
const schema = {
  type: 'record',
  name: 'Ride',
  fields: [
    { name: 'requestId', type: ['null', 'string'] },
    { name: 'eventTime', type: ['null', 'long', 'string'] },
    { name: 'model', type: 'string' },
    { name: 'modelVersion', type: 'string' },
    {
      name: 'features',
      type: {
        type: 'record',
        name: 'Features',
        fields: [
          { name: 'fare', type: number },
          ...['tolls', 'tip'].map(name => ({ name, type: ['null', 'double'] })),
          { name: 'stops', type: 'long' },
          { name: 'payment', type: 'string' },
          { name: 'airport', type: 'boolean' },
        ],
      },
    },
  ],
}
const later = structuredClone(schema)
const features = later.fields[4]!.type as unknown as { fields: { name: string; type: unknown; default?: unknown }[] }
features.fields.push({ name: 'wind', type: ['null', 'double'], default: null })
const timeless = { ...schema, fields: schema.fields.filter(({ name }) => name !== 'eventTime') }

/** Schemas of the registry; 9 is unknown to it. */
const SCHEMAS = new Map<number, object>([
  [1, schema],
  [2, later],
  [3, timeless],
])

/** Longs that avsc takes as doubles beyond 2^53 need their bytes by hand. */
const long = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => Number(bytes.readBigInt64LE()),
  toBuffer: (x: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(x))
    return bytes
  },
  fromJSON: Number,
  toJSON: Number,
  isValid: (x: unknown) => typeof x === 'number' && Number.isInteger(x),
  compare: (a: number, b: number) => a - b,
})

/** A value in Avro's union: doubles unless they are whole numbers beyond 2^53. */
function branch(value: unknown): unknown {
  if (typeof value === 'string') return { string: value }
  if (typeof value === 'boolean') return { boolean: value }
  return typeof value === 'number'
    ? Number.isInteger(value) && Math.abs(value) > 2 ** 53
      ? { long: value }
      : { double: value }
    : null
}

function avro(event: Record<string, unknown>, id = 1): Uint8Array {
  const type = avsc.Type.forSchema(SCHEMAS.get(id) as avsc.Schema, {
    wrapUnions: true,
    registry: {},
    typeHook: given => (given === 'long' ? long : undefined),
  })
  const { fare, tolls, tip, wind, ...rest } = event['features'] as Record<string, unknown>
  const time = event['eventTime']
  const value = {
    ...event,
    requestId: event['requestId'] == null ? null : { string: event['requestId'] },
    eventTime: typeof time === 'number' ? { long: time } : typeof time === 'string' ? { string: time } : null,
    features: { ...rest, fare: branch(fare), tolls: branch(tolls), tip: branch(tip), wind: branch(wind) },
  }
  const head = Buffer.alloc(5)
  head.writeUInt32BE(id, 1)
  return Buffer.concat([head, type.toBuffer(value)])
}

const under = (id: number): Uint8Array => {
  const bytes = Buffer.from(avro(ride()))
  bytes.writeUInt32BE(id, 1)
  return bytes
}

const inAvro: Odd[] = [
  ...common(avro),
  { name: 'not Avro', value: json(ride()), outcome: 'rejected', cause: 'not-avro' },
  { name: 'a head alone', value: Buffer.from([0, 0, 0, 0, 1]), outcome: 'rejected', cause: 'truncated' },
  { name: 'truncated', value: avro(ride()).subarray(0, 40), outcome: 'rejected', cause: 'truncated' },
  { name: 'unknown schema', value: under(9), outcome: 'rejected', cause: 'schema-unknown' },
  { name: 'schema without the time', value: avro(ride(), 3), outcome: 'rejected', cause: 'schema-unfit' },
  { name: 'NaN', value: avro(ride({}, { fare: Number.NaN })), outcome: 'aggregated' },
  { name: 'infinite', value: avro(ride({}, { fare: Number.POSITIVE_INFINITY })), outcome: 'aggregated' },
  { name: 'a newer schema, unknown feature', value: avro(ride({}, { wind: 3 }), 2), outcome: 'aggregated' },
]

describe.each([
  ['json', inJson, json],
  ['avro', inAvro, avro],
] as const)('every fault a record can have, in %s', async (format, odds, encode) => {
  const monitor = monitorOf({ serving: { format, where: { model: 'rides' } } })
  const site = await Site.with(
    {
      topics: { rides: PARTITIONS },
      baselines: [trained(monitor)],
      now: T0,
      timestamps: { type: 'append' },
      schemas: { get: async id => SCHEMAS.get(id) ?? null },
    },
    [monitor],
  )
  const sound = rides({ seed: 21, from: T0, hours: 5, perHour: 400 }).map(
    (one, i): OutgoingRecord => ({
      key: String(one.requestId),
      value: encode(one as unknown as Record<string, unknown>),
      partition: i % PARTITIONS,
    }),
  )
  for (let i = 0; i < sound.length; i += 200)
    await site.send('rides', sound.slice(i, i + 200), T0 + Math.ceil((i + 200) / 400) * HOUR)
  // Each odd record once in each partition, and a sound one between any two.
  const sent: { odd: Odd; partition: number; offset: number }[] = []
  const ends = (await site.log.offsets('rides')).map(({ end }) => end)
  const records = odds.flatMap((odd, i) =>
    Array.from({ length: PARTITIONS }, (_, partition): OutgoingRecord[] => {
      sent.push({ odd, partition, offset: ends[partition]! })
      ends[partition]! += 2
      const headers = { trace: `t${i}`, driftless: Buffer.from([i, 255]) }
      return [
        { key: `k${i}`, value: odd.value, partition, headers },
        { key: 'sound', value: encode(ride()), partition },
      ]
    }).flat(),
  )
  await site.send('rides', records, NOW)
  const early = await site.counted('rides')
  await site.finish()

  it('leaves each partition with exact sums', async () => {
    const counted = await site.counted('rides')
    expect(counted).toEqual(early)
    const offsets = await site.log.offsets('rides')
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { aggregated = 0, late = 0, rejected = 0, notSelected = 0, gap = 0 } = counted[partition]!
      expect(aggregated + late + rejected + notSelected + gap).toBe(offsets[partition]!.end)
      const wanted = (outcome: Outcome): number =>
        sent.filter(one => one.partition === partition && one.odd.outcome === outcome).length
      expect({ late, rejected, notSelected, gap }).toEqual({
        late: wanted('late'),
        rejected: wanted('rejected'),
        notSelected: wanted('notSelected'),
        gap: 0,
      })
      expect(aggregated).toBe(sound.length / PARTITIONS + odds.length + wanted('aggregated'))
    }
  })

  it('judges every row that was aggregated', async () => {
    const { aggregated, expired } = judged(site.line)[0]!
    expect(windowRows(await site.verdicts()) + expired).toBe(aggregated)
    expect(expired).toBe(0)
  })

  it('keeps a dead letter of each rejected record but the tombstone: cause, place, bytes and headers', async () => {
    const letters = await site.deadLetters()
    const rejected = sent.filter(({ odd }) => odd.outcome === 'rejected' && odd.value !== null)
    expect(letters.length).toBe(rejected.length)
    for (const { odd, partition, offset } of rejected) {
      const letter = letters.find(one => one.partition === partition && one.offset === offset)
      expect(letter, odd.name).toBeDefined()
      const i = odds.indexOf(odd)
      expect(letter!.cause, odd.name).toBe(odd.cause ?? (format === 'json' ? 'not-json' : 'not-avro'))
      expect(letter).toMatchObject({ topic: 'rides', key: `k${i}` })
      expect(Buffer.compare(letter!.value!, odd.value!), odd.name).toBe(0)
      expect({ ...letter!.headers }).toEqual({ trace: Buffer.from(`t${i}`), driftless: Buffer.from([i, 255]) })
      expect(letter!.remedy.length).toBeGreaterThan(10)
    }
  })

  it('counts odd values as signals of their series', async () => {
    const whole = (await site.verdicts()).filter(
      ({ series, window }) =>
        window.start === T0 + 5 * HOUR && Object.keys(series.segment).length === 0 && window.revision === 0,
    )
    const counters = (name: string) => whole.find(({ series }) => series.feature === name)!.counters
    const { rows } = whole[0]!.window
    const odd = (check: string): number => Math.round(counters('fare')[check]!.window * rows)
    // Wrong type, numeric text and text; NaN, infinite and beyond 2^53: in both partitions.
    expect({ type: odd('type'), nan: odd('nan'), null: odd('null') }).toEqual({
      type: 3 * PARTITIONS,
      nan: 3 * PARTITIONS,
      null: PARTITIONS,
    })
    expect(odd('missing')).toBe(format === 'json' ? PARTITIONS : 0)
  })

  it('tells a feature that training did not have, once a version', async () => {
    const news = (await site.alerts()).filter(({ check }) => check === 'new-feature')
    expect(news.map(({ series, kind, status }) => [series.feature, kind, status])).toEqual([
      ['wind', 'schema', 'firing'],
    ])
  })
})

it('a registry that is away for a while costs nothing: no dead letter too many, none too few', async () => {
  const monitor = monitorOf({ serving: { format: 'avro' } })
  let refusals = 3
  const site = await Site.with(
    {
      topics: { rides: 1 },
      baselines: [trained(monitor)],
      now: T0,
      schemas: {
        get: async id => {
          if (id === 2 && refusals-- > 0)
            throw new DriftlineError('infrastructure', 'the schema registry does not answer')
          return SCHEMAS.get(id) ?? null
        },
      },
    },
    [monitor],
  )
  const events = [
    avro(ride()),
    Buffer.from('no Avro'),
    avro(ride({ requestId: null })),
    avro(ride(), 2),
    Buffer.from('nor this'),
    avro(ride()),
  ]
  await site.send(
    'rides',
    events.map(value => ({ key: 'k', value })),
    NOW,
  )
  await site.finish()
  expect(refusals).toBe(-1)
  expect(await site.counted('rides')).toEqual([{ aggregated: 3, rejected: 3 }])
  expect((await site.deadLetters()).map(({ cause, offset }) => [offset, cause])).toEqual([
    [1, 'not-avro'],
    [2, 'key-missing'],
    [4, 'not-avro'],
  ])
})
