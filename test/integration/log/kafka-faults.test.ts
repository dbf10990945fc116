import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Admin } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DriftlineError } from '../../../src/core/error.js'
import type { KafkaLog } from '../../../src/log/kafka/kafka-log.js'
import { Recorder } from '../../log/recorder.js'
import { startKafka } from '../../services/launch.js'
import { makeTopic } from '../../services/topics.js'
import { brokers, fresh, plainKafka } from '../kafka.js'
import { eventually, kafkaLog, silent } from './kafka-subject.js'

const EARLIEST = { start: 'earliest' } as const
const values = (...all: string[]) => all.map(value => ({ key: null, partition: 0, value: Buffer.from(value) }))

describe('the log on a Kafka that has troubles', () => {
  let admin: Admin
  let logs: KafkaLog[] = []
  const open: typeof kafkaLog = options => {
    const log = kafkaLog(options)
    logs.push(log)
    return log
  }
  const topicOf = async (partitions: number): Promise<string> => {
    const topic = fresh('topic')
    await makeTopic(admin, topic, partitions)
    return topic
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

  it('names the address when nobody answers', async () => {
    const log = open({ brokers: ['127.0.0.1:1'] })
    const failure = { code: 'infrastructure', message: expect.stringContaining('127.0.0.1:1') }
    await expect(log.partitions('t')).rejects.toMatchObject(failure)
    await expect(log.join('g', ['t'], new Recorder())).rejects.toMatchObject(failure)
    await expect(log.follow('t', () => {})).rejects.toMatchObject(failure)
  })

  it('goes on reading and writing when Kafka comes back, and tells of an outage once', async () => {
    const kafka = await startKafka()
    try {
      const lines: string[] = []
      const told = (_: object, line: string) => void lines.push(line)
      const log = open({
        brokers: kafka.brokers,
        sessionTimeoutMs: 6000,
        logger: { ...silent, info: told, warn: told, error: told },
      })
      const own = plainKafka(kafka.brokers).admin()
      await own.connect()
      await makeTopic(own, 't', 2)
      await own.disconnect()
      const member = new Recorder()
      member.membership = await log.join('g', ['t'], member, EARLIEST)
      member.after = async ({ topic, partition, nextOffset }) =>
        member.membership!.commit({ topic, partition }, nextOffset, 'm')
      const followed: string[] = []
      const following = await log.follow('t', batch => {
        for (let i = 0; i < batch.size; i++) followed.push(Buffer.from(batch.value(i)!).toString())
      })
      await log.append('t', values('a', 'b'))
      await eventually(() => member.seen.length === 2)
      expect(log.healthy()).toBe(true)
      expect(lines).toEqual([])

      await kafka.crash()
      let arrived = false
      const appended = log.append('t', values('c')).then(() => {
        arrived = true
      })
      await eventually(() => lines.length === 3)
      await new Promise(resolve => setTimeout(resolve, 5000))
      expect(log.healthy()).toBe(false)
      expect(arrived).toBe(false)
      // Publishing, the group and the follower: a line each, however often they tried.
      expect(lines.length).toBe(3)

      await kafka.start()
      await appended
      await eventually(() => member.values.includes('c') && followed.includes('c'), 60_000)
      await eventually(() => log.healthy())
      expect(lines.length).toBe(6)
      expect(member.values.slice(0, 2)).toEqual(['a', 'b'])
      expect(new Set(member.values)).toEqual(new Set(['a', 'b', 'c']))
      // What the member has had it does not get again: it kept its partitions over the outage.
      expect(member.values.filter(value => value === 'a').length).toBe(1)
      expect(followed.filter(value => value === 'a').length).toBe(1)
      await following.catchUp()
      await following.stop()
    } finally {
      await Promise.all(logs.map(log => log.close()))
      await kafka.stop()
    }
  }, 180_000)

  it('stops for a program fault in the member, and says so', async () => {
    const topic = await topicOf(1)
    const failures: Error[] = []
    const log = open({ onFailure: error => failures.push(error) })
    await log.append(topic, values('a'))
    const member = new Recorder()
    member.before = async () => {
      throw new DriftlineError('internal', 'a program fault')
    }
    await log.join(fresh('group'), [topic], member, EARLIEST)
    await eventually(() => failures.length > 0)
    await eventually(() => member.revocations.length === 1)
    expect(failures.map(({ message }) => message)).toEqual(['a program fault'])
    expect(member.seen).toEqual([])
  })

  it('tries to restore again when that fails for want of infrastructure', async () => {
    const topic = await topicOf(1)
    const log = open()
    await log.append(topic, values('a'))
    const member = new Recorder()
    member.restore = async ({ start }) => {
      if (member.assignments.length < 3) throw new DriftlineError('infrastructure', 'the store is away')
      return start
    }
    await log.join(fresh('group'), [topic], member, EARLIEST)
    await eventually(() => member.seen.length === 1)
    expect(log.healthy()).toBe(true)
  })

  it('tells of records that expire while it is behind, and keeps the commit', async () => {
    const topic = await topicOf(2)
    const group = fresh('group')
    const log = open()
    const at = { topic, partition: 0 }
    await log.append(topic, values('a', 'b'))
    const member = new Recorder()
    const membership = await log.join(group, [topic], member, EARLIEST)
    await eventually(() => member.seen.length === 2)
    await membership.commit(at, 2, 'before the gap')
    membership.pause(at)
    await log.append(topic, values('c', 'd', 'e', 'f'))
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '5' }] })
    membership.resume(at)
    await eventually(() => member.values.includes('f'))
    expect(member.values).toEqual(['a', 'b', 'f'])
    expect(member.assignments.at(-1)).toEqual({
      ...at,
      committed: { offset: 2, metadata: 'before the gap' },
      bounds: { first: 5, end: 6 },
      start: 5,
    })
    const [{ partitions }] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
    expect(partitions[0]).toEqual({ partition: 0, offset: '2', metadata: 'before the gap' })
  })

  it('tells the member of a topic that is made anew under it, and goes on from its beginning', async () => {
    const topic = await topicOf(1)
    const lines: string[] = []
    const log = open({ logger: { ...silent, warn: (_: object, line: string) => void lines.push(line) } })
    await log.append(topic, values('a', 'b', 'c'))
    const member = new Recorder()
    member.membership = await log.join(fresh('group'), [topic], member, EARLIEST)
    await eventually(() => member.seen.length === 3)
    await member.membership.commit({ topic, partition: 0 }, 3, 'of before')

    await admin.deleteTopics({ topics: [topic] })
    await eventually(async () => !(await admin.listTopics()).includes(topic))
    // Brokers hear of both a little later.
    const create = () => admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: false })
    let created = false
    await eventually(async () => (created ||= await create().catch(() => false)))
    await open().append(topic, values('d'))
    await eventually(() => member.values.includes('d'))
    expect(member.values).toEqual(['a', 'b', 'c', 'd'])
    const { committed, bounds } = member.assignments.at(-1)!
    expect([committed?.offset, bounds]).toEqual([3, { first: 0, end: 1 }])
    expect(lines).toContain('the topic ends before what was read of it')
  })

  it('swallows the commit of a zombie: silent for a session, its partition in other hands', async () => {
    // Eight batches that are stuck go on beside, with heartbeats: the ninth stops those too.
    const partitions = Array.from({ length: 9 }, (_, partition) => partition)
    const topic = await topicOf(partitions.length)
    const group = fresh('group')
    const refused: string[] = []
    const options = {
      sessionTimeoutMs: 6000,
      onRefusedCommit: (name: string, partition: number) => refused.push(`${name}/${partition}`),
    }
    const log = open(options)
    const records = partitions.map(partition => ({ key: null, partition, value: Buffer.from('a') }))
    await log.append(topic, records)
    const [zombie, heir] = [new Recorder(), new Recorder()]
    let release = () => {}
    const stuck = new Promise<void>(resolve => {
      release = resolve
    })
    zombie.after = () => stuck
    zombie.membership = await log.join(group, [topic], zombie, EARLIEST)
    await eventually(() => zombie.seen.length === partitions.length)
    const second = await open().join(group, [topic], heir, EARLIEST)
    await eventually(() => heir.seen.length === partitions.length)
    await second.commit({ topic, partition: 0 }, 1, 'of the heir')
    await zombie.membership.commit({ topic, partition: 0 }, 1, 'of a zombie')
    expect(refused).toEqual([`${topic}/0`])
    release()
    // Back in the group it is told that the partition is gone.
    await eventually(() => zombie.revocations.length + heir.revocations.length > 0)
    const [offsets] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
    expect(offsets.partitions.find(({ partition }) => partition === 0)).toEqual({
      partition: 0,
      offset: '1',
      metadata: 'of the heir',
    })
  })

  it('takes over from a process that was killed', async () => {
    const topic = await topicOf(2)
    const group = fresh('group')
    const log = open()
    await log.append(
      topic,
      [0, 1].map(partition => ({ key: null, partition, value: Buffer.from(`a of ${partition}`) })),
    )
    const script = join(import.meta.dirname, 'committing-process.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', script, brokers().join(','), group, topic], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let words = ''
    child.stdout.on('data', chunk => {
      words += chunk
    })
    await eventually(() => words.includes('committed 0') && words.includes('committed 1'))
    child.kill('SIGKILL')
    await log.append(
      topic,
      [0, 1].map(partition => ({ key: null, partition, value: Buffer.from(`b of ${partition}`) })),
    )
    const heir = new Recorder()
    await log.join(group, [topic], heir)
    await eventually(() => heir.seen.length === 2)
    expect(heir.values.sort()).toEqual(['b of 0', 'b of 1'])
    expect(heir.assignments.map(({ committed }) => committed)).toEqual([
      { offset: 1, metadata: 'before the end' },
      { offset: 1, metadata: 'before the end' },
    ])
  })

  it('refuses records that Kafka will never take, instead of trying for ever', async () => {
    const topic = await topicOf(1)
    const log = open()
    const error = await log.append(topic, [{ key: null, value: Buffer.alloc(1_100_000) }]).catch((one: unknown) => one)
    expect(error).toMatchObject({ code: 'internal', message: expect.stringContaining('MESSAGE_TOO_LARGE') })
    const future = Date.now() + 86_400_000
    await expect(log.append(topic, [{ key: null, value: null, timestamp: future }])).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('INVALID_TIMESTAMP'),
    })
    await log.append(topic, values('still works'))
  })
})
