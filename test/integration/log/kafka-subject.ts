import kafkajs, { type Admin } from 'kafkajs'
import { expect, inject } from 'vitest'
import type { KafkaLogOptions } from '../../../src/log/kafka/connection.js'
import { KafkaLog } from '../../../src/log/kafka/kafka-log.js'
import type { LogLines } from '../../../src/log/kafka/logger.js'
import type { Subject } from '../../log/subject.js'
import { makeTopics } from '../../services/topics.js'

export const silent: LogLines = { debug() {}, info() {}, warn() {}, error() {} }

export function brokers(): string[] {
  return inject('services').kafka.brokers
}

export function kafkaLog(options: Partial<KafkaLogOptions> = {}): KafkaLog {
  return new KafkaLog({ brokers: brokers(), logger: silent, ...options })
}

export function plainKafka(at: string[] = brokers()): InstanceType<typeof kafkajs.Kafka> {
  return new kafkajs.Kafka({ brokers: at, logLevel: kafkajs.logLevel.NOTHING })
}

export async function createTopic(
  admin: Admin,
  topic: string,
  numPartitions: number,
  config: Record<string, string> = {},
) {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  await makeTopics(admin, [{ topic, numPartitions, replicationFactor: 1, configEntries }])
}

export async function eventually(holds: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await holds()) && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 20))
  expect(await holds()).toBe(true)
}

/** The contract's subject on the broker of this run; `logs` are to be closed after each test. */
export function kafkaSubject(admin: Admin, logs: KafkaLog[]): Subject {
  const open = () => {
    const log = kafkaLog()
    logs.push(log)
    return log
  }
  return {
    log: open(),
    another: async () => open(),
    createTopic: (name, partitions) => createTopic(admin, name, partitions),
    async expire(topic, partition, before) {
      // Without this question kafkajs does not know who leads the partition, and fails.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] })
    },
    until: eventually,
  }
}
