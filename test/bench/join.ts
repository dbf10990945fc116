import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avsc from 'avsc'
import { Redis } from 'ioredis'
import { open } from 'lmdb'
import pino from 'pino'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { KeyedChange, KeyedStore } from '../../src/core/ports.js'
import { startRedis } from '../services/launch.js'
import { built } from './built.js'
import { type Fetched, fetched, PARTITIONS } from './contenders.js'
import { cpuSeconds } from './cpu.js'
import type { Figure, Piece } from './figures.js'
import { ACTIVATION, benchBaseline, benchMonitor } from './model.js'
import { SCHEMA, uniform } from './workload.js'

const { EmbeddedLog } = await built<typeof import('../../src/log/embedded.js')>('log/embedded')
const { Line } = await built<typeof import('../../src/service/line.js')>('service/line')
const { encodeEntry } = await built<typeof import('../../src/core/join/entry.js')>('core/join/entry')
const { encodePairEntry } = await built<typeof import('../../src/core/join/pair-entry.js')>('core/join/pair-entry')
const { LmdbKeyed } = await built<typeof import('../../src/state/keyed-lmdb.js')>('state/keyed-lmdb')
const { RedisKeyed } = await built<typeof import('../../src/state/keyed-redis.js')>('state/keyed-redis')
const { encodeBaseline } = await built<typeof import('../../src/codec/baseline.js')>('codec/baseline')
const { encodeControl } = await built<typeof import('../../src/codec/control.js')>('codec/control')
const { jsonEncoder } = await built<typeof import('../../src/codec/public-encoder.js')>('codec/public-encoder')
const topics = await built<typeof import('../../src/service/topics.js')>('service/topics')

const PAIRS = 3
const MINUTE = 60_000
/** Batches of a minute of the workload: a sixtieth of a million records, 900 to a batch. */
const BATCHES_OF_A_MINUTE = 19
/** Pending keys that the stores are filled with, to a record of the line; and at most so many in Redis, which holds them in memory. */
const KEYS_TO_A_RECORD = 5
const MOST_IN_REDIS = 1_000_000
/** Values of a row that is compared with its pair. */
const COMPARED = 5
/** Of one write: as many as the join writes at once. */
const WRITTEN_AT_ONCE = 20_000

const LABELS = 'bench-labels'
const LABEL_SCHEMA_ID = 8
const LABEL_SCHEMA = {
  type: 'record',
  name: 'Label',
  fields: [
    { name: 'requestId', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'value', type: 'boolean' },
  ],
}
const SCHEMAS = { get: async (id: number) => (id === LABEL_SCHEMA_ID ? LABEL_SCHEMA : SCHEMA) }

/** A line that joins every record with its label beside one that does not; and what a key costs that waits. */
export async function joins(count: number): Promise<Piece> {
  const served = fetched(count)
  const labels = served.map(labelsOf)
  const baseline = await benchBaseline(benchMonitor())
  const folder = await mkdtemp(join(tmpdir(), 'driftline-bench-'))
  try {
    let runs = 0
    const run = (joined: boolean, behind = 0) =>
      once(served, joined ? { labels, behind } : null, baseline, join(folder, String(runs++)))
    // For the compiler.
    await run(true)
    await run(false)
    const pairs: Pair[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      const before = pair % 2 === 0 ? await run(false) : null
      const joined = await run(true)
      const later = await run(true, BATCHES_OF_A_MINUTE)
      pairs.push({ alone: before ?? (await run(false)), joined, later })
    }
    const keys = KEYS_TO_A_RECORD * count
    return report(count, pairs, [
      ...(await onDisk(join(folder, 'keys'), keys)),
      ...(await pairsOnDisk(join(folder, 'pairs'), keys / 5)),
      ...(await inRedis(Math.min(MOST_IN_REDIS, keys))),
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** CPU-seconds of a line that does not join; of one that reads labels beside their predictions; and of one that reads them when they have come. */
interface Pair {
  readonly alone: number
  readonly joined: number
  readonly later: number
}

/** A label for every record, a minute later. */
function labelsOf({ partition, values }: Fetched): Fetched {
  const type = avsc.Type.forSchema(SCHEMA as avsc.Schema)
  const label = avsc.Type.forSchema(LABEL_SCHEMA as avsc.Schema)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(LABEL_SCHEMA_ID, 1)
  return {
    partition,
    values: values.map((value, i) => {
      const { requestId, eventTime } = type.decode(value, 5).value as { requestId: string; eventTime: number }
      return Buffer.concat([head, label.toBuffer({ requestId, at: eventTime + MINUTE, value: i % 3 === 0 })])
    }),
  }
}

/**
 * @param joined labels, and by how many batches they are read after their predictions; null: without
 * @returns CPU-seconds to read everything
 */
async function once(
  served: readonly Fetched[],
  joined: { readonly labels: readonly Fetched[]; readonly behind: number } | null,
  baseline: Baseline,
  folder: string,
): Promise<number> {
  const alone = benchMonitor()
  const monitor =
    joined === null
      ? alone
      : {
          ...alone,
          task: {
            ...{ type: 'binary' as const, positive: null, threshold: null, costs: null },
            outputs: [{ name: 'main', path: ['features', 'n05'] }],
          },
          labels: {
            ...{ topic: LABELS, format: 'avro' as const, where: [], key: ['requestId'], value: ['value'] },
            ...{ time: { path: ['at'], unit: 'ms' as const }, horizonMs: 10 * MINUTE },
          },
        }
  const own = Object.values(topics).map(name => ({ name, partitions: 1 }))
  const sources = [alone.serving.topic, LABELS].map(name => ({ name, partitions: PARTITIONS }))
  const clock = { now: () => Date.now() }
  const log = new EmbeddedLog({ clock, topics: [...own, ...sources], retainConsumed: false })
  await log.append(topics.BASELINES, encodeBaseline(baseline))
  await log.append(topics.CONTROL, [encodeControl({ activation: ACTIVATION })])
  const line = new Line({
    ...{ log, clock, logger: pino({ enabled: false }), monitors: [monitor], schemas: SCHEMAS, encoder: jsonEncoder() },
    openKeys: async () => LmdbKeyed.open(folder),
    start: 'earliest',
  })
  await line.start()
  const before = process.cpuUsage()
  const behind = joined?.behind ?? 0
  for (let i = 0; i < served.length + behind; i++) {
    for (const [topic, batch] of [
      [alone.serving.topic, served[i]],
      [LABELS, joined?.labels[i - behind]],
    ] as const) {
      if (batch === undefined) continue
      await log.append(
        topic,
        batch.values.map(value => ({ key: null, partition: batch.partition, value })),
      )
    }
    await log.run()
  }
  await line.finish()
  await log.run()
  const cpu = cpuSeconds(before)
  const counts = [...(line.joining?.tasks ?? [])].flatMap(task => task.labelJoiners).map(one => one.counts)
  const expected = joined === null ? 0 : served.reduce((sum, { values }) => sum + values.length, 0)
  if (counts.reduce((sum, { labels }) => sum + labels.matched, 0) !== expected)
    throw new Error(`not all records have been joined: ${JSON.stringify(counts)}`)
  await line.stop()
  return cpu
}

async function onDisk(folder: string, keys: number): Promise<Figure[]> {
  const store = LmdbKeyed.open(folder)
  const { writes, reads } = await fill(store, keys, waiting)
  await store.close()
  const { size } = await stat(join(folder, 'data.mdb'))
  const inUse = await pagesInUse(folder)
  return [
    {
      what: `lmdb, ${short(keys)} keys that wait: pages in use`,
      value: inUse / keys,
      unit: 'bytes a key',
      goal: { of: 'value', atMost: 120 },
    },
    {
      what: '  the file, with pages that wait to be used again',
      value: size / keys,
      unit: 'bytes a key',
      goal: { of: 'value', atMost: 120 },
    },
    { what: '  written', value: writes, unit: 'keys/CPU-s' },
    { what: '  read', value: reads, unit: 'keys/CPU-s' },
  ]
}

/** Served values that wait with the offline ones that they are compared with. */
async function pairsOnDisk(folder: string, keys: number): Promise<Figure[]> {
  const store = LmdbKeyed.open(folder)
  await fill(store, keys, paired)
  await store.close()
  const value = (await pagesInUse(folder)) / keys
  return [
    {
      what: `lmdb, ${short(keys)} keys with ${COMPARED} values of both sides: pages in use`,
      value,
      unit: 'bytes a key',
    },
  ]
}

/** Bytes of the pages that hold something. */
async function pagesInUse(folder: string): Promise<number> {
  const database = open({ path: folder, encoding: 'binary', keyEncoding: 'binary', readOnly: true })
  const pages = database.getStats() as Record<string, number>
  const used = pages['treeBranchPageCount']! + pages['treeLeafPageCount']! + pages['overflowPages']!
  await database.close()
  return used * pages['pageSize']!
}

async function inRedis(keys: number): Promise<Figure[]> {
  const service = await startRedis()
  const client = new Redis(service.url)
  const memory = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))![1])
  try {
    const store = await RedisKeyed.open(service.url)
    const before = await memory()
    await fill(store, keys, waiting)
    const figure = { value: ((await memory()) - before) / keys, unit: 'bytes a key' }
    await store.close()
    return [{ what: `Redis, ${short(keys)} keys that wait`, ...figure, goal: { of: 'value', atMost: 250 } }]
  } finally {
    client.disconnect()
    await service.stop()
  }
}

/** What is held of the i-th key. */
type Held = (i: number, shelf: number, random: () => number) => Uint8Array

/** A prediction without its label. */
function waiting(i: number, shelf: number, random: () => number): Uint8Array {
  const place = { time: 1.8e12 + i, partition: i % 4, offset: 1e9 + i, version: 0, segment: i % 50 }
  return encodeEntry({ shelf, prediction: { ...place, values: [random()] }, labels: [] })
}

function paired(i: number, shelf: number, random: () => number): Uint8Array {
  const values = Array.from({ length: COMPARED }, random)
  const place = { time: 1.8e12 + i, partition: i % 4, offset: 1e9 + i, entity: i % 100_000, copies: 1, values }
  const none = { version: -1, segment: -1 }
  return encodePairEntry({ shelf, served: { ...place, version: 0, segment: i % 50 }, other: { ...place, ...none } })
}

/** Puts so many keys, in the order in which shelves come; then reads some again, and as many that are not there. */
async function fill(store: KeyedStore, keys: number, held: Held): Promise<{ writes: number; reads: number }> {
  const random = uniform(1)
  const word = (): number => Math.floor(random() * 2 ** 32)
  const began = 1
  const before = process.cpuUsage()
  let last = new Uint32Array()
  let nextOffset = 0
  for (let from = 0; from < keys; from += WRITTEN_AT_ONCE) {
    last = Uint32Array.from({ length: 2 * Math.min(WRITTEN_AT_ONCE, keys - from) }, word)
    const entries = Array.from({ length: last.length / 2 }, (_, i): KeyedChange['entries'][number] => {
      const shelf = Math.floor((64 * (from + i)) / keys)
      return { shelf, bytes: held(from + i, shelf, random) }
    })
    nextOffset++
    await store.write('driftline/driftline.joins/0', {
      began,
      nextOffset,
      state: Buffer.alloc(100_000),
      keys: last,
      entries,
      cleared: [],
    })
  }
  const writes = keys / cpuSeconds(before)
  const reading = process.cpuUsage()
  const asked = Uint32Array.from([...last, ...Array.from(last, word)])
  const found = await store.read('driftline/driftline.joins/0', { began, nextOffset }, asked)
  if (found?.filter(one => one !== null).length !== last.length / 2) throw new Error('not all keys were found again')
  return { writes, reads: asked.length / 2 / cpuSeconds(reading) }
}

function report(count: number, pairs: readonly Pair[], stores: readonly Figure[]): Piece {
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!
  const ratiosOf = (of: 'joined' | 'later'): number[] => pairs.map(pair => pair.alone / pair[of])
  const ratios = ratiosOf('joined')
  const speed = (of: keyof Pair): number => count / median(pairs.map(pair => pair[of]))
  return {
    title: 'predictions and labels joined on the stream',
    how: [
      `${count.toLocaleString('en')} records of 24 features, and a label for each a minute later; both stages, the join and the lane on the embedded log, pending keys in lmdb`,
      `${PAIRS} pairs of runs in turn; process.cpuUsage; medians. Ratios from ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
    ],
    against: 'unjoined',
    figures: [
      { what: 'unjoined', value: speed('alone'), unit: 'records/CPU-s', ratio: 1 },
      {
        what: 'joined: records of both topics',
        value: 2 * speed('joined'),
        unit: 'records/CPU-s',
        ratio: 2 * median(ratios),
        goal: { of: 'ratio', atLeast: 0.5 },
      },
      {
        what: 'joined: predictions, their labels on top',
        value: speed('joined'),
        unit: 'records/CPU-s',
        ratio: median(ratios),
      },
      {
        what: 'joined, labels read when they have come: records of both topics',
        value: 2 * speed('later'),
        unit: 'records/CPU-s',
        ratio: 2 * median(ratiosOf('later')),
        goal: { of: 'ratio', atLeast: 0.5 },
      },
      ...stores,
    ],
  }
}

function short(keys: number): string {
  return keys.toLocaleString('en')
}
