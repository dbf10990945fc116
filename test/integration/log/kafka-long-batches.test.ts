import { describe, expect, it } from 'vitest'
import type { OutgoingRecord } from '../../../src/core/ports.js'
import { Recorder } from '../../log/recorder.js'
import { EARLIEST, fresh, join, topicOf } from '../../log/subject.js'
import { eventually, kafkaSubjects } from './kafka-subject.js'

/** A gate that batches of a partition wait at. */
class Gate {
  open: () => void = () => {}
  readonly passed = new Promise<void>(resolve => (this.open = resolve))
}

/** kafkajs fetches again when all batches of a fetch are done; a partition whose batch takes long is waited for by none but itself. */
describe('a batch that takes long', () => {
  const subject = kafkaSubjects()

  const of = (partition: number, ...all: string[]): OutgoingRecord[] =>
    all.map(value => ({ key: null, partition, value: Buffer.from(value) }))

  it('holds up no other partition, and goes on where it was', async () => {
    const topic = await topicOf(subject(), 2)
    const gate = new Gate()
    const member = new Recorder()
    let began = 0
    member.before = async ({ partition }) => {
      if (partition === 1) return
      began++
      await gate.passed
    }
    const membership = await join(subject().log, fresh('group'), topic, member, EARLIEST)
    await subject().log.append(topic, of(0, 'a', 'b'))
    await eventually(() => began === 1)
    for (const value of ['c', 'd', 'e']) {
      await subject().log.append(topic, of(1, value))
      await eventually(() => member.values.at(-1) === value)
    }
    await subject().log.append(topic, of(0, 'f'))
    expect([began, member.values]).toEqual([1, ['c', 'd', 'e']])
    gate.open()
    await eventually(() => member.seen.length === 6)
    expect(member.values.slice(3)).toEqual(['a', 'b', 'f'])
    await membership.leave()
  })

  it('is finished before its partition is restored again, and by nobody twice', async () => {
    const topic = await topicOf(subject(), 2)
    const group = fresh('group')
    const gate = new Gate()
    const [one, two] = [new Recorder(), new Recorder()]
    let began = 0
    one.before = async () => {
      began++
      await gate.passed
    }
    const first = await join(subject().log, group, topic, one, EARLIEST)
    await eventually(() => one.owned.size === 2)
    await subject().log.append(topic, [...of(0, 'a'), ...of(1, 'b')])
    await eventually(() => began === 2)
    // A rebalance in the midst of both: one of the two partitions goes.
    const second = await join(await subject().another(), group, topic, two, EARLIEST)
    await eventually(() => two.owned.size === 1 && one.owned.size === 1)
    const [kept] = [...one.owned.keys()]
    const [given] = [...two.owned.keys()]
    await eventually(() => two.seen.length === 1)
    // And it comes back while what was begun still goes on.
    await second.leave()
    await eventually(() => one.revocations.length === 1)
    expect(one.assignments.filter(({ partition }) => partition === given)).toHaveLength(1)
    gate.open()
    await eventually(() => one.owned.size === 2)
    await subject().log.append(topic, [...of(kept!, 'c'), ...of(given!, 'd')])
    const seen = (partition: number) =>
      one.seen.filter(record => record.partition === partition).map(({ value }) => value)
    await eventually(() => seen(kept!).length >= 2 && seen(given!).length >= 3)
    const [before, after] = kept === 0 ? ['a', 'b'] : ['b', 'a']
    expect(seen(kept!)).toEqual([before, 'c'])
    // Nothing was committed of it: after coming back it is read again.
    expect(seen(given!)).toEqual([after, after, 'd'])
    await first.leave()
  })
})
