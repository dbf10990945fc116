import kafkajs, { type Admin, type ConfigEntries, type ITopicMetadata } from 'kafkajs'
import { DriftlineError } from '../core/error.js'
import { inputsOf, type Monitor } from '../core/monitor.js'
import { brokersWord, infrastructure, lacking, type Right, right } from '../log/kafka/faults.js'
import type { KafkaAccess } from './environment.js'
import { type ClusterState, missingTopic, type Step, sameSetting, type TopicState } from './plan-topics.js'

/** Where Kafka says that a setting comes from the topic itself. */
const FROM_TOPIC = 1

/** What a broker says of a topic while word of it travels. */
const UNSETTLED = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'])
const SETTLED_WITHIN_MS = 10_000
const SEEN_WITHIN_MS = 30_000
const REFUSED = 'TOPIC_AUTHORIZATION_FAILED'

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
        await pause(500)
      }
    }
  }

  /** Asks for all topics and picks: asking for one that does not exist creates it on some brokers. */
  state(names: readonly string[]): Promise<ClusterState> {
    return this.#told('Asking for topics', [], async () => {
      const { brokers } = await this.admin.describeCluster()
      const all = (await this.admin.fetchTopicMetadata()).topics
      const wanted = all.filter(({ name }) => names.includes(name))
      const configs = await this.#configs(wanted.map(({ name }) => name))
      return {
        address: this.access.brokers.join(', '),
        brokers: brokers.length,
        topics: new Map(wanted.map(topic => [topic.name, stateOf(topic, configs.get(topic.name) ?? [])])),
        names: all.map(({ name }) => name).filter(name => !name.startsWith('__')),
        asUser: this.access.sasl !== undefined,
      }
    })
  }

  /** Does the steps in order, and waits until the cluster shows them: a broker hears of them a little later than the controller. */
  async apply(steps: readonly Step[], waitMs = SEEN_WITHIN_MS): Promise<void> {
    for (const step of steps)
      await this.#told(`${step.action} of ${step.topic}`, [neededBy(step)], () => this.#apply(step))
    const until = Date.now() + waitMs
    const names = steps.map(({ topic }) => topic)
    while (steps.length > 0) {
      const { topics } = await this.state(names)
      const open = steps.filter(step => !isSeen(step, topics.get(step.topic)))
      if (open.length === 0) return
      if (Date.now() >= until) {
        const list = [...new Set(open.map(({ topic }) => topic))].join(', ')
        const message = `Kafka at ${this.access.brokers.join(', ')} took the changes of ${list}, but does not show them after ${waitMs / 1000} s`
        const unshown = open.filter(({ topic }) => !topics.has(topic)).map(({ topic }) => right('Describe', topic))
        const hidden = this.access.sasl === undefined || unshown.length === 0 ? '' : ` If they do: ${lacking(unshown)}`
        throw new DriftlineError('infrastructure', `${message}. Check that all brokers run, then apply again.${hidden}`)
      }
      await pause(100)
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

  async #configs(names: readonly string[]): Promise<ReadonlyMap<string, readonly ConfigEntries[]>> {
    if (names.length === 0) return new Map()
    try {
      return await this.#described(names)
    } catch (error) {
      if (brokersWord(error) !== REFUSED) throw error
      // Of several topics Kafka's word does not say which.
      const refused: Right[] = []
      for (const name of names)
        await this.#described([name]).catch(error => {
          if (brokersWord(error) === REFUSED) refused.push(right('DescribeConfigs', name))
        })
      throw infrastructure('Asking for topics', this.access.brokers, error, refused)
    }
  }

  async #described(names: readonly string[]): Promise<ReadonlyMap<string, readonly ConfigEntries[]>> {
    const { resources } = await this.admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map(name => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
    })
    return new Map(resources.map(({ resourceName, configEntries }) => [resourceName, configEntries]))
  }

  /** Tries again for a while where a broker has not heard yet of what its cluster has. */
  async #told<T>(doing: string, needs: readonly Right[], action: () => Promise<T>): Promise<T> {
    const until = Date.now() + SETTLED_WITHIN_MS
    for (;;) {
      try {
        return await action()
      } catch (error) {
        if (!UNSETTLED.has(brokersWord(error) ?? '') || Date.now() >= until)
          throw infrastructure(doing, this.access.brokers, error, needs)
        await pause(100)
      }
    }
  }
}

function stateOf({ name, partitions }: ITopicMetadata, configs: readonly ConfigEntries[]): TopicState {
  const pairs = (entries: readonly ConfigEntries[]) =>
    new Map(entries.map(({ configName, configValue }) => [configName, configValue]))
  return {
    name,
    partitions: partitions.length,
    led: partitions.filter(({ leader }) => leader >= 0).length,
    replication: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    configs: pairs(configs),
    own: pairs(configs.filter(({ configSource }) => Number(configSource) === FROM_TOPIC)),
  }
}

function neededBy({ action, topic }: Step): Right {
  return right(action === 'create' ? 'Create' : action === 'add-partitions' ? 'Alter' : 'AlterConfigs', topic)
}

/** A topic that someone else created meanwhile may have other numbers: the next plan tells them. */
function isSeen(step: Step, state: TopicState | undefined): boolean {
  if (state === undefined || state.partitions === 0 || state.led < state.partitions) return false
  if (step.action === 'add-partitions') return state.partitions >= step.to
  return step.action === 'create' || step.changes.every(({ name, to }) => sameSetting(state.configs.get(name), to))
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** Of each monitor whose topic the cluster does not have, what to do about it. */
export function missingSources(monitors: readonly Monitor[], cluster: ClusterState): string[] {
  return monitors.flatMap(monitor =>
    inputsOf(monitor)
      .filter(({ topic }) => !cluster.names.includes(topic))
      .map(({ side, topic }) => `${monitor.file} ${side}.topic: ${missingTopic(topic, cluster)}`),
  )
}

/** Throws one bad-input error that names every topic that is missing, the address asked and the remedy. */
export async function requireSources(monitors: readonly Monitor[], access: KafkaAccess): Promise<ClusterState> {
  const broker = await BrokerTopics.connect(access)
  try {
    const cluster = await broker.state(monitors.flatMap(inputsOf).map(({ topic }) => topic))
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
