import type { Admin } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import type { KafkaLog } from '../../../src/log/kafka/kafka-log.js'
import { logContract } from '../../log/contract.js'
import type { Subject } from '../../log/subject.js'
import { plainKafka } from '../kafka.js'
import { kafkaSubject } from './kafka-subject.js'

describe('the log on Kafka', () => {
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
  logContract(() => subject)
})
