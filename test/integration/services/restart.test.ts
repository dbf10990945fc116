import { Redis } from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { startKafka, startRedis, startRegistry } from '../../services/launch.js'
import { probe } from '../../services/probe.js'
import { makeTopics } from '../../services/topics.js'

/** up ── halt ──▶ down ── start ──▶ up ── crash ──▶ down ── start ──▶ up: the same address, and `holds` each time. */
async function takenDownTwice(
  name: keyof typeof probe,
  service: { address: string; halt(): Promise<void>; crash(): Promise<void>; start(): Promise<void> },
  holds: () => Promise<void>,
): Promise<void> {
  for (const down of [service.halt, service.crash]) {
    await down()
    await expect(probe[name](service.address)).rejects.toThrow()
    await service.start()
    await holds()
  }
}

test('Kafka comes back with its topics', async () => {
  const service = await startKafka()
  const kafka = new Kafka({ brokers: service.brokers, logLevel: logLevel.NOTHING })
  const topics = async () => {
    const admin = kafka.admin()
    await admin.connect()
    return admin.listTopics().finally(() => admin.disconnect())
  }
  try {
    const admin = kafka.admin()
    await admin.connect()
    await makeTopics(admin, [{ topic: 'kept' }])
    await admin.disconnect()
    await takenDownTwice('kafka', service, async () => expect(await topics()).toEqual(['kept']))
  } finally {
    await service.stop()
  }
})

test('Redis comes back with its keys', async () => {
  const service = await startRedis()
  const client = new Redis(service.url)
  client.on('error', () => {})
  try {
    await client.set('kept', 'yes')
    await takenDownTwice('redis', service, async () => expect(await client.get('kept')).toBe('yes'))
  } finally {
    client.disconnect()
    await service.stop()
  }
})

test('the registry comes back with its ids', async () => {
  const service = await startRegistry()
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
  const body = JSON.stringify({ schema: '"string"' })
  const register = await fetch(`${service.url}/subjects/kept-value/versions`, { method: 'POST', headers, body })
  const { id } = (await register.json()) as { id: number }
  try {
    await takenDownTwice('registry', service, async () => {
      const answer = await fetch(`${service.url}/schemas/ids/${id}`)
      expect(await answer.json()).toMatchObject({ schema: '"string"' })
    })
  } finally {
    await service.stop()
  }
})

test('a service can be stopped while it is down', async () => {
  const service = await startRedis()
  await service.crash()
  await service.stop()
  await expect(probe.redis(service.address)).rejects.toThrow()
})
