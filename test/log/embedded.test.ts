import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EmbeddedLog } from '../../src/log/embedded.js'
import { logContract } from './contract.js'
import { Recorder } from './recorder.js'
import type { Subject } from './subject.js'

const clock = { now: () => 1_000_000 }

describe('the embedded log', () => {
  let subject: Subject
  beforeEach(() => {
    const log = new EmbeddedLog({ clock, topics: [] })
    subject = {
      log,
      another: async () => log,
      createTopic: async (name, partitions) => log.createTopic(name, partitions),
      expire: async (topic, partition, before) => log.truncate(topic, partition, before),
      async until(holds) {
        await log.run()
        expect(holds()).toBe(true)
      },
    }
  })
  afterEach(() => subject.log.close())
  logContract(() => subject)
})

describe('what only the embedded log has', () => {
  const records = (count: number, partition = 0) =>
    Array.from({ length: count }, (_, i) => ({ key: null, partition, value: Buffer.from(`${i}`) }))

  it('stamps records with its clock, deals records without a key in turn, and batches by a fixed size', async () => {
    const log = new EmbeddedLog({ clock, topics: [{ name: 't', partitions: 2 }], batchSize: 10 })
    await log.append(
      't',
      Array.from({ length: 50 }, (_, i) => ({ key: null, value: Buffer.from(`${i}`) })),
    )
    const member = new Recorder()
    const sizes: string[] = []
    member.after = async batch => void sizes.push(`${batch.partition}:${batch.size}/${batch.highWatermark}`)
    await log.join('g', ['t'], member, { start: 'earliest' })
    await log.run()
    expect(sizes).toEqual(['0:10/25', '1:10/25', '0:10/25', '1:10/25', '0:5/25', '1:5/25'])
    expect(new Set(member.seen.map(({ timestamp }) => timestamp))).toEqual(new Set([1_000_000]))
  })

  it('deals a partition that is added to the members that read the topic', async () => {
    const log = new EmbeddedLog({ clock, topics: [{ name: 't', partitions: 1 }] })
    const [first, second] = [new Recorder(), new Recorder()]
    await log.join('g', ['t'], first, { start: 'earliest' })
    await log.join('g', ['t'], second, { start: 'earliest' })
    await log.addPartition('t')
    await log.append('t', [...records(2, 0), ...records(3, 1)])
    await log.run()
    expect([first.seen.length, second.seen.length]).toEqual([2, 3])
    expect(second.assignments).toMatchObject([{ partition: 1, start: 0 }])
  })

  it('also hands over in one run what members append meanwhile', async () => {
    const log = new EmbeddedLog({
      clock,
      topics: [
        { name: 'in', partitions: 1 },
        { name: 'out', partitions: 1 },
      ],
    })
    const [second, first] = [new Recorder(), new Recorder()]
    await log.join('second', ['out'], second, { start: 'earliest' })
    first.after = async batch => log.append('out', records(batch.size))
    await log.join('first', ['in'], first, { start: 'earliest' })
    await log.append('in', records(2500))
    await log.run()
    expect(second.seen.length).toBe(2500)
  })

  it('lets a member crash: it hears nothing more, its commits count no more, and another takes over', async () => {
    const log = new EmbeddedLog({ clock, topics: [{ name: 't', partitions: 2 }] })
    await log.append('t', [...records(3, 0), ...records(3, 1)])
    const [one, two] = [new Recorder(), new Recorder()]
    const first = await log.join('g', ['t'], one, { start: 'earliest' })
    await log.run()
    await first.commit({ topic: 't', partition: 1 }, 2, 'last words')
    await log.crash(first)
    await first.commit({ topic: 't', partition: 1 }, 3, 'of a zombie')
    await log.append('t', records(1, 0))
    await log.run()
    expect(one.seen.length).toBe(6)
    expect(one.revocations).toEqual([])
    await log.join('g', ['t'], two, { start: 'earliest' })
    await log.run()
    expect(two.assignments.map(({ committed }) => committed)).toEqual([null, { offset: 2, metadata: 'last words' }])
    expect(two.seen.length).toBe(5)
  })

  it('forgets what every group has committed past, when told to', async () => {
    const topics = [{ name: 't', partitions: 1 }]
    const log = new EmbeddedLog({ clock, topics, retainConsumed: false, batchSize: 10 })
    const members = [new Recorder(), new Recorder()]
    for (const [i, member] of members.entries())
      member.membership = await log.join(`g${i}`, ['t'], member, { start: 'earliest' })
    await log.append('t', records(100))
    await log.run()
    const at = { topic: 't', partition: 0 }
    await members[0].membership!.commit(at, 80, '')
    expect(await log.offsets('t')).toEqual([{ first: 0, end: 100 }])
    await members[1].membership!.commit(at, 35, '')
    expect(await log.offsets('t')).toEqual([{ first: 35, end: 100 }])
    const late = new Recorder()
    await log.join('late', ['t'], late, { start: 'earliest' })
    await log.run()
    expect(late.seen[0]).toMatchObject({ offset: 35, value: '35' })
  })

  it('rejects a run with what a member throws, and hands the batch over again in the next', async () => {
    const log = new EmbeddedLog({ clock, topics: [{ name: 't', partitions: 1 }] })
    await log.append('t', records(3))
    const member = new Recorder()
    let broken = true
    member.before = async () => {
      if (broken) throw new TypeError('a program fault')
    }
    await log.join('g', ['t'], member, { start: 'earliest' })
    await expect(log.run()).rejects.toThrow('a program fault')
    broken = false
    await log.run()
    expect(member.seen.length).toBe(3)
  })
})
