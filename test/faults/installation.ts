import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import kafkajs, { type Admin } from 'kafkajs'
import { decodeCommit } from '../../src/codec/commit.js'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import type { Batch } from '../../src/core/ports.js'
import { KafkaLog } from '../../src/log/kafka/kafka-log.js'
import { freePort, Service, succeed, until } from '../integration/cli-process.js'
import { published, quiet } from '../integration/published.js'
import { startKafka, startRedis } from '../services/launch.js'
import { makeTopics } from '../services/topics.js'
import { byId, contents, type Violation } from './check.js'
import { type Feed, MINUTE, makeFeed, type Sent, T0 } from './feed.js'
import { expected, FEATURES, type Outcomes } from './oracle.js'

const PARTITIONS = 4
/** A group finds out in 30 s that a member is dead, unless told. */
const PATIENCE_MS = 150_000

/** A Kafka and a Redis of its own, and processes of the built command line on them. */
export class Installation {
  private constructor(
    readonly folder: string,
    readonly kafka: Awaited<ReturnType<typeof startKafka>>,
    readonly redis: Awaited<ReturnType<typeof startRedis>>,
    readonly log: KafkaLog,
    readonly admin: Admin,
    readonly env: Readonly<Record<string, string>>,
  ) {}

  /** @param more environment of its processes */
  static async start(more: Readonly<Record<string, string>> = {}): Promise<Installation> {
    const folder = await mkdtemp(join(tmpdir(), 'driftline-faults-'))
    const [kafka, redis] = await Promise.all([startKafka(), startRedis()])
    const env = {
      KAFKA_BROKERS: kafka.brokers.join(),
      SCHEMA_REGISTRY_URL: '',
      DRIFTLINE_REPLICATION: '1',
      REDIS_URL: redis.url,
      DRIFTLINE_STATE: 'redis',
      ...more,
    }
    const admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    await succeed(env, 'topics', 'apply')
    return new Installation(folder, kafka, redis, new KafkaLog({ brokers: kafka.brokers, logger: quiet }), admin, env)
  }

  /** A source topic, a monitor of each of two models on it, and a group of their own. */
  async scene(name: string, seed: number, records: number): Promise<Scene> {
    const folder = join(this.folder, name)
    await mkdir(folder)
    const feed = makeFeed(seed, { models: [`${name}-rides`, `${name}-tips`], least: PARTITIONS, records })
    for (const model of feed.models) await writeFile(join(folder, `${model}.yaml`), monitorFile(model, name, feed))
    const topics = [{ topic: name, numPartitions: feed.partitions.length }]
    await makeTopics(this.admin, topics)
    return new Scene(this, name, folder, feed)
  }

  async flushRedis(): Promise<void> {
    const client = new Redis(this.redis.url)
    await client.flushall()
    client.disconnect()
  }

  async stop(): Promise<void> {
    await this.log.close()
    await this.admin.disconnect()
    await Promise.all([this.kafka.stop(), this.redis.stop()])
    await rm(this.folder, { recursive: true, force: true })
  }
}

function monitorFile(model: string, topic: string, { window, segmented }: Feed): string {
  const minutes = (ms: number): string => `${ms / MINUTE}m`
  return JSON.stringify({
    apiVersion: 'driftline/v1',
    model,
    serving: {
      ...{ topic, format: 'json', where: { model }, key: 'requestId', time: 'eventTime', version: 'modelVersion' },
      ...{ features: 'features.*', maxAhead: '60m', idleAfter: '3650d' },
    },
    window: {
      size: minutes(window.size),
      advance: minutes(window.advance),
      grace: minutes(window.grace),
      reviseFor: minutes(window.reviseFor),
      minRows: 1_000_000,
    },
    segments: segmented ? { payment: { values: ['cash', 'card'] } } : {},
    features: Object.fromEntries(Object.entries(FEATURES).map(([feature, kind]) => [feature, { kind }])),
  })
}

/** One feed through the real line, in as many processes as the scene wants. */
export class Scene {
  readonly services: Service[] = []
  readonly done = { kills: 0, starts: 0 }
  #sent = 0

  constructor(
    readonly at: Installation,
    readonly name: string,
    private readonly folder: string,
    readonly feed: Feed,
  ) {}

  /** Checkpoints on local disk, instead of Redis. */
  get disk(): Readonly<Record<string, string>> {
    return { DRIFTLINE_STATE: `lmdb:${join(this.folder, 'checkpoints')}` }
  }

  get group(): string {
    return `faults-${this.name}`
  }

  get records(): number {
    return this.feed.partitions.reduce((sum, { length }) => sum + length, 0)
  }

  /** Does not wait until it is ready. @param more environment */
  async up(more: Readonly<Record<string, string>> = {}): Promise<Service> {
    const env = { ...this.at.env, ...more }
    const service = new Service(env, await freePort(), this.folder, '--from', 'earliest', '--group', this.group)
    this.services.push(service)
    this.done.starts++
    return service
  }

  async kill(service: Service): Promise<void> {
    await service.kill('SIGKILL')
    this.done.kills++
  }

  /** The next share of every partition; shares add up to 1. */
  async send(share: number): Promise<void> {
    const longest = Math.max(...this.feed.partitions.map(({ length }) => length))
    const to = Math.min(longest, this.#sent + Math.ceil(share * longest))
    await this.#append(this.#sent, to)
    this.#sent = to
  }

  async #append(from: number, to: number): Promise<void> {
    const records = this.feed.partitions.flatMap((all, partition) =>
      all.slice(from, to).map(({ key, value }) => ({ key, value, partition })),
    )
    if (records.length > 0) await this.at.log.append(this.name, records)
  }

  /** Offset and outcomes that are committed, by partition. */
  async progress(): Promise<{ offset: number; counts: ReadonlyMap<string, Outcomes> }[]> {
    const groupId = `${this.group}.summarize.${this.name}`
    const [group] = await this.at.admin.fetchOffsets({ groupId, topics: [this.name] })
    const partitions = [...(group?.partitions ?? [])].sort((a, b) => a.partition - b.partition)
    return partitions.map(({ offset, metadata }) => {
      const { progress } = decodeCommit(metadata ?? '')
      return { offset: Number(offset), counts: new Map(progress.map(({ monitor, counts }) => [monitor, counts])) }
    })
  }

  async read(): Promise<number> {
    return (await this.progress().catch(() => [])).reduce((sum, { offset }) => sum + Math.max(0, offset), 0)
  }

  /** Waits until so many records are read and committed. */
  async until(records: number): Promise<void> {
    await until(
      async () => (await this.read()) >= records,
      PATIENCE_MS,
      () => `${this.name}: not all is read: ${this.services.map(({ log }) => log.slice(-1500)).join('\n--\n')}`,
    )
  }

  /** Sends the rest, waits for every window that is due, and compares all that was ever published with the oracle. */
  async end(): Promise<{ violations: Violation[]; verdicts: number; repeats: number }> {
    await this.send(1)
    // A row long after all others in each partition and model closes what they have left open.
    const closing = this.feed.partitions.flatMap((_, partition) =>
      this.feed.models.map(model => ({ ...last(model, partition), partition })),
    )
    await this.at.log.append(this.name, closing)
    const partitions = await this.#source()
    const whole = { ...this.feed, partitions }
    await this.until(partitions.reduce((sum, records) => sum + records.length, 0))
    const oracle = expected(whole, Date.now())
    const violations: Violation[] = []
    const say = (invariant: string, detail: string): void => void violations.push({ invariant, detail })
    const isDue = (name: string): boolean => {
      const [end, revision] = name.split('/').map(Number)
      return end! + revision! * this.feed.window.advance < CLOSING
    }
    const wanted = new Map(
      [...oracle.verdicts].map(([model, all]) => [model, new Map([...all].filter(([name]) => isDue(name)))]),
    )
    const due = [...wanted.values()].reduce((sum, all) => sum + all.size, 0)
    const mine = async (): Promise<VerdictEvent[]> =>
      (await published<VerdictEvent>(this.at.kafka.brokers, 'driftline.verdicts')).filter(
        ({ series }) => this.feed.models.includes(series.model) && series.feature !== '*',
      )
    let all: VerdictEvent[] = []
    await until(
      async () => new Set((all = await mine()).map(({ id }) => id)).size >= due,
      PATIENCE_MS,
      () => `${this.name}: ${new Set(all.map(({ id }) => id)).size} verdicts of ${due}`,
    ).catch(error => say('no due window is open', (error as Error).message))
    const once = byId(all, say)
    for (const model of this.feed.models)
      contents(
        [...once.values()].filter(({ series }) => series.model === model),
        wanted.get(model)!,
        say,
      )
    await this.#sums(oracle.counts, partitions, say)
    return { violations, verdicts: once.size, repeats: all.length - once.size }
  }

  async stop(): Promise<void> {
    for (const service of this.services) {
      service.goOn()
      await service.kill('SIGKILL')
    }
  }

  async #sums(
    wanted: ReadonlyMap<string, readonly Outcomes[]>,
    source: readonly (readonly Sent[])[],
    say: (invariant: string, detail: string) => void,
  ): Promise<void> {
    for (const [partition, { offset, counts }] of (await this.progress()).entries()) {
      const { length } = source[partition]!
      if (offset !== length) say('sums of stage 1', `partition ${partition}: ${offset} of ${length} read`)
      const found = [...counts.values()].map(one => JSON.stringify(one)).sort()
      const all = [...wanted.values()].map(outcomes => JSON.stringify({ ...outcomes[partition], gap: 0 })).sort()
      if (found.join() !== all.join()) say('sums of stage 1', `partition ${partition}: ${found}, not ${all}`)
    }
  }

  /** What is in the source topic: a producer that had no answer from a broker that died has sent again. */
  async #source(): Promise<Sent[][]> {
    const partitions = this.feed.partitions.map((): Sent[] => [])
    await this.#each(this.name, (batch, i) => {
      const value = batch.value(i)
      partitions[batch.partition]!.push({ key: null, value: value && Buffer.from(value) })
    })
    return partitions
  }

  /** Every record that is in a topic now. */
  async #each(topic: string, take: (batch: Batch, index: number) => void): Promise<void> {
    const following = await this.at.log.follow(topic, batch => {
      for (let i = 0; i < batch.size; i++) take(batch, i)
    })
    await following.catchUp()
    await following.stop()
  }
}

/** Later than any row of a feed. */
const CLOSING = T0 + 60 * 24 * 60 * MINUTE

function last(model: string, partition: number) {
  const event = { requestId: `end-${partition}`, eventTime: CLOSING, model, modelVersion: 'v1', features: {} }
  return { key: `end-${partition}`, value: Buffer.from(JSON.stringify(event)) }
}
