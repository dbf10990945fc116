import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import { expect, inject, test } from 'vitest'
import { services } from '../../services/table.js'
import { makeTopics } from '../../services/topics.js'

const { kafka, redis, registry } = inject('services')

test('Kafka makes topics, and only those it is asked for', async () => {
  const admin = new Kafka({ ...kafka, logLevel: logLevel.NOTHING, retry: { retries: 2 } }).admin()
  const topic = `services-${Date.now()}`
  await admin.connect()
  try {
    await makeTopics(admin, [{ topic, numPartitions: 3 }])
    expect(await admin.listTopics()).toContain(topic)
    await expect(admin.fetchTopicMetadata({ topics: [`${topic}-unasked`] })).rejects.toThrow()
    await admin.deleteTopics({ topics: [topic] })
  } finally {
    await admin.disconnect()
  }
})

test('Redis answers', async () => {
  const client = new Redis(redis.url)
  expect(await client.ping()).toBe('PONG')
  await client.quit()
})

test('the registry gives the same schema the same id', async () => {
  const subject = `${registry.url}/subjects/services-${Date.now()}-value`
  const register = async (schema: string) => {
    const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
    const answer = await fetch(`${subject}/versions`, { method: 'POST', headers, body: JSON.stringify({ schema }) })
    return ((await answer.json()) as { id: number }).id
  }
  const id = await register('{"type":"record","name":"A","fields":[{"name":"x","type":"int"}]}')
  expect(await register('{"name": "A", "type": "record", "fields": [{"type": "int", "name": "x"}]}')).toBe(id)
  expect(await (await fetch(`${registry.url}/subjects`)).json()).toContain(subject.split('/').at(-1))
})

test('the registry passes the health check that docker-compose has for it', async () => {
  const [, shell, ...rest] = services.registry.health
  const check = (port: string) =>
    promisify(execFile)(
      shell!,
      rest.map(word => word.replace(String(services.registry.containerPort), port)),
    )
  await check(new URL(registry.url).port)
  await expect(check('1')).rejects.toThrow()
})
