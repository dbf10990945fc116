import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  createProducer,
  type DriftlineError,
  type FeatureProducer,
  type ProducerOptions,
} from '../../../src/client/index.js'
import { startKafka } from '../../services/launch.js'
import { makeTopics } from '../../services/topics.js'
import { brokers, createTopic, fresh, plainKafka, records, registryUrl } from '../kafka.js'

const event = (n: number) => ({
  requestId: `r${n}`,
  model: 'm',
  modelVersion: 'v1',
  eventTime: 1_767_571_200_000 + n,
  features: { trip_miles: n / 10, company: n % 7 === 0 ? null : `c${n % 5}`, night: n % 2 === 0 },
})

describe('a producer on a real Kafka', () => {
  let producer: FeatureProducer | null = null
  const told: string[] = []
  const open = (options: Partial<ProducerOptions> & { topic: string }): FeatureProducer => {
    const onError = ({ message }: DriftlineError) => told.push(message)
    producer = createProducer({ brokers: brokers(), registryUrl: registryUrl(), onError, onRecovery() {}, ...options })
    return producer
  }
  afterEach(async () => {
    await producer?.close()
    told.length = 0
  })

  it('writes Avro that any reader of the registry reads back, partitioned by the entity', async () => {
    const topic = await createTopic('features', 3)
    const { features, close } = open({ topic, partitionBy: 'modelVersion' })
    const events = Array.from({ length: 1200 }, (_, n) => event(n))
    for (const one of events) expect(features(one)).toBe(true)
    const { features: counts } = await close()
    expect(counts).toMatchObject({ accepted: 1200, sent: 1200, buffered: 0 })
    const registry = new SchemaRegistry({ host: registryUrl() })
    const read = await records(topic, 1200)
    expect(new Set(read.map(({ partition }) => partition)).size).toBe(1)
    const values = await Promise.all(read.map(({ value }) => registry.decode(value!)))
    expect(JSON.parse(JSON.stringify(values))).toEqual(events)
    expect(Object.entries(read[0]!.headers!).map(([name, value]) => `${name}: ${value}`)).toEqual([
      'content-type: application/avro',
      'driftline-sample-rate: 1',
    ])
    expect(told).toEqual([])
    const config = (await (await fetch(`${registryUrl()}/config/${topic}-value`)).json()) as object
    expect(config).toMatchObject({ compatibilityLevel: 'BACKWARD' })
  })

  it('registers a new version when a later event has a new feature; both are read', async () => {
    const topic = await createTopic('features', 1)
    const { features, flush } = open({ topic })
    features(event(1))
    features({ ...event(2), features: { tolls: 2.5 } } as never)
    features(event(3))
    expect(await flush()).toBe(true)
    const registry = new SchemaRegistry({ host: registryUrl() })
    const read = await records(topic, 3)
    expect(new Set(read.map(({ value }) => value!.readUInt32BE(1))).size).toBe(2)
    const [, second] = await Promise.all(read.map(({ value }) => registry.decode(value!)))
    expect({ ...second.features }).toEqual({ trip_miles: null, company: null, night: null, tolls: 2.5 })
    expect(told).toEqual([])
  })

  it('keeps the events while the registry does not want their schema, says why, and leaves the owner’s rule alone', async () => {
    const topic = await createTopic('features', 1)
    const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
    const subject = `${topic}-value`
    const schema = JSON.stringify({ type: 'record', name: 'x', fields: [{ name: 'needed', type: 'string' }] })
    await fetch(`${registryUrl()}/subjects/${subject}/versions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ schema }),
    })
    await fetch(`${registryUrl()}/config/${subject}`, { method: 'PUT', headers, body: '{"compatibility":"FULL"}' })
    const { features, stats } = open({ topic })
    features(event(1))
    await vi.waitUntil(() => told.length > 0, 20_000)
    expect(told[0]).toMatch(new RegExp(`registry at ${registryUrl()} does not take the schema .* "${subject}"`))
    expect(stats().features).toMatchObject({ accepted: 1, buffered: 1 })
    await fetch(`${registryUrl()}/config/${subject}`, { method: 'PUT', headers, body: '{"compatibility":"NONE"}' })
    await vi.waitUntil(() => stats().features.sent === 1, 30_000)
    expect(await (await fetch(`${registryUrl()}/config/${subject}`)).json()).toMatchObject({
      compatibilityLevel: 'NONE',
    })
  })

  it('writes JSON, features and labels, keyed by the request', async () => {
    const [topic, labelsTopic] = [await createTopic('features', 2), await createTopic('labels', 2)]
    const { features, labels, flush } = open({ topic, labelsTopic, format: 'json', sampleRate: 0.5 })
    let sampled = 0
    for (let n = 0; n < 400; n++) {
      if (features(event(n))) sampled++
      labels({ requestId: `r${n}`, labelledAt: n, value: n % 2 === 0 })
    }
    expect(await flush()).toBe(true)
    const [served, labelled] = [await records(topic, sampled), await records(labelsTopic, sampled)]
    const ids = (all: typeof served) => all.map(({ key }) => String(key)).sort()
    expect(ids(served)).toEqual(ids(labelled))
    expect(JSON.parse(String(served[0]!.value))).toEqual(event(Number(String(served[0]!.key).slice(1))))
    expect(String(served[0]!.headers!['driftline-sample-rate'])).toBe('0.5')
  })

  it('loses of a batch that the broker refuses only the event that is too large', async () => {
    const topic = await createTopic('features', 1, brokers(), { 'max.message.bytes': '5000' })
    const { features, flush, stats } = open({ topic, format: 'json', batchSize: 10 })
    for (let n = 0; n < 30; n++) features(n === 13 ? ({ ...event(n), text: 'x'.repeat(9000) } as never) : event(n))
    expect(await flush()).toBe(true)
    expect(stats().features).toMatchObject({
      accepted: 30,
      sent: 29,
      buffered: 0,
      dropped: { refused: 1, abandoned: 0 },
    })
    expect(told).toEqual([expect.stringMatching(/will not take the event of request r13/)])
    const read = await records(topic, 29)
    expect(read.map(({ key }) => String(key))).toEqual(
      Array.from({ length: 30 }, (_, n) => `r${n}`).filter(id => id !== 'r13'),
    )
  })

  it('names the topic that is not there, and goes on when it is', async () => {
    const topic = fresh('later')
    const { features, flush, stats } = open({ topic, format: 'json' })
    features(event(1))
    await vi.waitUntil(() => told.length > 0, 20_000)
    expect(told).toEqual([expect.stringContaining(`has no topic "${topic}"`)])
    expect(stats().outage).toContain(topic)
    const admin = plainKafka().admin()
    await admin.connect()
    await makeTopics(admin, [{ topic, numPartitions: 1 }])
    await admin.disconnect()
    expect(await flush()).toBe(true)
    expect(stats()).toMatchObject({ outage: null, features: { sent: 1 } })
  })

  it('over a crash of the broker: loses nothing, keeps the order, tells once that it is away and once that it is back', async () => {
    const kafka = await startKafka()
    try {
      const topic = await createTopic('features', 2, kafka.brokers)
      const back: string[] = []
      const options = {
        brokers: kafka.brokers,
        topic,
        format: 'json',
        lingerMs: 5,
        batchSize: 50,
        maxBuffered: 100_000,
      } as const
      const { features, flush, stats } = open({ ...options, onRecovery: message => back.push(message) })
      let n = 0
      let longest = 0
      const serve = setInterval(() => {
        const before = performance.now()
        for (let i = 0; i < 20; i++) expect(features(event(n++))).toBe(true)
        longest = Math.max(longest, performance.now() - before)
      }, 10)
      await vi.waitUntil(() => stats().features.sent > 500, 30_000)
      await kafka.crash()
      await vi.waitUntil(() => told.length > 0, 30_000)
      const { sent } = stats().features
      await new Promise(resolve => setTimeout(resolve, 2000))
      expect(stats().features.sent).toBe(sent)
      await kafka.start()
      await vi.waitUntil(() => back.length > 0, 60_000)
      clearInterval(serve)
      expect(await flush({ timeoutMs: 60_000 })).toBe(true)
      expect(stats().features).toMatchObject({
        accepted: n,
        sent: n,
        buffered: 0,
        dropped: { refused: 0, abandoned: 0 },
      })
      expect(told).toEqual([expect.stringContaining(kafka.brokers[0]!)])
      expect(back).toEqual([expect.stringContaining(kafka.brokers[0]!)])
      expect(stats().outage).toBeNull()
      const firsts = new Map<number, number[]>()
      const ids = new Set<string>()
      // A batch may be there twice, where only the answer was lost.
      for (const { key, partition } of await records(topic, n, kafka.brokers)) {
        if (!ids.has(String(key)))
          firsts.set(partition, [...(firsts.get(partition) ?? []), Number(String(key).slice(1))])
        ids.add(String(key))
      }
      expect(ids.size).toBeGreaterThan(n - 51)
      for (const order of firsts.values()) expect(order).toEqual([...order].sort((a, b) => a - b))
      console.log(`${n} events over a crash; the longest 20 calls took ${longest.toFixed(1)} ms`)
    } finally {
      await producer?.close({ timeoutMs: 0 })
      await kafka.stop()
    }
  })
})
