import { type Control, decodeControl, encodeControl, type Forgotten, modelOf, withdraw } from '../codec/control.js'
import { besideOf } from '../codec/history.js'
import { textOf } from '../core/dictionary.js'
import { DriftlineError } from '../core/error.js'
import type { Batch, KeyedStore, Log, OutgoingRecord, StateStore } from '../core/ports.js'
import { taskOf } from './checkpoints.js'
import { JoinTask } from './join-task.js'
import { BASELINES, CONTROL, JOINS, STATE } from './topics.js'

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

/** What the tasks of the join have stored of a model: how many of them, and the keys that wait. */
export interface KeysLeft {
  readonly tasks: number
  readonly keys: number
}

/** @param group prefix of the consumer groups */
export async function keysLeft(
  log: Pick<Log, 'partitions'>,
  store: KeyedStore,
  group: string,
  model: string,
): Promise<KeysLeft> {
  const held = (await storedTasks(log, store, group)).flatMap(task => task.held.get(model) ?? [])
  return { tasks: held.length, keys: held.reduce((sum, keys) => sum + keys, 0) }
}

/** Removes them, for who runs no instance that would do it itself; the keys of other models stay. @returns what was removed */
export async function forgetKeys(
  log: Pick<Log, 'partitions'>,
  store: KeyedStore,
  group: string,
  model: string,
): Promise<KeysLeft> {
  const removed = { tasks: 0, keys: 0 }
  for (const { name, at } of await storedTasks(log, store, group))
    for (let done = false; !done; ) {
      const task = await storedTask(store, name, at.partition)
      const keys = task?.held.get(model)
      if (task === null || keys === undefined) break
      task.leave(model)
      const { began, stored: nextOffset } = task
      const change = { began, nextOffset, state: task.state(), cleared: task.cleared() }
      // Refused where an instance that runs after all has written meanwhile.
      done = await store.write(name, { ...change, keys: new Uint32Array(), entries: [] })
      if (!done) continue
      removed.tasks++
      removed.keys += keys
    }
  return removed
}

async function storedTasks(log: Pick<Log, 'partitions'>, store: KeyedStore, group: string): Promise<JoinTask[]> {
  const partitions = Array.from({ length: (await log.partitions(JOINS)) ?? 0 }, (_, partition) => partition)
  const tasks = partitions.map(partition => storedTask(store, taskOf(group, { topic: JOINS, partition }), partition))
  return (await Promise.all(tasks)).filter(task => task !== null)
}

/** As its owner has written it last; null where nothing is stored. */
async function storedTask(store: KeyedStore, name: string, partition: number): Promise<JoinTask | null> {
  const head = await store.load(name)
  if (head === null) return null
  const task = new JoinTask({ topic: JOINS, partition }, name, 0, head.began, head.nextOffset)
  if (task.restore(head)) return task
  throw new DriftlineError(
    'bad-input',
    `what ${name} has in ${store.place} was written by a later version of Driftline: use that one, or remove the place with all that it holds`,
  )
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
