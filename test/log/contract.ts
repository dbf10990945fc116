import { expect, it } from 'vitest'
import { DriftlineError } from '../../src/core/error.js'
import type { GroupMember } from '../../src/core/ports.js'
import { partitionOf } from '../../src/log/partition.js'
import { groupContract } from './group-contract.js'
import { Recorder, recordsOf, type Seen } from './recorder.js'
import { EARLIEST, fresh, join, type Subject, topicOf, values } from './subject.js'

/** What both logs promise (DESIGN §5). */
export function logContract(subject: () => Subject): void {
  groupContract(subject)

  it('keeps the order within a partition, and sends equal keys where partitionOf says', async () => {
    const { log, until } = subject()
    const topic = await topicOf(subject(), 4)
    const keys = Array.from({ length: 300 }, (_, i) => `entity-${i % 37}`)
    await log.append(
      topic,
      keys.map((key, i) => ({ key, value: Buffer.from(`${i}`) })),
    )
    const member = new Recorder()
    const membership = await join(log, fresh('group'), topic, member, EARLIEST)
    await until(() => member.seen.length >= 300)
    for (let partition = 0; partition < 4; partition++) {
      const here = member.seen.filter(record => record.partition === partition)
      expect(here.map(({ offset }) => offset)).toEqual(here.map((_, i) => i))
      const sent = keys.flatMap((key, i) => (partitionOf(key, 4) === partition ? [`${i}`] : []))
      expect(here.map(({ value }) => value)).toEqual(sent)
    }
    await membership.leave()
  })

  it('hands over keys, tombstones, headers and timestamps as written', async () => {
    const { log, until } = subject()
    const topic = await topicOf(subject(), 1)
    await log.append(topic, [
      { key: 'a', value: null, timestamp: 1_700_000_000_123 },
      { key: null, value: Buffer.from('plain'), timestamp: 1_700_000_000_000 },
      {
        key: Buffer.from('ключ'),
        value: Buffer.alloc(0),
        headers: { text: 'größe', bytes: Buffer.from('b') },
        timestamp: 1,
      },
    ])
    const member = new Recorder()
    const membership = await join(log, fresh('group'), topic, member, EARLIEST)
    await until(() => member.seen.length >= 3)
    const at = { partition: 0, headers: {} }
    expect(member.seen).toEqual<Seen[]>([
      { ...at, offset: 0, key: 'a', value: null, timestamp: 1_700_000_000_123 },
      { ...at, offset: 1, key: null, value: 'plain', timestamp: 1_700_000_000_000 },
      { ...at, offset: 2, key: 'ключ', value: '', timestamp: 1, headers: { text: 'größe', bytes: 'b' } },
    ])
    await membership.leave()
  })

  it('carries a record of 900 kB, and more in one call than fits one message', async () => {
    const { log, until } = subject()
    const topic = await topicOf(subject(), 1)
    const large = Buffer.alloc(900_000, 'x')
    await log.append(topic, [
      ...values('first'),
      { key: 'k', value: large },
      ...Array.from({ length: 30 }, (_, i) => ({ key: null, value: Buffer.alloc(100_000, `${i % 10}`) })),
    ])
    const member = new Recorder()
    const membership = await join(log, fresh('group'), topic, member, EARLIEST)
    await until(() => member.seen.length >= 32)
    expect(member.seen.map(({ value }) => value?.length)).toEqual([
      5,
      900_000,
      ...Array.from({ length: 30 }, () => 100_000),
    ])
    await membership.leave()
  })

  it('finds offsets by time', async () => {
    const { log } = subject()
    const topic = await topicOf(subject(), 2)
    await log.append(
      topic,
      [100, 200, 300].map(timestamp => ({ key: null, partition: 0, value: null, timestamp })),
    )
    expect(await log.offsetAt(topic, 150)).toEqual([1, 0])
    expect(await log.offsetAt(topic, 100)).toEqual([0, 0])
    expect(await log.offsetAt(topic, 301)).toEqual([3, 0])
    expect(await log.offsets(topic)).toEqual([
      { first: 0, end: 3 },
      { first: 0, end: 0 },
    ])
    expect(await log.partitions(topic)).toBe(2)
  })

  it('follows a topic from its beginning, and catches up with what is there', async () => {
    const { log } = subject()
    const topic = await topicOf(subject(), 2)
    const seen: Seen[] = []
    const following = await log.follow(topic, batch => seen.push(...recordsOf(batch)))
    await following.catchUp()
    expect(seen).toEqual([])
    await log.append(
      topic,
      [...'abcdef'].map(key => ({ key, value: Buffer.from(key) })),
    )
    await following.catchUp()
    expect(seen.map(({ value }) => value).sort()).toEqual([...'abcdef'])
    await log.append(topic, [{ key: 'g', value: null }])
    await following.catchUp()
    expect(seen.length).toBe(7)
    await following.stop()
  })

  it('follows a topic whose beginning has expired', async () => {
    const { log, expire } = subject()
    const topic = await topicOf(subject(), 2)
    await log.append(topic, values('a', 'b', 'c'))
    await expire(topic, 0, 3)
    const seen: Seen[] = []
    const following = await log.follow(topic, batch => seen.push(...recordsOf(batch)))
    await following.catchUp()
    await log.append(topic, values('d'))
    await following.catchUp()
    expect(seen.map(({ value }) => value)).toEqual(['d'])
    await following.stop()
  })

  it('says which topic is missing', async () => {
    const { log } = subject()
    const missing = fresh('missing')
    const member: GroupMember = new Recorder()
    expect(await log.partitions(missing)).toBeNull()
    for (const attempt of [
      () => log.join(fresh('group'), [missing], member),
      () => log.follow(missing, () => {}),
      () => log.offsets(missing),
      () => log.offsetAt(missing, 0),
      () => log.timestampRule(missing),
      () => log.append(missing, values('a')),
    ]) {
      const error = await attempt().then(
        () => null,
        (one: unknown) => one,
      )
      expect(error).toBeInstanceOf(DriftlineError)
      expect(error).toMatchObject({ code: 'infrastructure', message: expect.stringContaining(missing) })
    }
  })
}
