import { randomUUID } from 'node:crypto'
import { decodeProgress, encodeProgress, type TaskCommit } from '../codec/commit.js'
import { BESIDE, besideOf, decodeHistories, encodeHistories, NO_PARTS, type Parts, partsOf } from '../codec/history.js'
import { decodeState, encodeState, type SavedState } from '../codec/state.js'
import { textOf } from '../core/dictionary.js'
import type { EvaluationState } from '../core/evaluation/memory.js'
import type { Progress } from '../core/intake.js'
import type { Following, Log, OutgoingRecord, TopicPartition } from '../core/ports.js'
import { STATE } from './topics.js'

/** Beside which the progress of stage 1 lies that does not fit into the metadata of its commits; no state has this key. */
const COMMITS = 'commits'

/** A decision state with the histories that lie beside it. */
export interface WholeState extends SavedState {
  readonly state: EvaluationState
}

interface Bytes {
  readonly value: Uint8Array
  readonly version: number
}

/**
 * The compacted topic of decision states as a table of bytes; decoded only by who takes a model over. What another writes of a state that is
 * being saved here (an owner that stood still and does not know that it is none) makes the next save write all of it again.
 */
export class StateTable {
  readonly #states = new Map<string, Bytes>()
  /** By state, then by what is kept beside it. */
  readonly #beside = new Map<string, Map<string, Bytes>>()
  /** What this instance knows to be written of each state's histories. */
  readonly #written = new Map<string, Parts>()
  /** In the header `writer` of what this instance has written. */
  readonly #self = randomUUID()
  #following: Following | null = null

  private constructor(
    private readonly log: Pick<Log, 'append' | 'follow'>,
    private readonly histories: boolean,
  ) {}

  /** @param histories whether to keep what lies beside the states, nearly all of the topic: only stage 2 goes on from it */
  static async follow(log: Pick<Log, 'append' | 'follow'>, histories = true): Promise<StateTable> {
    const table = new StateTable(log, histories)
    table.#following = await log.follow(STATE, batch => {
      for (let i = 0; i < batch.size; i++) {
        const key = batch.key(i)
        if (key === null) continue
        const { 'schema-version': version, writer } = batch.headers(i)
        const name = textOf(key, 0, key.length)
        table.#put(name, batch.value(i), Number(version && textOf(version, 0, version.length)))
        // What is kept beside the state is then a mixture of both.
        if (writer === undefined || textOf(writer, 0, writer.length) !== table.#self)
          table.#written.delete(besideOf(name)?.state ?? name)
      }
    })
    await table.#following.catchUp()
    return table
  }

  /** States written before the call, of the models that `owns` answers true for. */
  async states(owns: (model: string) => boolean): Promise<WholeState[]> {
    await this.#following!.catchUp()
    return [...this.#states].flatMap(([key, { value, version }]) => {
      const saved = decodeState(value, version)
      if (saved === null || !owns(saved.model)) return []
      const beside = [...(this.#beside.get(key) ?? [])].map(([kind, bytes]) => ({ kind, ...bytes }))
      const { histories, parts } = decodeHistories(beside)
      this.#written.set(key, parts)
      return [{ ...saved, state: { ...saved.state, histories } }]
    })
  }

  async save(partition: number, states: readonly WholeState[]): Promise<void> {
    const records = states.flatMap((saved): OutgoingRecord[] => {
      const key = `${saved.model}/${saved.monitor}`
      const { histories } = saved.state
      const parts = partsOf(histories)
      const { before, after } = encodeHistories(saved, histories, parts, this.#written.get(key) ?? NO_PARTS)
      this.#written.set(key, parts)
      return [...before, encodeState(saved), ...after, ...this.#others(key, before)]
    })
    if (records.length > 0)
      await this.log.append(
        STATE,
        records.map(record => ({ ...record, partition, headers: { ...record.headers, writer: this.#self } })),
      )
  }

  /** Keeps what an owner says of its task, to be written before its commit; see `encodeCommit`. */
  async keepProgress(group: string, at: TopicPartition, commit: TaskCommit, offset: number): Promise<void> {
    await this.log.append(STATE, [encodeProgress(`${COMMITS}${BESIDE}${taskOf(group, at)}`, commit, offset)])
  }

  /** The progress kept last, and the offset that it is at; null where there is none. */
  async progress(group: string, at: TopicPartition) {
    await this.#following!.catchUp()
    const kept = this.#beside.get(COMMITS)?.get(taskOf(group, at))
    return kept === undefined ? null : decodeProgress(kept.value, kept.version)
  }

  /** What stage 2 has last heard of a source partition, by monitor version: as good as a commit, for a partition whose commit is gone. */
  async heard(
    { topic, partition }: TopicPartition,
    monitors: readonly { readonly model: string; readonly version: string }[],
  ): Promise<ReadonlyMap<string, { readonly offset: number; readonly progress: Progress }>> {
    await this.#following!.catchUp()
    const found = monitors.flatMap(({ model, version: monitor }) => {
      const state = this.#states.get(`${model}/${monitor}`)
      const saved = state && decodeState(state.value, state.version)
      const source = saved?.state.collector.sources.find(one => one.topic === topic && one.partition === partition)
      // An earlier version did not tell.
      if (source === undefined || source.oldest < 0) return []
      const { nextOffset: offset, oldest, roundStart, watermark, counts, open } = source
      return [[monitor, { offset, progress: { monitor, oldest, roundStart, watermark, counts, open } }] as const]
    })
    return new Map(found)
  }

  /** Tombstones of histories that another owner, who knew of more series, has written. */
  #others(state: string, written: readonly OutgoingRecord[]): OutgoingRecord[] {
    const kinds = [...(this.#beside.get(state)?.keys() ?? [])].filter(kind => kind.startsWith('h'))
    const keys = kinds.map(kind => `${state}${BESIDE}${kind}`)
    return keys.filter(key => !written.some(record => record.key === key)).map(key => ({ key, value: null }))
  }

  /** Removes a state and its histories from the topic. */
  async forget(partition: number, key: string): Promise<void> {
    await this.#following!.catchUp()
    const beside = [...(this.#beside.get(key) ?? new Map()).keys()].map(kind => `${key}${BESIDE}${kind}`)
    await this.log.append(
      STATE,
      [key, ...beside].map(name => ({ partition, key: name, value: null })),
    )
  }

  async stop(): Promise<void> {
    await this.#following?.stop()
  }

  #put(key: string, value: Uint8Array | null, version: number): void {
    const beside = besideOf(key)
    if (!this.histories && beside !== null && beside.state !== COMMITS) return
    let table = this.#states
    if (beside !== null) {
      table = this.#beside.get(beside.state) ?? new Map()
      this.#beside.set(beside.state, table)
    }
    if (value !== null) {
      table.set(beside?.kind ?? key, { value: new Uint8Array(value), version })
      return
    }
    table.delete(beside?.kind ?? key)
    // Who begins anew has no histories to build on.
    if (beside === null) this.#written.delete(key)
  }
}

function taskOf(group: string, { topic, partition }: TopicPartition): string {
  return encodeURIComponent(`${group}/${topic}/${partition}`)
}
