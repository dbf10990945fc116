import pino from 'pino'
import type { Batch, Membership } from '../../src/core/ports.js'
import { built } from './built.js'
import { cpuSeconds } from './cpu.js'
import { Fleet, PANE_MS, type Shape } from './fleet.js'
import { bytesInUse } from './heap.js'
import { START_MS } from './workload.js'

const { EmbeddedLog } = await built<typeof import('../../src/log/embedded.js')>('log/embedded')
const { Line } = await built<typeof import('../../src/service/line.js')>('service/line')
const { encodeBaseline } = await built<typeof import('../../src/codec/baseline.js')>('codec/baseline')
const { encodeControl } = await built<typeof import('../../src/codec/control.js')>('codec/control')
const { jsonEncoder } = await built<typeof import('../../src/codec/public-encoder.js')>('codec/public-encoder')
const topics = await built<typeof import('../../src/service/topics.js')>('service/topics')

const { PANES, STATE, VERDICTS, BASELINES, CONTROL } = topics
/** Fetches of a partition in a pane: what a consumer gets in a second. */
const FETCHES = 60

type Stages = { readonly summarize: boolean; readonly join: boolean; readonly evaluate: boolean }
const STAGE_1: Stages = { summarize: true, join: false, evaluate: false }
const STAGE_2: Stages = { summarize: false, join: false, evaluate: true }
const NO_STAGE: Stages = { summarize: false, join: false, evaluate: false }

/** Messages and bytes. */
export interface Tally {
  messages: number
  bytes: number
}

export interface Simulated {
  readonly shape: Shape
  readonly records: number
  readonly verdicts: number
  /** Of all panes. */
  readonly parts: Tally
  readonly markers: Tally
  /** CPU-seconds. */
  readonly cpu: { readonly stage1: number; readonly stage2: number; readonly restart: number }
  /** Heap and buffers in bytes: what every instance knows, what stage 1 holds in the middle of a pane, what stage 2 holds beside driftline.state. */
  readonly memory: { readonly known: number; readonly stage1: number; readonly stage2: number }
  readonly state: {
    /** Written for all panes. */
    readonly written: Tally
    /** What is left of it when compacted. */
    readonly kept: Tally
    /** Of them, how far the partitions are that stage 1 has read. */
    readonly progress: Tally
  }
  /** Parts that stage 2 has read again at the restart. */
  readonly reread: Tally
}

/** The fleet through the real line on the embedded log: stage 1, then stage 2, then a new owner of stage 2. */
export async function simulate(shape: Shape): Promise<Simulated> {
  const fleet = new Fleet(shape)
  const site = await Site.open(fleet)
  const first = await summarized(site, shape)
  const stage2 = await evaluated(site)
  await site.crash()
  const { part: parts, marker: markers } = structuredClone(site.panes)
  const written = { ...site.stateWritten }
  const { verdicts } = site
  const kept = await site.compactState()
  await site.rest()
  const nothing = bytesInUse()
  await site.start(NO_STAGE)
  const known = bytesInUse() - nothing
  await site.crash()
  const reread = await site.reread()
  const restart = await evaluated(site)
  const memory2 = bytesInUse() - nothing - known - kept.kept.bytes
  await site.crash()
  return {
    ...{ shape, records: first.records, verdicts, parts, markers, reread },
    cpu: { stage1: first.cpu, stage2, restart },
    memory: { known, stage1: first.memory, stage2: memory2 },
    state: { written, ...kept },
  }
}

/** Stage 1 alone reads all panes, and half of one more, so that the last is closed and parts are open. */
async function summarized(site: Site, { panes }: Shape): Promise<{ cpu: number; records: number; memory: number }> {
  await site.start(STAGE_1)
  let cpu = 0
  let records = 0
  for (let fetch = 0; fetch < (panes + 0.5) * FETCHES; fetch++) {
    records += await site.serve(fetch / FETCHES, (fetch + 1) / FETCHES)
    const before = process.cpuUsage()
    await site.log.run()
    await site.tick()
    cpu += cpuSeconds(before)
  }
  const all = bytesInUse()
  await site.crash()
  return { cpu, records, memory: all - bytesInUse() }
}

/** Stage 2 alone reads what there is of the panes. @returns CPU-seconds; it runs on, until it crashes */
async function evaluated(site: Site): Promise<number> {
  const before = process.cpuUsage()
  await site.start(STAGE_2)
  await site.log.run()
  return cpuSeconds(before)
}

/** The embedded log with the fleet's topics, and what is counted of them. */
class Site {
  now = START_MS
  verdicts = 0
  /** By type of message. */
  readonly panes = { part: { messages: 0, bytes: 0 }, marker: { messages: 0, bytes: 0 } }
  readonly stateWritten: Tally = { messages: 0, bytes: 0 }
  readonly log: InstanceType<typeof EmbeddedLog>
  readonly #topic: string
  #line: InstanceType<typeof Line> | null = null
  #memberships: Membership[] = []
  #followings: { stop(): Promise<void> }[] = []
  readonly #counting: { stop(): Promise<void> }[] = []

  private constructor(private readonly fleet: Fleet) {
    const { partitions, panesPartitions } = fleet.shape
    this.#topic = fleet.monitors[0]!.serving.topic
    const own = Object.values(topics).map(name => ({
      name,
      partitions: name === PANES || name === STATE ? panesPartitions : 1,
    }))
    this.log = new EmbeddedLog({
      clock: { now: () => Math.floor(this.now) },
      topics: [...own, { name: this.#topic, partitions }],
      retainConsumed: false,
    })
    const join = this.log.join.bind(this.log)
    this.log.join = async (...all) => {
      const membership = await join(...all)
      this.#memberships.push(membership)
      return membership
    }
  }

  static async open(fleet: Fleet): Promise<Site> {
    const site = new Site(fleet)
    const { log } = site
    for (const baseline of await fleet.baselines()) await log.append(BASELINES, encodeBaseline(baseline))
    await log.append(
      CONTROL,
      fleet.activations().map(activation => encodeControl({ activation })),
    )
    await site.#count(PANES, (batch, i) => {
      const type = Buffer.from(batch.headers(i)['type']!).toString() as keyof Site['panes']
      add(site.panes[type], batch, i)
    })
    await site.#count(STATE, (batch, i) => add(site.stateWritten, batch, i))
    await site.#count(VERDICTS, () => site.verdicts++)
    return site
  }

  async #count(topic: string, each: (batch: Batch, i: number) => void): Promise<void> {
    const following = await this.log.follow(topic, batch => {
      for (let i = 0; i < batch.size; i++) each(batch, i)
      // Nobody reads it, and it would be the largest of all.
      if (topic === VERDICTS) this.log.truncate(topic, batch.partition, batch.nextOffset)
    })
    this.#counting.push(following)
  }

  /** Rows of every partition, of a stretch of time, in panes since the beginning. @returns how many */
  async serve(from: number, to: number): Promise<number> {
    this.now = START_MS + to * PANE_MS
    let records = 0
    for (let partition = 0; partition < this.fleet.shape.partitions; partition++) {
      const values = [...this.fleet.rows(partition, from, to)]
      records += values.length
      await this.log.append(
        this.#topic,
        values.map(value => ({ key: null, partition, value })),
      )
    }
    return records
  }

  async start(stages: Stages): Promise<void> {
    const follow = this.log.follow.bind(this.log)
    this.log.follow = async (...all) => {
      const following = await follow(...all)
      this.#followings.push(following)
      return following
    }
    this.#line = new Line({
      log: this.log,
      clock: { now: () => Math.floor(this.now) },
      logger: pino({ enabled: false }),
      monitors: this.fleet.monitors,
      schemas: this.fleet.schemas,
      encoder: jsonEncoder(),
      stages,
      start: 'earliest',
    })
    await this.#line.start()
    this.log.follow = follow
  }

  async tick(): Promise<void> {
    await this.#line!.tick()
  }

  /** As `kill -9`. */
  async crash(): Promise<void> {
    for (const membership of this.#memberships) await this.log.crash(membership)
    for (const following of this.#followings) await following.stop()
    this.#followings = []
    this.#memberships = []
    this.#line = null
  }

  /** No more counting. */
  async rest(): Promise<void> {
    for (const following of this.#counting) await following.stop()
  }

  /** What compaction leaves: the newest record of each key. */
  async compactState(): Promise<{ kept: Tally; progress: Tally }> {
    type Kept = { partition: number; key: string; value: Buffer; headers: Readonly<Record<string, Uint8Array>> }
    const newest = new Map<string, Kept>()
    const following = await this.log.follow(STATE, batch => {
      for (let i = 0; i < batch.size; i++) {
        const key = Buffer.from(batch.key(i)!).toString()
        const value = batch.value(i)
        if (value === null) newest.delete(key)
        else newest.set(key, { partition: batch.partition, key, value: Buffer.from(value), headers: batch.headers(i) })
      }
    })
    await following.catchUp()
    await following.stop()
    const ends = await this.log.offsets(STATE)
    for (const record of newest.values()) await this.log.append(STATE, [record])
    for (const [partition, { end }] of ends.entries()) this.log.truncate(STATE, partition, end)
    const sum = (some: readonly Kept[]): Tally => ({
      messages: some.length,
      bytes: some.reduce((all, { value }) => all + value.length, 0),
    })
    const all = [...newest.values()]
    return { kept: sum(all), progress: sum(all.filter(({ key }) => key.startsWith('commits#'))) }
  }

  /** What a new owner of stage 2 reads again: what lies behind the commits. */
  async reread(): Promise<Tally> {
    const tally: Tally = { messages: 0, bytes: 0 }
    const starts = (await this.log.offsets(PANES)).map(({ first }, partition) => {
      return this.log.committed('driftline.evaluate', { topic: PANES, partition })?.offset ?? first
    })
    const following = await this.log.follow(PANES, batch => {
      for (let i = 0; i < batch.size; i++) if (batch.offset(i) >= starts[batch.partition]!) add(tally, batch, i)
    })
    await following.catchUp()
    await following.stop()
    return tally
  }
}

function add(tally: Tally, batch: Batch, i: number): void {
  tally.messages++
  tally.bytes += batch.value(i)?.length ?? 0
}
