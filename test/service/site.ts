import pino, { type Logger } from 'pino'
import { decodeDeadLetter } from '../../src/codec/dead-letter.js'
import { PublicDecoder } from '../../src/codec/public-decoder.js'
import { jsonEncoder } from '../../src/codec/public-encoder.js'
import type { WriterSchemas } from '../../src/codec/writer-schemas.js'
import type { AlertEvent, VerdictEvent } from '../../src/core/alert/event.js'
import type { IncidentEvent } from '../../src/core/alert/incident-event.js'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { Monitor } from '../../src/core/monitor.js'
import type { ParityEvent } from '../../src/core/parity/event.js'
import type {
  Batch,
  Following,
  GroupMember,
  JoinOptions,
  KeyedStore,
  Log,
  Membership,
  OutgoingRecord,
  StateStore,
  TimestampRule,
} from '../../src/core/ports.js'
import type { ShadowEvent } from '../../src/core/shadow/event.js'
import { EmbeddedLog } from '../../src/log/embedded.js'
import { activate, publishBaseline } from '../../src/service/baselines.js'
import { Line } from '../../src/service/line.js'
import { ALERTS, BASELINES, CONTROL, DEAD_LETTERS, JOINS, PANES, STATE, VERDICTS } from '../../src/service/topics.js'

export interface SiteOptions {
  /** Source topics and their partitions. */
  readonly topics: Readonly<Record<string, number>>
  /** Each active from the beginning. */
  readonly baselines?: readonly Baseline[]
  readonly schemas?: WriterSchemas | null
  /** Most records that a member gets at once. */
  readonly batchSize?: number
  readonly panesPartitions?: number
  /** 0: there is no such topic. */
  readonly joinsPartitions?: number
  readonly timestamps?: TimestampRule
  /** Where a partition without a commit begins; at the earliest offset unless told. */
  readonly start?: JoinOptions['start']
  readonly privacyKey?: string
  /** Where the service logs to; nowhere unless told. */
  readonly logger?: Logger
  /** Of checkpoints; none unless told. */
  readonly store?: StateStore
  /** Of the keys that wait to be joined; in the memory of the process unless told. */
  readonly keys?: KeyedStore
  /** Wall clock at the start, epoch ms. */
  readonly now: number
}

/** A record as it lies in a topic. */
export interface Stored {
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: Uint8Array | null
  readonly headers: Readonly<Record<string, Uint8Array>>
}

export class Killed extends Error {}

/** The log as one process sees it, so that the process can be killed: at once, or at one of its writes. */
class Connection implements Log {
  readonly #memberships: Membership[] = []
  readonly #followings: Following[] = []
  /** Writes that still go through; the process dies at the next one, half of it written. */
  writes = Number.POSITIVE_INFINITY
  /** It dies at its next write of decision states, when so many records of it are written: a large state is several batches. */
  stateRecords = Number.POSITIVE_INFINITY
  dead = false

  constructor(private readonly log: EmbeddedLog) {}

  partitions = (topic: string) => this.log.partitions(topic)
  offsets = (topic: string) => this.log.offsets(topic)
  timestampRule = (topic: string) => this.log.timestampRule(topic)
  offsetAt = (topic: string, time: number) => this.log.offsetAt(topic, time)

  async append(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    if (this.dead) throw new Killed()
    const isTorn = topic === STATE && Number.isFinite(this.stateRecords)
    if (this.writes-- > 0 && !isTorn) return this.log.append(topic, records)
    this.dead = true
    await this.log.append(topic, records.slice(0, isTorn ? this.stateRecords : Math.floor(records.length / 2)))
    throw new Killed()
  }

  async join(group: string, topics: readonly string[], member: GroupMember, options?: JoinOptions) {
    const membership = await this.log.join(group, topics, member, options)
    this.#memberships.push(membership)
    return membership
  }

  async follow(topic: string, onRecords: (batch: Batch) => void) {
    const following = await this.log.follow(topic, onRecords)
    this.#followings.push(following)
    return following
  }

  async close(): Promise<void> {}

  /** As `kill -9`: others take over, and nothing that it still does is heard. */
  async kill(): Promise<void> {
    this.dead = true
    for (const following of this.#followings) await following.stop()
    await this.loseMemberships()
  }

  /** The group has given it up, and it does not know. */
  async loseMemberships(): Promise<void> {
    for (const membership of this.#memberships) await this.log.crash(membership)
  }
}

/** The store as one process sees it: its writes are among those at which the process dies, before or after they have taken effect. */
class StoreConnection implements StateStore {
  constructor(
    private readonly store: StateStore,
    private readonly connection: Connection,
  ) {}

  get place(): string {
    return this.store.place
  }

  async read(tasks: readonly string[]) {
    if (this.connection.dead) throw new Killed()
    return this.store.read(tasks)
  }

  async write(checkpoints: Parameters<StateStore['write']>[0]) {
    const { connection, store } = this
    if (connection.dead) throw new Killed()
    if (connection.writes > 1) {
      connection.writes--
      return store.write(checkpoints)
    }
    connection.dead = true
    // The last write but one: it takes effect, and the commit after it does not come.
    if (connection.writes === 1) await store.write(checkpoints)
    throw new Killed()
  }

  async remove(tasks: readonly string[]) {
    if (this.connection.dead) throw new Killed()
    return this.store.remove(tasks)
  }

  async close(): Promise<void> {}
}

/** An instance of the service on a site. */
export interface Instance {
  readonly line: Line
  readonly connection: Connection
}

/** An embedded log with all topics and a clock by hand; instances of the line come and go on it. */
export class Site {
  readonly clock: { now: () => number }
  readonly log: EmbeddedLog
  readonly instances: Instance[] = []

  constructor(
    readonly options: SiteOptions,
    public now = options.now,
  ) {
    this.clock = { now: () => this.now }
    const { topics, batchSize = 100, timestamps, panesPartitions = 1, joinsPartitions = 1 } = options
    const own = [BASELINES, CONTROL, VERDICTS, ALERTS, DEAD_LETTERS].map(name => ({ name, partitions: 1 }))
    const inner = [PANES, STATE].map(name => ({ name, partitions: panesPartitions }))
    const joins = joinsPartitions === 0 ? [] : [{ name: JOINS, partitions: joinsPartitions }]
    const sources = Object.entries(topics).map(([name, partitions]) => ({ name, partitions }))
    this.log = new EmbeddedLog({
      clock: this.clock,
      topics: [...own, ...inner, ...joins, ...sources],
      batchSize,
      ...(timestamps === undefined ? {} : { timestamps }),
    })
  }

  static async with(options: SiteOptions, monitors: readonly Monitor[]): Promise<Site> {
    const site = new Site(options)
    for (const baseline of options.baselines ?? []) await site.load(baseline)
    await site.start(monitors)
    return site
  }

  /** Publishes a baseline and makes it active: from the beginning, or from a pane. */
  async load(baseline: Baseline, from: number | null = null): Promise<void> {
    await publishBaseline(this.log, baseline)
    const { model, modelVersion, version } = baseline
    await activate(this.log, { model, modelVersion, baseline: version, from, by: 'test', at: this.now })
  }

  async start(
    monitors: readonly Monitor[],
    stages = { summarize: true, join: true, evaluate: true },
  ): Promise<Instance> {
    const connection = new Connection(this.log)
    const { store = null, start = 'earliest', privacyKey = null, logger = pino({ level: 'silent' }) } = this.options
    const line = new Line({
      log: connection,
      store: store && new StoreConnection(store, connection),
      openKeys: async () => this.options.keys ?? null,
      clock: this.clock,
      logger,
      privacyKey,
      monitors,
      schemas: this.options.schemas ?? null,
      encoder: jsonEncoder(),
      start,
      stages,
      onFailure: error => {
        throw error
      },
    })
    const instance = { line, connection }
    this.instances.push(instance)
    await line.start()
    return instance
  }

  /** The only instance. */
  get line(): Line {
    return this.instances.at(-1)!.line
  }

  /** Appends, and lets the line run until nothing moves. */
  async send(topic: string, records: readonly OutgoingRecord[], now?: number): Promise<void> {
    this.now = Math.max(this.now, now ?? this.now)
    await this.log.append(topic, records)
    await this.log.run()
  }

  /** Wall time passes, a second at a time as the service ticks. */
  async pass(ms: number, tickMs = 1000): Promise<void> {
    for (let passed = 0; passed < ms; passed += tickMs) {
      this.now += tickMs
      for (const { line, connection } of this.instances) if (!connection.dead) await line.tick()
      await this.log.run()
    }
  }

  /** The end of the input. */
  async finish(): Promise<void> {
    await this.log.run()
    for (const { line, connection } of this.instances) if (!connection.dead) await line.finish()
    await this.log.run()
  }

  async kill(instance: Instance): Promise<void> {
    await instance.connection.kill()
  }

  async records(topic: string): Promise<Stored[]> {
    const found: Stored[] = []
    const following = await this.log.follow(topic, batch => {
      for (let i = 0; i < batch.size; i++) {
        const key = batch.key(i)
        found.push({
          partition: batch.partition,
          offset: batch.offset(i),
          key: key && Buffer.from(key).toString(),
          value: batch.value(i)?.slice() ?? null,
          headers: batch.headers(i),
        })
      }
    })
    await following.catchUp()
    await following.stop()
    return found
  }

  /** All that were ever published, repeats too. */
  async verdicts(): Promise<VerdictEvent[]> {
    return (await this.#events(VERDICTS)).flatMap(one => (one.type === 'verdict' ? [one.event] : []))
  }

  async shadows(): Promise<ShadowEvent[]> {
    return (await this.#events(VERDICTS)).flatMap(one => (one.type === 'shadow' ? [one.event] : []))
  }

  async parities(): Promise<ParityEvent[]> {
    return (await this.#events(VERDICTS)).flatMap(one => (one.type === 'parity' ? [one.event] : []))
  }

  async alerts(): Promise<AlertEvent[]> {
    return (await this.#events(ALERTS)).flatMap(one => (one.type === 'alert' ? [one.event] : []))
  }

  async incidents(): Promise<IncidentEvent[]> {
    return (await this.#events(ALERTS)).flatMap(one => (one.type === 'incident' ? [one.event] : []))
  }

  async deadLetters() {
    return (await this.records(DEAD_LETTERS)).map(({ key, value, headers }) => ({
      key,
      value,
      ...decodeDeadLetter(headers)!,
    }))
  }

  /** Records of a model by outcome and partition, from the metrics of an instance. */
  async counted(model: string, instance = this.instances.at(-1)!): Promise<Record<string, number>[]> {
    await instance.line.tick()
    const partitions: Record<string, number>[] = []
    for (const { labels, value } of (await instance.line.metrics.records.get()).values) {
      if (labels.model !== model) continue
      const outcomes = (partitions[Number(labels.partition)] ??= {})
      outcomes[String(labels.outcome)] = value
    }
    return partitions
  }

  async #events(topic: string) {
    const decoder = new PublicDecoder(null)
    const decoded = await Promise.all((await this.records(topic)).map(one => decoder.decode(one.headers, one.value)))
    return decoded.map((event, i) => {
      if (event === null) throw new Error(`record ${i} of ${topic} cannot be decoded`)
      return event
    })
  }
}

/** Rows of all windows, each at its last revision; of tumbling windows this is what stage 2 has judged. */
export function windowRows(verdicts: readonly VerdictEvent[], model?: string): number {
  const windows = new Map<string, { revision: number; rows: number }>()
  for (const { series, window, monitor } of verdicts) {
    if (Object.keys(series.segment).length > 0 || (model !== undefined && series.model !== model)) continue
    const key = `${series.model}/${series.modelVersion}/${monitor.hash}/${window.end}`
    const known = windows.get(key)
    if (known === undefined || window.revision > known.revision) windows.set(key, window)
  }
  return [...windows.values()].reduce((sum, { rows }) => sum + rows, 0)
}

/** What all source partitions have counted and what stage 2 refused, as stage 2 knows it. */
export function judged(line: Line, model?: string) {
  return (line.evaluating?.evaluations ?? [])
    .filter(({ monitor }) => model === undefined || monitor.model === model)
    .map(({ monitor, collector }) => ({ version: monitor.version, ...collector.counts(), expired: collector.expired }))
}
