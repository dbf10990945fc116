import { setTimeout as pause } from 'node:timers/promises'
import type { Producer } from 'kafkajs'
import { until } from '../integration/cli-process.js'
import type { Broker } from './broker.js'
import { built } from './built.js'
import type { Closings, Stretch } from './delays.js'
import type { Instance, LoopDelay } from './instances.js'
import type { Load, LoadRecord } from './soak-load.js'

const { VERDICTS } = await built<typeof import('../../src/service/topics.js')>('service/topics')

export const TOPIC = 'soak-served'
export const GROUP = 'soak'
const SEND_EVERY_MS = 100
/** A record batch of a partition has at most so many rounds. */
const ROUNDS_AT_ONCE = 80
const LOOK_EVERY_MS = 250
const JUDGED_WITHIN_MS = 600_000
/** The second instance leaves so long after it has come; every other time it is killed. */
const STAYS_MS = 120_000
const AWAY_MS = 5_000
/** Memory is looked at when so much of a window's time has passed: what has closed is judged. Now and then after a collection. */
const PHASE = 0.75
const COLLECT_EVERY = 5
const FEATURE = /\/f\d+$/

export interface Sample {
  /** Epoch ms. */
  readonly at: number
  /** See `Load.windows`. */
  readonly windows: number
  readonly residentMb: number
  readonly openParts: number
  /** Heap and buffers after a collection; null between two. */
  readonly inUseMb: number | null
}

export interface Ran {
  /** Of the instance that stays. */
  readonly samples: readonly Sample[]
  readonly loopDelay: LoopDelay
  /** From a signal until all partitions have an owner again. */
  readonly faults: readonly (Stretch & { readonly signal: NodeJS.Signals })[]
  /** How late the load was at most, ms. */
  readonly behindMs: number
}

/** Progress, out of the way of the figures. */
export function tell(what: string): void {
  console.error(`soak, ${new Date().toISOString()}: ${what}`)
}

/** Sends what a load makes, and notes when the log took it. */
export class Feed {
  /** Null while nobody waits for windows. */
  closings: Closings | null = null

  constructor(
    readonly load: Load,
    private readonly producer: Producer,
  ) {}

  async send(rounds: number): Promise<void> {
    for (let left = rounds; left > 0; left -= ROUNDS_AT_ONCE)
      await this.#append(this.load.next(Math.min(left, ROUNDS_AT_ONCE)))
  }

  /** Closes all windows. */
  async end(): Promise<void> {
    await this.#append(this.load.last())
  }

  async #append(messages: LoadRecord[]): Promise<void> {
    const answers = await this.producer.send({ topic: TOPIC, messages, acks: -1 })
    this.closings?.passed(this.load.reached, Math.max(...answers.map(({ logAppendTime }) => Number(logAppendTime))))
  }
}

/** Waits until all windows that close with what was sent are judged. @param series that are judged in each window */
export async function judged(broker: Broker, load: Load, series: number): Promise<void> {
  const end = load.closed
  const newest = new Map<string, number>()
  const verdicts = await broker.log.follow(VERDICTS, batch => {
    for (let i = 0; i < batch.size; i++) {
      const { ce_subject: subject, ce_time: time } = batch.headers(i)
      const name = Buffer.from(subject ?? []).toString()
      if (FEATURE.test(name))
        newest.set(name, Math.max(newest.get(name) ?? 0, Date.parse(Buffer.from(time ?? []).toString())))
    }
  })
  const isJudged = async (): Promise<boolean> => {
    await verdicts.catchUp()
    return newest.size === series && [...newest.values()].every(time => time >= end)
  }
  await until(isJudged, JUDGED_WITHIN_MS, () => `${newest.size} series are judged: ${broker.logs}`, LOOK_EVERY_MS)
  await verdicts.stop()
}

export interface Two {
  readonly stays: Instance
  readonly leaves: Instance
  /** Starts the second anew. */
  readonly again: () => Promise<Instance>
}

/** The load for so long, while one instance comes and goes and the other is looked at. @param rate rounds a second */
export async function run(feed: Feed, { stays, leaves, again }: Two, rate: number, minutes: number): Promise<Ran> {
  const over = new AbortController()
  const faults: Ran['faults'][number][] = []
  await stays.loopDelay()
  const beside = Promise.all([restart(leaves, stays, again, faults, over.signal), watch(stays, feed.load, over.signal)])
  // What they fail of is told below.
  beside.catch(() => over.abort())
  const from = performance.now()
  const rounds = (): number => ((performance.now() - from) * rate) / 1000
  let sent = 0
  let behindMs = 0
  let told = 0
  while (!over.signal.aborted && performance.now() - from < minutes * 60_000) {
    const due = Math.floor(rounds()) - sent
    await feed.send(due)
    sent += due
    behindMs = Math.max(behindMs, (1000 * (rounds() - sent)) / rate)
    await pause(SEND_EVERY_MS)
    const minute = Math.floor((performance.now() - from) / 60_000)
    if (minute > told)
      tell(`minute ${(told = minute)}: ${feed.load.sent.toLocaleString('en')} records, ${faults.length} faults`)
  }
  over.abort()
  const [, samples] = await beside
  const loopDelay = await stays.loopDelay()
  await feed.end()
  return { samples, loopDelay, faults, behindMs }
}

async function restart(
  first: Instance,
  stays: Instance,
  again: Two['again'],
  faults: Ran['faults'][number][],
  signal: AbortSignal,
): Promise<void> {
  for (let second = first; ; ) {
    await pause(STAYS_MS, null, { signal }).catch(() => null)
    if (signal.aborted) return
    const kill = faults.length % 2 === 0 ? 'SIGTERM' : 'SIGKILL'
    const from = Date.now()
    await second.end(kill)
    await pause(AWAY_MS)
    second = await again()
    await Promise.all([second.ready(), stays.ready()])
    faults.push({ from, to: Date.now(), signal: kill })
  }
}

/** Once a window, at the same time of it: what lies between two looks is then alike. */
async function watch(stays: Instance, load: Load, signal: AbortSignal): Promise<Sample[]> {
  const samples: Sample[] = []
  for (
    let next = Math.ceil(load.windows) + PHASE;
    !signal.aborted;
    next = Math.floor(load.windows - PHASE) + 1 + PHASE
  ) {
    while (load.windows < next && !signal.aborted) await pause(SEND_EVERY_MS / 2)
    if (signal.aborted) break
    const isCollected = samples.length % COLLECT_EVERY === 0
    const at = Date.now()
    const openParts = await stays.metric('driftline_open_parts')
    const { residentMb, inUseMb } = await stays.usage(isCollected ? 'collected' : 'now')
    samples.push({ at, windows: load.windows, residentMb, openParts, inUseMb: isCollected ? inUseMb : null })
  }
  return samples
}
