import type { Admin } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import type { KafkaLogOptions } from '../../../src/log/kafka/connection.js'
import { KafkaLog } from '../../../src/log/kafka/kafka-log.js'
import type { LogLines } from '../../../src/log/kafka/logger.js'
import type { Subject } from '../../log/subject.js'
import { makeTopic } from '../../services/topics.js'
import { brokers, plainKafka } from '../kafka.js'

export const silent: LogLines = { debug() {}, info() {}, warn() {}, error() {} }

export function kafkaLog(options: Partial<KafkaLogOptions> = {}): KafkaLog {
  return new KafkaLog({ brokers: brokers(), logger: silent, ...options })
}

export async function eventually(holds: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await holds()) && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 20))
  expect(await holds()).toBe(true)
}

/** The contract's subject on the broker of this run; `logs` are to be closed after each test. */
function kafkaSubject(admin: Admin, logs: KafkaLog[]): Subject {
  const open = () => {
    const log = kafkaLog()
    logs.push(log)
    return log
  }
  return {
    log: open(),
    another: async () => open(),
    createTopic: (name, partitions) => makeTopic(admin, name, partitions),
    async expire(topic, partition, before) {
      // Without this question kafkajs does not know who leads the partition, and fails.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] })
    },
    until: eventually,
  }
}

/** In a suite: a new subject for each of its tests, whose logs are closed after it. @returns that of the test that runs */
export function kafkaSubjects(): () => Subject {
  let admin: Admin
  let subject: Subject
  let logs: KafkaLog[] = []
  beforeAll(async () => {
    admin = plainKafka().admin()
    await admin.connect()
  })
  afterAll(() => admin.disconnect())
  beforeEach(() => {
    subject = kafkaSubject(admin, logs)
  })
  afterEach(async () => {
    await Promise.all(logs.map(log => log.close()))
    logs = []
  })
  return () => subject
}
