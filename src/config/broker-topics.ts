import kafkajs, { type Admin, type ITopicMetadata } from 'kafkajs'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import { infrastructure } from '../log/kafka/faults.js'
import type { KafkaAccess } from './environment.js'
import { type ClusterState, missingTopic, type Step, type TopicState } from './plan-topics.js'

/** Where Kafka says that a setting comes from the topic itself. */
const FROM_TOPIC = 1

/** Asks and changes a cluster's topics; every fault of the connection names the addresses that were tried. */
export class BrokerTopics {
  private constructor(
    private readonly access: KafkaAccess,
    private readonly admin: Admin,
  ) {}

  /** @param waitMs how long a broker may take to answer; without it, once */
  static async connect(access: KafkaAccess, waitMs = 0): Promise<BrokerTopics> {
    const until = Date.now() + waitMs
    for (;;) {
      const admin = adminOf(access)
      try {
        await admin.connect()
        return new BrokerTopics(access, admin)
      } catch (error) {
        await admin.disconnect().catch(() => {})
        if (Date.now() >= until) throw infrastructure('Connecting', access.brokers, error)
        await new Promise(resolve => setTimeout(resolve, 500))
      }
    }
  }

  /** Only asks for topics that exist: asking for others creates them on some brokers. */
  async state(names: readonly string[]): Promise<ClusterState> {
    return this.#told('Asking for topics', async () => {
      const all = await this.admin.listTopics()
      const wanted = [...new Set(names)].filter(name => all.includes(name))
      const { brokers } = await this.admin.describeCluster()
      const topics = wanted.length === 0 ? [] : await this.#topics(wanted)
      return {
        address: this.access.brokers.join(', '),
        brokers: brokers.length,
        topics: new Map(topics.map(topic => [topic.name, topic])),
        names: all.filter(name => !name.startsWith('__')),
      }
    })
  }

  /** Does the steps in order. A topic that someone else creates meanwhile is none of ours to repeat. */
  async apply(steps: readonly Step[]): Promise<void> {
    for (const step of steps)
      await this.#told(`${step.action} of topic ${JSON.stringify(step.topic)}`, () => this.#apply(step))
  }

  /** Until every partition has a leader. */
  async led(names: readonly string[], waitMs: number): Promise<void> {
    const until = Date.now() + waitMs
    for (;;) {
      const topics = await this.#told('Asking for leaders', () => this.#metadata(names))
      const without = topics.filter(
        ({ partitions }) => partitions.length === 0 || partitions.some(({ leader }) => leader < 0),
      )
      if (without.length === 0 && topics.length === names.length) return
      if (Date.now() >= until) {
        const list = without.map(({ name }) => name).join(', ') || 'new topics'
        throw new DriftlineError(
          'infrastructure',
          `Kafka at ${this.access.brokers.join(', ')}: no leader after ${waitMs} ms for ${list}. Check that all brokers run.`,
        )
      }
      await new Promise(resolve => setTimeout(resolve, 200))
    }
  }

  async close(): Promise<void> {
    await this.admin.disconnect().catch(() => {})
  }

  async #apply(step: Step): Promise<void> {
    const { admin } = this
    if (step.action === 'create') {
      const { topic, partitions: numPartitions, replication: replicationFactor } = step
      await admin.createTopics({
        waitForLeaders: false,
        topics: [{ topic, numPartitions, replicationFactor, configEntries: entries(step.configs) }],
      })
    } else if (step.action === 'add-partitions') {
      await admin.createPartitions({ topicPartitions: [{ topic: step.topic, count: step.to }] })
    } else {
      const type = kafkajs.ConfigResourceTypes.TOPIC
      const resources = [{ type, name: step.topic, configEntries: entries(step.configs) }]
      await admin.alterConfigs({ validateOnly: false, resources })
    }
  }

  async #metadata(names: readonly string[]): Promise<readonly ITopicMetadata[]> {
    return names.length === 0 ? [] : (await this.admin.fetchTopicMetadata({ topics: [...names] })).topics
  }

  async #topics(names: readonly string[]): Promise<TopicState[]> {
    const metadata = await this.#metadata(names)
    const { resources } = await this.admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map(name => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
    })
    return metadata.map(({ name, partitions }) => {
      const found = resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? []
      const own = found.filter(({ configSource }) => Number(configSource) === FROM_TOPIC)
      return {
        name,
        partitions: partitions.length,
        replication: Math.min(...partitions.map(({ replicas }) => replicas.length)),
        configs: new Map(found.map(({ configName, configValue }) => [configName, configValue])),
        own: new Map(own.map(({ configName, configValue }) => [configName, configValue])),
      }
    })
  }

  async #told<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (error) {
      throw infrastructure(doing, this.access.brokers, error)
    }
  }
}

/** Of each monitor whose topic the cluster does not have, what to do about it. */
export function missingSources(monitors: readonly Monitor[], cluster: ClusterState): string[] {
  return monitors
    .filter(({ serving }) => !cluster.names.includes(serving.topic))
    .map(({ file, serving }) => `${file} serving.topic: ${missingTopic(serving.topic, cluster)}`)
}

/** Throws one bad-input error that names every topic that is missing, the address asked and the remedy. */
export async function requireSources(monitors: readonly Monitor[], access: KafkaAccess): Promise<ClusterState> {
  const broker = await BrokerTopics.connect(access)
  try {
    const cluster = await broker.state(monitors.map(({ serving }) => serving.topic))
    const missing = missingSources(monitors, cluster)
    if (missing.length > 0) throw new DriftlineError('bad-input', missing.join('\n'))
    return cluster
  } finally {
    await broker.close()
  }
}

function adminOf({ brokers, ssl, sasl }: KafkaAccess): Admin {
  const kafka = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: 'driftline-topics',
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl: sasl as kafkajs.SASLOptions }),
    connectionTimeout: 3000,
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1000 },
    logLevel: kafkajs.logLevel.NOTHING,
  })
  return kafka.admin()
}

function entries(configs: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(configs).map(([name, value]) => ({ name, value }))
}
