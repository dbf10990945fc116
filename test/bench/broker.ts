import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import kafkajs, { type Admin, type IResourceConfigEntry, type Kafka, type Producer } from 'kafkajs'
import pino from 'pino'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import { driftline } from '../integration/cli-process.js'
import { startServices } from '../services/launch.js'
import { built } from './built.js'
import { Instance } from './instances.js'

const { KafkaLog } = await built<typeof import('../../src/log/kafka/kafka-log.js')>('log/kafka/kafka-log')
const { openProducer } = await built<typeof import('../../src/log/kafka/open-producer.js')>('log/kafka/open-producer')
const { activate, publishBaseline } = await built<typeof import('../../src/service/baselines.js')>('service/baselines')

/** A broker, a registry and a folder with monitor files, for processes of the service. */
export class Broker {
  readonly env: Readonly<Record<string, string>>
  readonly log: InstanceType<typeof KafkaLog>
  readonly #running: Instance[] = []

  private constructor(
    private readonly services: Awaited<ReturnType<typeof startServices<'kafka' | 'registry'>>>,
    private readonly kafka: Kafka,
    readonly admin: Admin,
    readonly folder: string,
  ) {
    const { brokers } = services.kafka
    this.env = {
      KAFKA_BROKERS: brokers.join(),
      SCHEMA_REGISTRY_URL: services.registry.url,
      DRIFTLINE_REPLICATION: '1',
    }
    this.log = new KafkaLog({ brokers, logger: pino({ level: 'error' }, pino.destination(2)) })
  }

  /** @param monitors files by name */
  static async start(monitors: Readonly<Record<string, object>>): Promise<Broker> {
    const services = await startServices(['kafka', 'registry'])
    const folder = await mkdtemp(join(tmpdir(), 'driftline-bench-'))
    for (const [name, monitor] of Object.entries(monitors))
      await writeFile(join(folder, `${name}.yaml`), JSON.stringify(monitor))
    const { brokers } = services.kafka
    const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })
    const admin = kafka.admin()
    await admin.connect()
    return new Broker(services, kafka, admin, folder)
  }

  get registryUrl(): string {
    return this.services.registry.url
  }

  /** @returns its id */
  async register(topic: string, schema: object): Promise<number> {
    const registry = new SchemaRegistry({ host: this.registryUrl })
    const confluent = { type: SchemaType.AVRO, schema: JSON.stringify(schema) } as const
    return (await registry.register(confluent, { subject: `${topic}-value` })).id
  }

  /** Creates the source topic and Driftline's own. */
  async topics(topic: string, partitions: number): Promise<void> {
    await this.admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true })
    const { code, stderr } = await driftline(this.env, 'topics', 'apply')
    if (code !== 0) throw new Error(`topics apply: ${stderr}`)
  }

  /** Settings of a topic, beside those that it has. */
  async configure(topic: string, more: Readonly<Record<string, string>>): Promise<void> {
    const type = kafkajs.ConfigResourceTypes.TOPIC
    const { resources } = await this.admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type, name: topic }],
    })
    const had = resources[0]!.configEntries.filter(({ isDefault, configName }) => !isDefault && !(configName in more))
    const configEntries: IResourceConfigEntry[] = [
      ...had.map(({ configName: name, configValue: value }) => ({ name, value })),
      ...Object.entries(more).map(([name, value]) => ({ name, value })),
    ]
    await this.admin.alterConfigs({ validateOnly: false, resources: [{ type, name: topic, configEntries }] })
  }

  /** One that tells when the broker took what it sent. The caller disconnects it. */
  producer(): Promise<Producer> {
    return openProducer(this.kafka)
  }

  async train(baselines: readonly Baseline[]): Promise<void> {
    for (const baseline of baselines) {
      await publishBaseline(this.log, baseline)
      const { model, version } = baseline
      const activation = { model, modelVersion: null, baseline: version, from: null, by: 'bench', at: 0 }
      await activate(this.log, activation)
    }
  }

  /** Does not wait until it is ready. @param state where checkpoints are kept @param from where a first start begins */
  async up(group: string, state: string, from = 'earliest'): Promise<Instance> {
    const env = { ...this.env, DRIFTLINE_STATE: state }
    const instance = await Instance.start(env, this.folder, '--from', from, '--group', group)
    this.#running.push(instance)
    return instance
  }

  /** The last words of all instances. */
  get logs(): string {
    return this.#running.map(({ log }) => log).join('\n--\n')
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map(instance => instance.end()))
    await this.log.close()
    await this.admin.disconnect()
    await this.services.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Windows of a minute, late rows for so many minutes more; nothing is ever idle. */
export function monitorFile(model: string, topic: string, reviseForMinutes: number): object {
  return {
    apiVersion: 'driftline/v1',
    model,
    serving: {
      ...{ topic, format: 'avro', where: { model }, key: 'requestId', time: 'eventTime' },
      ...{ version: 'modelVersion', features: 'features.*', idleAfter: '3650d' },
    },
    window: { size: '1m', grace: '5s', reviseFor: `${reviseForMinutes}m`, minRows: 200 },
  }
}
