import { type Control, decodeControl, encodeControl, type Forgotten, modelOf, withdraw } from '../codec/control.js'
import { besideOf } from '../codec/history.js'
import { textOf } from '../core/dictionary.js'
import type { Batch, Log, OutgoingRecord, StateStore } from '../core/ports.js'
import { taskOf } from './checkpoints.js'
import { BASELINES, CONTROL, STATE } from './topics.js'

/** What the compacted topics hold of a model, as the tombstones that remove it. */
export interface Holdings {
  readonly baselines: readonly OutgoingRecord[]
  readonly states: readonly OutgoingRecord[]
  readonly words: readonly OutgoingRecord[]
}

export async function holdingsOf(log: Log, model: string): Promise<Holdings> {
  const words = new Map<string, Control>()
  await each(log, CONTROL, (key, batch, i) => {
    const control = decodeControl(batch.headers(i), batch.value(i))
    if (control === null) words.delete(key)
    else if (modelOf(control) === model && !('forgotten' in control)) words.set(key, control)
  })
  const prefix = `${encodeURIComponent(model)}/`
  return {
    baselines: await live(log, BASELINES, key => key.startsWith(prefix)),
    states: await live(log, STATE, key => {
      const state = besideOf(key)?.state ?? key
      return state.slice(0, state.lastIndexOf('/')) === model
    }),
    words: [...words.values()].map(withdraw),
  }
}

/** The word first: instances that run let go of the model, and what they still write of it they remove themselves. */
export async function forget(log: Log, { baselines, states, words }: Holdings, forgotten: Forgotten): Promise<void> {
  await log.append(CONTROL, [encodeControl({ forgotten })])
  await log.append(BASELINES, baselines)
  await log.append(STATE, states)
  await log.append(CONTROL, words)
}

/**
 * Removes the checkpoints of these source topics, for who runs no instance that would do it itself. Other models of the topics are rebuilt
 * from the log by the next owner.
 * @param group prefix of the consumer groups
 */
export async function forgetCheckpoints(
  log: Pick<Log, 'partitions'>,
  store: StateStore,
  group: string,
  topics: readonly string[],
): Promise<void> {
  for (const topic of topics) {
    const partitions = Array.from({ length: (await log.partitions(topic)) ?? 0 }, (_, partition) => partition)
    await store.remove(partitions.map(partition => taskOf(group, { topic, partition })))
  }
}

/** Tombstones for the keys that have a value now, each in its partition. */
async function live(log: Log, topic: string, isIts: (key: string) => boolean): Promise<OutgoingRecord[]> {
  const found = new Map<string, number>()
  await each(log, topic, (key, batch, i) => {
    if (batch.value(i) === null) found.delete(key)
    else if (isIts(key)) found.set(key, batch.partition)
  })
  return [...found].map(([key, partition]) => ({ key, partition, value: null }))
}

async function each(log: Log, topic: string, onRecord: (key: string, batch: Batch, i: number) => void): Promise<void> {
  const following = await log.follow(topic, batch => {
    for (let i = 0; i < batch.size; i++) {
      const key = batch.key(i)
      if (key !== null) onRecord(textOf(key, 0, key.length), batch, i)
    }
  })
  await following.catchUp()
  await following.stop()
}
