import { randomBytes } from 'node:crypto'
import kafkajs, { type KafkaMessage } from 'kafkajs'
import { inject } from 'vitest'
import { makeTopic } from '../services/topics.js'

export const brokers = (): string[] => inject('services').kafka.brokers
export const registryUrl = (): string => inject('services').registry.url
export const fresh = (what: string): string => `${what}-${randomBytes(6).toString('hex')}`

export function plainKafka(at: readonly string[] = brokers()): InstanceType<typeof kafkajs.Kafka> {
  return new kafkajs.Kafka({ brokers: [...at], logLevel: kafkajs.logLevel.NOTHING })
}

export async function createTopic(
  what: string,
  numPartitions: number,
  at = brokers(),
  config: Record<string, string> = {},
): Promise<string> {
  const topic = fresh(what)
  const admin = plainKafka(at).admin()
  await admin.connect()
  await makeTopic(admin, topic, numPartitions, config)
  await admin.disconnect()
  return topic
}

/** The first `count` records of a topic, read by kafkajs alone; those of a partition in their order. */
export async function records(
  topic: string,
  count: number,
  at = brokers(),
): Promise<(KafkaMessage & { partition: number })[]> {
  const consumer = plainKafka(at).consumer({ groupId: fresh('reader'), maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const all: (KafkaMessage & { partition: number })[] = []
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message, partition }) => {
          all.push({ ...message, partition })
          if (all.length >= count) resolve()
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  return all
}
