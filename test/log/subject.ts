import type { JoinOptions, Log, Membership } from '../../src/core/ports.js'
import type { Recorder } from './recorder.js'

/** A log under test, and what a test needs that the port does not offer. */
export interface Subject {
  readonly log: Log
  /** A log as another process has it. */
  another(): Promise<Log>
  createTopic(name: string, partitions: number): Promise<void>
  /** As retention does. */
  expire(topic: string, partition: number, before: number): Promise<void>
  /** Lets records move until this holds. */
  until(holds: () => boolean): Promise<void>
}

let made = 0

/** A name that no other test and no other run has. */
export const fresh = (what: string): string => `${what}-${process.pid}-${Date.now().toString(36)}-${made++}`

export const EARLIEST: JoinOptions = { start: 'earliest' }

export async function topicOf(subject: Subject, partitions: number): Promise<string> {
  const name = fresh('topic')
  await subject.createTopic(name, partitions)
  return name
}

/** Records without a key for partition 0. */
export const values = (...all: string[]) => all.map(value => ({ key: null, partition: 0, value: Buffer.from(value) }))

export async function join(
  log: Log,
  group: string,
  topic: string,
  member: Recorder,
  options?: JoinOptions,
): Promise<Membership> {
  member.membership = await log.join(group, [topic], member, options)
  return member.membership
}
