import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import type { Following } from '../../src/core/ports.js'
import { until } from '../integration/cli-process.js'
import { seeded } from '../random.js'
import { Broker, monitorFile } from './broker.js'
import { built } from './built.js'
import type { Figure, Piece } from './figures.js'
import { Fleet, PANE_MS, type Shape } from './fleet.js'
import type { Instance } from './instances.js'
import { type Slope, slopeOf } from './slope.js'
import { START_MS } from './workload.js'

const { decodeCommit } = await built<typeof import('../../src/codec/commit.js')>('codec/commit')
const { PublicDecoder } = await built<typeof import('../../src/codec/public-decoder.js')>('codec/public-decoder')
const { registrySchemas } = await built<typeof import('../../src/codec/writer-schemas.js')>('codec/writer-schemas')
const topics = await built<typeof import('../../src/service/topics.js')>('service/topics')

const TOPIC = 'soak-served'
const GROUP = 'soak'
const SHAPE: Shape = {
  ...{ models: 4, features: 24, segments: 0, partitions: 8, panesPartitions: 4 },
  ...{ rows: 0, panes: 0, size: 1, reviseFor: 2 },
}
const PER_SECOND = 2000
/** Event time goes so many times as fast as the clock: a window closes every three seconds, and histories are full in half of eight minutes. */
const SPEED = 20
const SEND_EVERY_MS = 500
const SAMPLE_EVERY_MS = 1000
/** Samples; one in so many is taken after a collection. */
const COLLECT_EVERY = 5
/** The second instance leaves and comes back; every other time it is killed. */
const RESTART_EVERY_MS = 40_000
const AWAY_MS = 5_000
const PATIENCE_MS = 180_000
const LATENESS_MS = [...new Array(45).fill(4_000), ...new Array(4).fill(100_000), 480_000]
/** One of them: its verdicts have the rows of all windows. */
const FEATURE = /\/f0$/

interface Sample {
  readonly minutes: number
  readonly residentMb: number
  readonly openParts: number
  /** Heap and buffers after a collection; null between two. */
  readonly inUseMb: number | null
}

interface Soaked {
  readonly sent: number
  readonly restarts: number
  /** Of the instance that stays. */
  readonly samples: readonly Sample[]
}

/** Two instances on a broker under constant load with late rows; one of them is restarted again and again. Does the other grow, and do the sums match? */
export async function soak(minutes: number): Promise<Piece> {
  const fleet = new Fleet(SHAPE)
  const broker = await Broker.start(
    Object.fromEntries(fleet.monitors.map(({ model }) => [model, monitorFile(model, TOPIC, SHAPE.reviseFor)])),
  )
  try {
    const schema = await broker.register(TOPIC, await fleet.schemas.get())
    await broker.topics(TOPIC, SHAPE.partitions)
    await broker.train(await fleet.baselines())
    const store = `lmdb:${join(broker.folder, 'state')}`
    const stays = await broker.up(GROUP, store)
    const leaves = await broker.up(GROUP, store)
    await Promise.all([stays.ready(), leaves.ready()])
    const soaked = await load(broker, new Load(fleet, schema), { stays, leaves, store }, minutes)
    const sums = await check(broker, fleet, soaked.sent)
    return report(minutes, soaked, sums)
  } finally {
    await broker.stop()
  }
}

/** The records of a time that goes on. */
class Load {
  sent = 0
  readonly #random = seeded(20260105)

  constructor(
    private readonly fleet: Fleet,
    private readonly schema: number,
  ) {}

  /** Those that are due after so many ms of the clock. */
  next(elapsedMs: number) {
    const due = Math.floor((PER_SECOND * elapsedMs) / 1000)
    const random = this.#random
    const records = []
    for (; this.sent < due; this.sent++) {
      // Most within grace; some for a revision; a few beyond any.
      const now = START_MS + (1000 * SPEED * this.sent) / PER_SECOND
      const latest = random.pick(LATENESS_MS)
      const value = this.record(random.integer(0, SHAPE.models - 1), now - random.integer(0, latest))
      records.push({ key: null, partition: random.integer(0, SHAPE.partitions - 1), value })
    }
    return records
  }

  /** One of each model in each partition, long after all others: closes all windows. */
  last() {
    const time = START_MS + (1000 * SPEED * this.sent) / PER_SECOND + 10 * PANE_MS
    const all = Array.from({ length: SHAPE.models * SHAPE.partitions }, (_, i) => i)
    this.sent += all.length
    return all.map(i => ({
      ...{ key: null, partition: i % SHAPE.partitions },
      value: this.record(Math.floor(i / SHAPE.partitions), time),
    }))
  }

  private record(model: number, time: number): Buffer {
    const value = this.fleet.record(model, Math.floor(time), this.sent)
    value.writeUInt32BE(this.schema, 1)
    return value
  }
}

interface Two {
  readonly stays: Instance
  readonly leaves: Instance
  readonly store: string
}

async function load(broker: Broker, feed: Load, { stays, leaves, store }: Two, minutes: number): Promise<Soaked> {
  const samples: Sample[] = []
  const from = performance.now()
  const elapsed = (): number => performance.now() - from
  let over = false
  const restarting = (async () => {
    let restarts = 0
    for (let second = leaves; ; restarts++) {
      const at = elapsed()
      while (!over && elapsed() - at < RESTART_EVERY_MS) await pause(SEND_EVERY_MS)
      if (over) return restarts
      await second.end(restarts % 2 === 0 ? 'SIGTERM' : 'SIGKILL')
      await pause(AWAY_MS)
      second = await broker.up(GROUP, store)
    }
  })()
  for (let sampled = 0; elapsed() < minutes * 60_000; ) {
    await broker.log.append(TOPIC, feed.next(elapsed()))
    if (elapsed() - sampled >= SAMPLE_EVERY_MS) {
      sampled = elapsed()
      const isCollected = samples.length % COLLECT_EVERY === 0
      const { residentMb, inUseMb } = await stays.usage(isCollected ? 'collected' : 'now')
      const openParts = await stays.metric('driftline_open_parts')
      samples.push({ minutes: sampled / 60_000, residentMb, openParts, inUseMb: isCollected ? inUseMb : null })
    }
    await pause(SEND_EVERY_MS)
  }
  over = true
  const restarts = await restarting
  await broker.log.append(TOPIC, feed.last())
  return { sent: feed.sent, restarts, samples }
}

interface Sums {
  readonly aggregated: number
  readonly late: number
  readonly open: number
  /** Rows of all windows, each at its last revision. */
  readonly inWindows: number
  readonly windows: number
}

/** Every record is in the commits' counts, and every row that they count in a window. Throws where not: that is no matter of speed. */
async function check(broker: Broker, fleet: Fleet, sent: number): Promise<Sums> {
  const groupId = `${GROUP}.summarize.${TOPIC}`
  const partitions = async () => (await broker.admin.fetchOffsets({ groupId, topics: [TOPIC] }))[0]!.partitions
  const read = async () => (await partitions()).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0)
  await until(
    async () => (await read()) === sent,
    PATIENCE_MS,
    () => `not all ${sent} records are read: ${broker.logs}`,
  )
  const sums = { aggregated: 0, late: 0, open: 0 }
  for (const { partition, offset, metadata } of await partitions()) {
    const { progress } = decodeCommit(metadata ?? '')
    if (progress.length !== fleet.monitors.length)
      throw new Error(`partition ${partition}: ${metadata} has not all models`)
    for (const { counts, open } of progress) {
      const { aggregated, late, rejected, notSelected, gap } = counts
      const all = aggregated + late + rejected + notSelected + gap
      if (all !== Number(offset) || rejected + gap > 0)
        throw new Error(`partition ${partition}: ${JSON.stringify(counts)}, and ${offset} were read`)
      sums.aggregated += aggregated
      sums.late += late
      sums.open += open
    }
  }
  const due = sums.aggregated - sums.open
  const told = await Told.follow(broker)
  const isTold = async (): Promise<boolean> => (await told.windows()).rows >= due
  await until(isTold, PATIENCE_MS, () => `windows do not have all of ${due} rows: ${broker.logs}`)
  const windows = await told.windows()
  await told.stop()
  if (windows.rows !== due) throw new Error(`windows have ${windows.rows} rows, and ${due} were counted for them`)
  return { ...sums, inWindows: windows.rows, windows: windows.count }
}

/** What verdicts say of the rows of windows. */
class Told {
  readonly #last = new Map<string, VerdictEvent['window']>()
  readonly #decoding: Promise<void>[] = []
  #following: Following | null = null

  static async follow(broker: Broker): Promise<Told> {
    const told = new Told()
    const decoder = new PublicDecoder(registrySchemas(broker.registryUrl))
    told.#following = await broker.log.follow(topics.VERDICTS, batch => {
      for (let i = 0; i < batch.size; i++) {
        const headers = { ...batch.headers(i) }
        if (!FEATURE.test(Buffer.from(headers['ce_subject'] ?? '').toString())) continue
        const decoded = decoder.decode(headers, new Uint8Array(batch.value(i)!))
        told.#decoding.push(decoded.then(one => told.#take(one!.event as VerdictEvent)))
      }
    })
    return told
  }

  /** Rows of all windows, each at its last revision. */
  async windows(): Promise<{ rows: number; count: number }> {
    await this.#following!.catchUp()
    await Promise.all(this.#decoding.splice(0))
    return { rows: [...this.#last.values()].reduce((sum, { rows }) => sum + rows, 0), count: this.#last.size }
  }

  async stop(): Promise<void> {
    await this.#following!.stop()
  }

  #take({ series, window }: VerdictEvent): void {
    const key = `${series.model}/${window.end}`
    if (window.revision >= (this.#last.get(key)?.revision ?? 0)) this.#last.set(key, window)
  }
}

function report(minutes: number, { sent, restarts, samples }: Soaked, sums: Sums): Piece {
  const second = samples.filter(one => one.minutes >= minutes / 2)
  const over = (y: (one: Sample) => number | null): Slope =>
    slopeOf(second.flatMap(one => (y(one) === null ? [] : [{ x: one.minutes / 10, y: y(one)! }])))
  const resident = over(({ residentMb }) => residentMb)
  const inUse = over(({ inUseMb }) => inUseMb)
  const parts = over(({ openParts }) => openParts)
  const most = (of: keyof Sample): number => Math.max(...samples.map(one => one[of] ?? 0))
  return {
    title: `soak: ${minutes} minutes of constant load on a broker, late rows and restarts`,
    how: [
      `${PER_SECOND.toLocaleString('en')} records/s of ${SHAPE.models} models with ${SHAPE.features} features on ${SHAPE.partitions} partitions, event time ${SPEED} times as fast as the clock, lmdb; two instances:`,
      `one stays and is sampled every second; the other was stopped or killed by kill -9 ${restarts} times, so the load of the first changes`,
      `second half: resident memory ${grows(resident)}, what is in use ${grows(inUse)}; slopes with their 95 % intervals, from means of 12 blocks`,
    ],
    figures: [
      { what: 'records: all counted, each once', value: sent, unit: '' },
      { what: '  in windows', value: sums.inWindows, unit: `in ${sums.windows} windows` },
      { what: '  late for any revision', value: sums.late, unit: '' },
      { what: '  in parts that are still open at the end', value: sums.open, unit: '' },
      ...slopeFigures('resident memory', 'MB', resident, most('residentMb')),
      ...slopeFigures('heap and buffers after a collection', 'MB', inUse, most('inUseMb')),
      ...slopeFigures('open parts', '', parts, most('openParts')),
    ],
  }
}

function slopeFigures(what: string, unit: string, { slope, margin }: Slope, most: number): Figure[] {
  const largest = { what: '  at most', value: most, unit }
  if (Number.isNaN(slope)) return [{ ...largest, what: `${what}, too few samples for a slope: at most` }]
  return [
    { what: `${what}, slope`, value: slope, unit: `${unit} in 10 min` },
    { what: '  half of its 95 % interval', value: margin, unit: `${unit} in 10 min` },
    largest,
  ]
}

/** In 10 minutes. */
function grows({ slope, margin }: Slope): string {
  if (Number.isNaN(slope)) return 'was sampled too seldom to say'
  if (slope - margin > 0) return 'grows'
  return slope + margin < 1 ? 'does not grow by 1 MB in 10 minutes' : 'is not seen to grow'
}
