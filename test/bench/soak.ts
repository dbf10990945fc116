import { join } from 'node:path'
import { Broker, monitorFile } from './broker.js'
import { built } from './built.js'
import { besideFaults, Closings, delaysOf, type Stretch } from './delays.js'
import type { Figure, Goal, Piece } from './figures.js'
import { Fleet, GRACE_MS, PANE_MS, type Shape, seriesOf } from './fleet.js'
import type { Instance } from './instances.js'
import { type Slope, slopeOf } from './slope.js'
import { check, type Outcome } from './soak-check.js'
import { Load } from './soak-load.js'
import { Feed, GROUP, judged, type Ran, run, type Sample, TOPIC, tell } from './soak-run.js'
import { START_MS } from './workload.js'

const topics = await built<typeof import('../../src/service/topics.js')>('service/topics')
const { MOST_KEPT } = await built<typeof import('../../src/core/detect/history.js')>('core/detect/history')

/** 1000 series as wide rows, as in the piece `close`: all close at the same moment. One model in each panes partition. */
const SHAPE: Shape = {
  ...{ models: 4, firstModel: 1, features: 250, segments: 0, partitions: 8, panesPartitions: 4 },
  ...{ rows: 0, panes: 0, size: 1, reviseFor: 2 },
}
const A_ROUND = SHAPE.models * SHAPE.partitions
/** The broker's clock stamps what it takes; and of an hour's records it keeps the last minutes, all of them read long ago. */
const STAMPED = { 'message.timestamp.type': 'LogAppendTime' }
const KEPT = { 'retention.bytes': String(512 << 20), 'segment.bytes': String(64 << 20) }
/** Of the windows that fill histories, and of all others. */
const WARM_ROUNDS = 250
const ROUNDS = 2000
/** Histories are full, and have been turned over in part. */
const WARM_WINDOWS = MOST_KEPT + 6
/** What the full rate is measured on. */
const BACKLOG_WINDOWS = 10
/** After a fault what waited is worked off. */
const AFTER_MS = 30_000

interface Rates {
  /** Of both instances together, from having all partitions to the last verdict on a backlog; null where the rate was given. */
  readonly full: number | null
  /** Of the load. Records a second, both. */
  readonly load: number
}

/**
 * Two instances on a broker at half of the rate that they are capable of, with late rows, poison and drift; one of them is restarted again and
 * again. Does the other grow, do the sums match, and how long after its last record is a window judged?
 * @param rate of the load, records/s; half of full rate unless told
 */
export async function soak(minutes: number, rate: number | null): Promise<Piece> {
  const fleet = new Fleet(SHAPE)
  const broker = await Broker.start(
    Object.fromEntries(fleet.monitors.map(({ model }) => [model, monitorFile(model, TOPIC, SHAPE.reviseFor)])),
  )
  const producer = await broker.producer()
  try {
    const schema = await broker.register(TOPIC, await fleet.schemas.get())
    await broker.topics(TOPIC, SHAPE.partitions)
    await broker.configure(TOPIC, { ...STAMPED, ...KEPT })
    for (const topic of [topics.VERDICTS, topics.ALERTS]) await broker.configure(topic, STAMPED)
    await broker.train(await fleet.baselines())
    const store = `lmdb:${join(broker.folder, 'state')}`
    // From the latest record on, else windows of before today would give no alerts.
    const up = () => broker.up(GROUP, store, 'latest')
    const first = await up()
    await first.ready()
    await first.end()

    const feed = new Feed(loadOf(fleet, schema), producer)
    tell(`${WARM_WINDOWS} short windows, for histories`)
    await feed.send(WARM_WINDOWS * WARM_ROUNDS)
    let two = await start(up)
    await judged(broker, feed.load, seriesOf(SHAPE))
    feed.load.pace(ROUNDS)
    let full: number | null = null
    if (rate === null) {
      await Promise.all(two.map(instance => instance.end()))
      tell(`${BACKLOG_WINDOWS} windows, for the full rate`)
      await feed.send(BACKLOG_WINDOWS * ROUNDS)
      two = await start(up)
      const from = performance.now()
      await judged(broker, feed.load, seriesOf(SHAPE))
      full = (BACKLOG_WINDOWS * ROUNDS * A_ROUND * 1000) / (performance.now() - from)
      tell(`full rate ${full.toFixed(0)} records/s`)
    }
    const [stays, leaves] = two
    const rates = { full, load: rate ?? full! / 2 }
    const closings = new Closings(PANE_MS, GRACE_MS, feed.load.reached)
    feed.closings = closings
    const ran = await run(feed, { stays, leaves, again: up }, rates.load / A_ROUND, minutes)
    tell('checking sums')
    const outcome = await check(broker, TOPIC, GROUP, feed.load, closings)
    return report(minutes, rates, feed.load, ran, outcome)
  } finally {
    await producer.disconnect()
    await broker.stop()
  }
}

async function start(up: () => Promise<Instance>): Promise<[Instance, Instance]> {
  const two: [Instance, Instance] = [await up(), await up()]
  await Promise.all(two.map(instance => instance.ready()))
  return two
}

function loadOf(fleet: Fleet, schema: number): Load {
  const { models, partitions, reviseFor } = SHAPE
  const times = {
    sizeMs: PANE_MS,
    graceMs: GRACE_MS,
    reviseForMs: reviseFor * PANE_MS,
    start: START_MS,
    rounds: WARM_ROUNDS,
  }
  return new Load({ models, partitions, ...times }, (model, time, id, drifts) => {
    const value = fleet.record(model, Math.floor(time), id, drifts)
    value.writeUInt32BE(schema, 1)
    return value
  })
}

function report(
  minutes: number,
  rates: Rates,
  load: Load,
  { samples, loopDelay, faults, behindMs }: Ran,
  outcome: Outcome,
): Piece {
  const steady = steadyOf(samples, faults)
  const over = (y: (one: Sample) => number | null): Slope =>
    slopeOf(steady.flatMap(one => (y(one) === null ? [] : [{ x: one.at / 600_000, y: y(one)! }])))
  const [resident, inUse, parts] = [over(one => one.residentMb), over(one => one.inUseMb), over(one => one.openParts)]
  const most = (of: 'residentMb' | 'inUseMb' | 'openParts'): number => Math.max(...samples.map(one => one[of] ?? 0))
  const alerts = besideFaults(outcome.alerts, faults, AFTER_MS)
  const verdicts = besideFaults(outcome.verdicts, faults, AFTER_MS)
  const poisoned = [...load.poisoned.values()].reduce((sum, one) => sum + one, 0)
  const kills = faults.filter(({ signal }) => signal === 'SIGKILL').length
  const longest = Math.max(0, ...faults.map(({ from, to }) => to - from)) / 1000
  return {
    title: `soak: ${minutes} minutes on a broker, late and poison records, restarts; ${seriesOf(SHAPE)} series`,
    how: [
      `${SHAPE.models} models with ${SHAPE.features} features, ${SHAPE.partitions} partitions; a window is ${(ROUNDS * A_ROUND).toLocaleString('en')} records, one in ${((ROUNDS * A_ROUND) / rates.load).toFixed(1)} s; lmdb; two instances:`,
      `one stays; the other was stopped ${faults.length - kills} times and killed by kill -9 ${kills} times; at most ${longest.toFixed(0)} s until all partitions had an owner again`,
      "delays by the broker's clock, from taking the last record that a window waits for to taking what is said of it; around faults: from the signal to 30 s after the last owner",
      `event loop of the instance that stays: timers of 10 ms, all the time; memory in ${steady.length} windows with full histories beside the faults: in use ${grows(inUse)}, resident ${grows(resident)}; slopes with 95 % intervals, from means of 12 blocks`,
    ],
    figures: [
      ...(rates.full === null
        ? []
        : [
            {
              what: 'full rate of both instances, a backlog to its last verdict',
              value: rates.full,
              unit: 'records/s',
            },
          ]),
      { what: 'rate of the load', value: rates.load, unit: 'records/s' },
      { what: '  behind at most', value: behindMs, unit: 'ms' },
      { what: 'records: all counted, each once', value: load.sent, unit: '' },
      { what: '  in windows', value: outcome.inWindows, unit: `in ${outcome.windows} windows` },
      { what: '  late for any revision, as the load says', value: outcome.late, unit: '' },
      { what: '  rejected: dead letters by cause as the load says', value: poisoned, unit: '' },
      ...delayFigures('alert events', alerts.calm, { of: 'value', atMost: 250 }),
      ...delayFigures('first verdicts', verdicts.calm),
      ...delayFigures('alert events around faults', alerts.troubled),
      ...delayFigures('first verdicts around faults', verdicts.troubled),
      { what: 'event loop delay, p50', value: loopDelay.p50, unit: 'ms' },
      { what: '  p99', value: loopDelay.p99, unit: 'ms' },
      { what: '  at most', value: loopDelay.most, unit: 'ms' },
      ...slopeFigures('heap and buffers after a collection', 'MB', inUse, most('inUseMb'), { of: 'value', atMost: 1 }),
      ...slopeFigures('resident memory', 'MB', resident, most('residentMb'), { of: 'value', atMost: 1 }),
      ...slopeFigures('open parts', '', parts, most('openParts')),
    ],
  }
}

/** Histories are full, and both instances have what they have at rest. */
function steadyOf(samples: readonly Sample[], faults: readonly Stretch[]): readonly Sample[] {
  const warm = samples
    .filter(({ windows }) => windows >= WARM_WINDOWS)
    .map(one => ({ ...one, from: one.at, to: one.at }))
  return besideFaults(warm, faults, AFTER_MS).calm
}

function delayFigures(what: string, all: readonly Stretch[], goal?: Goal): Figure[] {
  const { count, p50, p99, most } = delaysOf(all)
  if (count === 0) return [{ what, value: 0, unit: 'events' }]
  return [
    { what: `${what}, delay p50`, value: p50, unit: 'ms' },
    { what: '  p99', value: p99, unit: 'ms', ...(goal === undefined ? {} : { goal }) },
    { what: '  at most', value: most, unit: `ms, of ${count.toLocaleString('en')}` },
  ]
}

function slopeFigures(what: string, unit: string, { slope, margin }: Slope, most: number, goal?: Goal): Figure[] {
  const largest = { what: '  at most', value: most, unit }
  if (Number.isNaN(slope)) return [{ ...largest, what: `${what}, too few samples for a slope: at most` }]
  return [
    { what: `${what}, slope`, value: slope, unit: `${unit} in 10 min`, ...(goal === undefined ? {} : { goal }) },
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
