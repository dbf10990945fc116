import { randomBytes } from 'node:crypto'
import kafkajs, { type Admin } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { KafkaLog } from '../../../src/log/kafka/kafka-log.js'
import { Recorder, recordsOf, type Seen } from '../../log/recorder.js'
import { makeTopic } from '../../services/topics.js'
import { fresh, plainKafka } from '../kafka.js'
import { eventually, kafkaLog, silent } from './kafka-subject.js'

const EARLIEST = { start: 'earliest' } as const

/** What other clients and the broker leave in a topic: compression, transactions, compaction. */
describe('topics as others write them', () => {
  let admin: Admin
  let logs: KafkaLog[] = []
  const open: typeof kafkaLog = options => {
    const log = kafkaLog(options)
    logs.push(log)
    return log
  }
  beforeAll(async () => {
    admin = plainKafka().admin()
    await admin.connect()
  })
  afterAll(() => admin.disconnect())
  afterEach(async () => {
    await Promise.all(logs.map(log => log.close()))
    logs = []
  })

  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    it(`reads and writes ${codec}, by its own codec and by the broker's`, async () => {
      const [ours, theirs] = [fresh('ours'), fresh('theirs')]
      await makeTopic(admin, ours, 1)
      // The broker, which is Java, compresses anew.
      await makeTopic(admin, theirs, 1, { 'compression.type': codec })
      // Half noise, so that a batch is larger than one frame's block before and after.
      const values = Array.from({ length: 500 }, (_, i) => `${i}:${randomBytes(400).toString('hex')}`)
      const records = values.map(value => ({ key: null, value: Buffer.from(value) }))
      await open({ compression: codec }).append(ours, records)
      await open().append(theirs, records)
      for (const topic of [ours, theirs]) {
        const seen: Seen[] = []
        const following = await open().follow(topic, batch => seen.push(...recordsOf(batch)))
        await following.catchUp()
        expect(seen.map(({ value }) => value)).toEqual(values)
        await following.stop()
      }
    })
  }

  for (const decoding of ['own', 'kafkajs'] as const) {
    it(`decodes fetches by the decoder that was asked for: ${decoding}`, async () => {
      const topic = fresh('topic')
      await makeTopic(admin, topic, 1)
      const told: unknown[] = []
      const log = open({ decoding, logger: { ...silent, warn: (...line: unknown[]) => told.push(line) } })
      await log.append(
        topic,
        [1, 2, 3].map(i => ({ key: null, value: Buffer.from(`value ${i}`) })),
      )
      const memories: Uint8Array[] = []
      const following = await log.follow(topic, batch => {
        for (let i = 0; i < batch.size; i++) memories.push(batch.memory(i))
      })
      await following.catchUp()
      await following.stop()
      // Ours makes no copy of a value: all lie in what was fetched. kafkajs makes a buffer a value.
      expect(new Set(memories).size).toBe(decoding === 'own' ? 1 : 3)
      expect(told).toEqual([])
    })
  }

  it('unpacks a zstd batch that does not tell its size and grows much', async () => {
    const topic = fresh('topic')
    await makeTopic(admin, topic, 1, { 'compression.type': 'zstd', 'max.message.bytes': '20000000' })
    const producer = plainKafka().producer()
    await producer.connect()
    const messages = Array.from({ length: 90 }, (_, i) => ({ value: Buffer.alloc(100_000, `${i % 10}`) }))
    await producer.send({ topic, messages })
    await producer.disconnect()
    let bytes = 0
    const following = await open().follow(topic, batch => {
      for (let i = 0; i < batch.size; i++) bytes += batch.value(i)!.length
    })
    await following.catchUp()
    expect(bytes).toBe(9_000_000)
  })

  it('passes over aborted transactions and control records, up to the very end', async () => {
    const topic = fresh('topic')
    await makeTopic(admin, topic, 1)
    const producer = plainKafka().producer({ transactionalId: fresh('tx'), maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    for (const [value, ending] of [
      ['kept', 'commit'],
      ['dropped', 'abort'],
    ] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value }, { value }] })
      await transaction[ending]()
    }
    await producer.disconnect()
    const log = open()
    // The broker writes the marker that ends a transaction after it has answered.
    await eventually(async () => (await log.offsets(topic))[0].end === 6)
    const member = new Recorder()
    await log.join(fresh('group'), [topic], member, EARLIEST)
    await eventually(() => member.positions.get(0) === 6)
    expect(member.values).toEqual(['kept', 'kept'])
    const following = await open().follow(topic, () => {})
    await following.catchUp()
  })

  it.each([false, true])(
    'reads a compacted topic to its end (written idempotently, which leaves empty batches behind: %s)',
    async idempotent => {
      const topic = fresh('topic')
      const quick = {
        'segment.bytes': '1048576',
        'min.cleanable.dirty.ratio': '0.0001',
        'segment.ms': '100',
        'delete.retention.ms': '0',
      }
      await makeTopic(admin, topic, 1, { 'cleanup.policy': 'compact', 'max.compaction.lag.ms': '100', ...quick })
      // A producer a batch: the last batch of each stays behind empty, for its sequence number.
      for (let i = 0; i < 12; i++) {
        const producer = plainKafka().producer({ idempotent, maxInFlightRequests: 1 })
        await producer.connect()
        const key = i < 10 ? 'always' : `end-${i}`
        await producer.send({ topic, messages: [0, 1, 2].map(n => ({ key, value: `${i}/${n}` })) })
        await producer.disconnect()
        await new Promise(resolve => setTimeout(resolve, 120))
      }
      const seen = new Map<string, string>()
      let records = 0
      for (let attempt = 0; attempt < 40; attempt++) {
        records = 0
        const following = await open().follow(topic, batch => {
          for (const { key, value } of recordsOf(batch)) {
            records++
            seen.set(key!, value!)
          }
        })
        await following.catchUp()
        await following.stop()
        if (records < 8) break
        await new Promise(resolve => setTimeout(resolve, 1000))
      }
      expect(records).toBeLessThan(8)
      expect(Object.fromEntries(seen)).toEqual({ always: '9/2', 'end-10': '10/2', 'end-11': '11/2' })
    },
    90_000,
  )

  it('knows who stamps the records, and whether the future is bounded', async () => {
    const [plain, loose, stamped] = [fresh('plain'), fresh('loose'), fresh('stamped')]
    await makeTopic(admin, plain, 1)
    await makeTopic(admin, loose, 1, { 'message.timestamp.after.max.ms': '86400000' })
    await makeTopic(admin, stamped, 1, { 'message.timestamp.type': 'LogAppendTime' })
    const log = open()
    expect(await log.timestampRule(plain)).toEqual({ type: 'create', bounded: true })
    expect(await log.timestampRule(loose)).toEqual({ type: 'create', bounded: false })
    expect(await log.timestampRule(stamped)).toEqual({ type: 'append' })
  })

  it('finds kafkajs choosing partitions as partitionOf does', () => {
    expect(kafkajs.Partitioners.DefaultPartitioner).toBe(kafkajs.Partitioners.JavaCompatiblePartitioner)
  })
})
