import { expect, it } from 'vitest'
import { DriftlineError } from '../../src/core/error.js'
import { Recorder } from './recorder.js'
import { EARLIEST, fresh, join, type Subject, topicOf, values } from './subject.js'

/** What a consumer group promises on either log: restoring, commits, taking over, trying again. */
export function groupContract(subject: () => Subject): void {
  it('hands a commit and its metadata to the next owner, to the byte', async () => {
    const { log, until, another } = subject()
    const topic = await topicOf(subject(), 1)
    const group = fresh('group')
    const metadata = `${'m'.repeat(3980)}"größe"\n\t{}`
    await log.append(topic, values('a', 'b', 'c'))
    const one = new Recorder()
    const first = await join(log, group, topic, one, EARLIEST)
    await until(() => one.seen.length >= 3)
    expect(one.assignments[0].committed).toBeNull()
    await first.commit({ topic, partition: 0 }, 2, metadata)
    await first.leave()
    const two = new Recorder()
    const second = await join(await another(), group, topic, two)
    await until(() => two.seen.length >= 1)
    expect(two.assignments).toEqual([
      { topic, partition: 0, committed: { offset: 2, metadata }, bounds: { first: 0, end: 3 }, start: 2 },
    ])
    expect(two.values).toEqual(['c'])
    await second.leave()
  })

  it('hands over nothing before a partition is restored, and then from where its owner says', async () => {
    const { log, until } = subject()
    const topic = await topicOf(subject(), 3)
    for (let partition = 0; partition < 3; partition++)
      await log.append(
        topic,
        ['a', 'b', 'c'].map(value => ({ key: null, partition, value: Buffer.from(value) })),
      )
    const member = new Recorder()
    member.restore = async ({ partition }) => {
      await new Promise(resolve => setTimeout(resolve, 300))
      return partition
    }
    const membership = await join(log, fresh('group'), topic, member, EARLIEST)
    await until(() => member.seen.length >= 6)
    const from = (partition: number) =>
      member.seen.filter(one => one.partition === partition).map(({ offset }) => offset)
    expect([from(0), from(1), from(2)]).toEqual([[0, 1, 2], [1, 2], [2]])
    await membership.leave()
  })

  it('starts without a commit at the end, unless told the beginning or a time', async () => {
    const { log, until } = subject()
    const topic = await topicOf(subject(), 1)
    await log.append(
      topic,
      [10, 20, 30].map(timestamp => ({ key: null, value: Buffer.from(`${timestamp}`), timestamp })),
    )
    const starts: number[] = []
    for (const options of [undefined, EARLIEST, { start: { time: 15 } }, { start: { time: 31 } }] as const) {
      const member = new Recorder()
      const membership = await join(log, fresh('group'), topic, member, options)
      await until(() => member.owned.size === 1)
      starts.push(member.assignments[0].start)
      await membership.leave()
    }
    expect(starts).toEqual([3, 0, 1, 3])
  })

  it('moves partitions to a new member with commit and metadata; the others go on where they were', async () => {
    const { log, until, another } = subject()
    const topic = await topicOf(subject(), 4)
    const group = fresh('group')
    const append = (value: string) =>
      log.append(
        topic,
        [0, 1, 2, 3].map(partition => ({ key: null, partition, value: Buffer.from(value) })),
      )
    await append('a')
    const one = new Recorder()
    const first = await join(log, group, topic, one, EARLIEST)
    await until(() => one.seen.length >= 4)
    // Committed only by name: a kept partition must go on from memory, not from the commit.
    for (const at of one.owned.values()) await first.commit(at, 0, `of ${at.partition}`)
    const two = new Recorder()
    const second = await join(await another(), group, topic, two)
    await until(() => one.owned.size === 2 && two.owned.size === 2)
    await append('b')
    await until(() => one.seen.length >= 6 && two.seen.length >= 4)
    expect(
      one.seen
        .filter(({ value }) => value === 'b')
        .map(({ partition }) => partition)
        .sort(),
    ).toEqual([...one.owned.keys()].sort())
    expect(one.seen.length).toBe(6)
    expect(one.assignments.length).toBe(4)
    expect(one.revocations.map(({ partition }) => partition).sort()).toEqual([...two.owned.keys()].sort())
    for (const { partition, committed, start } of two.assignments) {
      expect(committed).toEqual({ offset: 0, metadata: `of ${partition}` })
      expect(start).toBe(0)
    }
    await second.leave()
    await until(() => one.owned.size === 4)
    expect(two.revocations.length).toBe(2)
    await first.leave()
    expect(one.owned.size).toBe(0)
  })

  it('swallows a commit for a partition that has moved on', async () => {
    const { log, until } = subject()
    const topic = await topicOf(subject(), 1)
    const group = fresh('group')
    await log.append(topic, values('a', 'b'))
    const one = new Recorder()
    const first = await join(log, group, topic, one, EARLIEST)
    await until(() => one.seen.length >= 2)
    await first.commit({ topic, partition: 0 }, 1, 'kept')
    await first.leave()
    await first.commit({ topic, partition: 0 }, 2, 'too late')
    const two = new Recorder()
    const second = await join(log, group, topic, two)
    await until(() => two.owned.size === 1)
    expect(two.assignments[0].committed).toEqual({ offset: 1, metadata: 'kept' })
    await second.leave()
  })

  it('tells of a commit that has expired, and starts at the oldest record', async () => {
    const { log, until, expire } = subject()
    const topic = await topicOf(subject(), 1)
    const group = fresh('group')
    await log.append(topic, values('a', 'b', 'c', 'd', 'e'))
    const one = new Recorder()
    const first = await join(log, group, topic, one, EARLIEST)
    await until(() => one.seen.length >= 5)
    await first.commit({ topic, partition: 0 }, 1, 'old')
    await first.leave()
    await expire(topic, 0, 3)
    expect(await log.offsets(topic)).toEqual([{ first: 3, end: 5 }])
    const two = new Recorder()
    const second = await join(log, group, topic, two)
    await until(() => two.seen.length >= 2)
    expect(two.assignments).toEqual([
      { topic, partition: 0, committed: { offset: 1, metadata: 'old' }, bounds: { first: 3, end: 5 }, start: 3 },
    ])
    expect(two.values).toEqual(['d', 'e'])
    await second.leave()
  })

  it('tries a batch again that failed for want of infrastructure, while other partitions go on', async () => {
    const { log, until } = subject()
    const topic = await topicOf(subject(), 2)
    await log.append(
      topic,
      [0, 1].map(partition => ({ key: null, partition, value: Buffer.from(`first of ${partition}`) })),
    )
    const member = new Recorder()
    let failures = 0
    const order: string[] = []
    member.before = async ({ partition }) => {
      order.push(`${partition}`)
      if (partition === 0 && failures < 3) {
        failures++
        throw new DriftlineError('infrastructure', 'the registry is away')
      }
    }
    const membership = await join(log, fresh('group'), topic, member, EARLIEST)
    await until(() => member.seen.length >= 2)
    await log.append(
      topic,
      [0, 1].map(partition => ({ key: null, partition, value: Buffer.from(`second of ${partition}`) })),
    )
    await until(() => member.seen.length >= 4)
    expect(failures).toBe(3)
    expect(order.indexOf('1')).toBeLessThan(order.lastIndexOf('0'))
    expect(member.values.filter(value => value?.endsWith('0'))).toEqual(['first of 0', 'second of 0'])
    expect(member.values.filter(value => value?.endsWith('1'))).toEqual(['first of 1', 'second of 1'])
    await membership.leave()
  })

  it('holds a paused partition back until it is resumed', async () => {
    const { log, until } = subject()
    const topic = await topicOf(subject(), 2)
    const member = new Recorder()
    const membership = await join(log, fresh('group'), topic, member, EARLIEST)
    await until(() => member.owned.size === 2)
    membership.pause({ topic, partition: 0 })
    await log.append(
      topic,
      [0, 1].map(partition => ({ key: null, partition, value: Buffer.from(`${partition}`) })),
    )
    await until(() => member.seen.length >= 1)
    expect(member.values).toEqual(['1'])
    membership.resume({ topic, partition: 0 })
    await until(() => member.seen.length >= 2)
    expect(member.values).toEqual(['1', '0'])
    await membership.leave()
  })

  it('lets the batches at work finish and commit before it leaves', async () => {
    const { log, until } = subject()
    const topic = await topicOf(subject(), 1)
    const group = fresh('group')
    await log.append(topic, values('a', 'b'))
    const one = new Recorder()
    let left: Promise<void> | null = null
    one.after = async ({ nextOffset }) => {
      left ??= one.membership!.leave()
      await new Promise(resolve => setTimeout(resolve, 100))
      await one.membership!.commit({ topic, partition: 0 }, nextOffset, 'last')
    }
    await join(log, group, topic, one, EARLIEST)
    await until(() => left !== null)
    await left
    const two = new Recorder()
    const second = await join(log, group, topic, two)
    await until(() => two.owned.size === 1)
    expect(two.assignments[0].committed).toEqual({ offset: 2, metadata: 'last' })
    await second.leave()
  })
}
