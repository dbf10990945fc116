import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { Membership, StateStore } from '../../src/core/ports.js'
import { built } from './built.js'
import { type Fetched, fetched, PARTITIONS } from './contenders.js'
import { cpuSeconds } from './cpu.js'
import type { Piece } from './figures.js'
import { ACTIVATION, benchBaseline, benchMonitor, SCHEMAS } from './model.js'

const { EmbeddedLog } = await built<typeof import('../../src/log/embedded.js')>('log/embedded')
const { Line } = await built<typeof import('../../src/service/line.js')>('service/line')
const { LmdbStore } = await built<typeof import('../../src/state/lmdb.js')>('state/lmdb')
const { encodeBaseline } = await built<typeof import('../../src/codec/baseline.js')>('codec/baseline')
const { encodeControl } = await built<typeof import('../../src/codec/control.js')>('codec/control')
const { jsonEncoder } = await built<typeof import('../../src/codec/public-encoder.js')>('codec/public-encoder')
const topics = await built<typeof import('../../src/service/topics.js')>('service/topics')

/** The load that the clock goes by: a checkpoint a partition in ten seconds of it. */
const PER_SECOND = 20_000
const PAIRS = 5
const HOUR = 3_600_000

/** Stage 1 with and without checkpoints on local disk, and how long the next owner needs. */
export async function checkpoints(count: number): Promise<Piece> {
  const batches = fetched(count)
  const baseline = await benchBaseline(monitor())
  const folder = await mkdtemp(join(tmpdir(), 'driftline-bench-'))
  const stores: StateStore[] = []
  const run = async (kept: boolean): Promise<Run> => {
    const store = kept ? LmdbStore.open(join(folder, String(stores.length))) : null
    if (store !== null) stores.push(store)
    return once(batches, baseline, store)
  }
  try {
    // For the compiler.
    await run(true)
    await run(false)
    const pairs: { without: Run; kept: Run }[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      // Each goes first in turn: the second finds the memory of the first.
      const before = pair % 2 === 0 ? await run(false) : null
      const kept = await run(true)
      pairs.push({ without: before ?? (await run(false)), kept })
    }
    return report(count, pairs)
  } finally {
    for (const store of stores) await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Run {
  /** CPU-seconds to read everything. */
  readonly cpu: number
  /** Milliseconds until another line holds what the first did. */
  readonly restartMs: number
  readonly checkpoints: number
  readonly bytes: number
}

const monitor = () => {
  const one = benchMonitor()
  return { ...one, window: { ...one.window, sizeMs: HOUR, advanceMs: HOUR } }
}

async function once(batches: readonly Fetched[], baseline: Baseline, store: StateStore | null): Promise<Run> {
  const clock = { time: Date.now(), now: () => Math.floor(clock.time) }
  const { topic } = monitor().serving
  const own = Object.values(topics).map(name => ({ name, partitions: 1 }))
  const log = new EmbeddedLog({ clock, topics: [...own, { name: topic, partitions: PARTITIONS }] })
  await log.append(topics.BASELINES, encodeBaseline(baseline))
  await log.append(topics.CONTROL, [encodeControl({ activation: ACTIVATION })])
  const memberships: Membership[] = []
  const join = log.join.bind(log)
  log.join = async (...all) => {
    const membership = await join(...all)
    memberships.push(membership)
    return membership
  }
  const line = () =>
    new Line({
      log,
      clock,
      store,
      logger: pino({ enabled: false }),
      monitors: [monitor()],
      schemas: SCHEMAS,
      encoder: jsonEncoder(),
      stages: { summarize: true, join: false, evaluate: false },
      start: 'earliest',
    })
  const first = line()
  await first.start()
  const before = process.cpuUsage()
  for (const { partition, values } of batches) {
    clock.time += (1000 * values.length) / PER_SECOND
    await log.append(
      topic,
      values.map(value => ({ key: null, partition, value })),
    )
    await log.run()
  }
  const cpu = cpuSeconds(before)
  const told = await written(first)
  // The last of them at the end: what comes after one is read again at the speed of reading.
  clock.time += 10_000
  await first.tick()
  for (const membership of memberships) await log.crash(membership)
  const second = line()
  const from = performance.now()
  await second.start()
  await log.run()
  const restartMs = performance.now() - from
  await second.stop()
  return { cpu, restartMs, ...told }
}

async function written({ metrics }: InstanceType<typeof Line>): Promise<Omit<Run, 'cpu' | 'restartMs'>> {
  const sum = async (metric: { get(): Promise<{ values: { value: number }[] }> }) =>
    (await metric.get()).values.reduce((all, { value }) => all + value, 0)
  return { checkpoints: await sum(metrics.checkpoints), bytes: await sum(metrics.checkpointBytes) }
}

function report(count: number, pairs: readonly { readonly without: Run; readonly kept: Run }[]): Piece {
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!
  const ratios = pairs.map(({ without, kept }) => kept.cpu / without.cpu)
  const rebuild = median(pairs.map(({ without }) => without.restartMs))
  const { checkpoints: taken, bytes } = pairs[0]!.kept
  return {
    title: 'checkpoints on local disk (lmdb)',
    how: [
      `${count.toLocaleString('en')} records of an open window of an hour, 24 series, ${PARTITIONS} partitions, stage 1 on the embedded log; its clock goes as at ${PER_SECOND.toLocaleString('en')} records/s`,
      `${PAIRS} pairs of runs in turn, without and with; process.cpuUsage; medians. Ratios from ${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}`,
    ],
    against: 'without',
    figures: [
      { what: 'without', value: median(pairs.map(({ without }) => without.cpu)), unit: 'CPU-s', ratio: 1 },
      {
        what: 'with checkpoints',
        value: median(pairs.map(({ kept }) => kept.cpu)),
        unit: 'CPU-s',
        ratio: median(ratios),
        goal: { of: 'ratio', atMost: 1.05 },
      },
      { what: 'checkpoints taken', value: taken, unit: '' },
      { what: 'a checkpoint of one partition, mean', value: bytes / taken / 1024, unit: 'KiB' },
      { what: 'restart without: the window is rebuilt from the log', value: rebuild, unit: 'ms' },
      { what: 'restart with', value: median(pairs.map(({ kept }) => kept.restartMs)), unit: 'ms' },
      {
        what: `scaled: rebuild of an hour at ${PER_SECOND.toLocaleString('en')} records/s, without the fetching`,
        value: (rebuild * 3600 * PER_SECOND) / count / 60_000,
        unit: 'min',
      },
    ],
  }
}
