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
/** What divides the key of a record beside a state from the position of the state that it was written with. */
const EDITION = '@'
const NO_EDITION = -1

/** A decision state with the histories that lie beside it. */
export interface WholeState extends SavedState {
  readonly state: EvaluationState
}

interface Bytes {
  readonly value: Uint8Array
  readonly version: number
}

interface StateBytes extends Bytes {
  /** Of the state; −∞ where an earlier version wrote it. */
  readonly position: number
}

/** By the position of the state that they were written with; −1 where an earlier version wrote them. */
type Editions = Map<number, Bytes>

/**
 * The compacted topic of decision states as a table of bytes; decoded only by who takes a model over. What another writes of a state that is
 * being saved here (an owner that stood still and does not know that it is none) makes the next save write all of it again. Whoever has read
 * further knows more: an older state after a newer one counts only where compaction has taken the newer one away.
 *
 * A save that is too large for one batch may be cut short. So what lies beside a state is never overwritten: it is written under another key, with
 * the state's position, and counts from the moment the state is written, as the newest that is not beyond it. Older editions go after that.
 *
 *     h0@40   state at 40   │ h0@70 ✗                     the state is still that of 40, with h0@40
 *                           │ h0@70   state at 70   h0@40 removed
 */
export class StateTable {
  readonly #states = new Map<string, StateBytes>()
  /** By state, then by what is kept beside it. */
  readonly #beside = new Map<string, Map<string, Editions>>()
  /** What this instance knows to be written of each state's histories. */
  readonly #written = new Map<string, Parts>()
  /** In the header `writer` of what this instance has written. */
  readonly #self = randomUUID()
  #following: Following | null = null

  private constructor(private readonly log: Pick<Log, 'append' | 'follow'>) {}

  static async follow(log: Pick<Log, 'append' | 'follow'>): Promise<StateTable> {
    const table = new StateTable(log)
    table.#following = await log.follow(STATE, batch => {
      for (let i = 0; i < batch.size; i++) {
        const key = batch.key(i)
        if (key === null) continue
        const headers = batch.headers(i)
        const name = textOf(key, 0, key.length)
        table.#put(name, batch.value(i), Number(headerOf(headers, 'schema-version')), headerOf(headers, 'position'))
        // What is kept beside the state is then a mixture of both.
        if (headerOf(headers, 'writer') !== table.#self) table.#written.delete(besideOf(name)?.state ?? name)
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
      const beside = [...(this.#beside.get(key) ?? [])].flatMap(([kind, editions]) => {
        // Compaction may have left an older state, of an owner that stood still; its histories name the windows that they have.
        const otherwise = kind.startsWith('w') ? Math.min(...editions.keys()) : null
        const edition = newest(editions, saved.position) ?? otherwise
        return edition === null ? [] : [{ kind, ...editions.get(edition)! }]
      })
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
      const written = before.map(record => ({ ...record, key: `${record.key}${EDITION}${saved.position}` }))
      const state = encodeState(saved)
      const headers = { ...state.headers, position: String(saved.position) }
      return [...written, { ...state, headers }, ...this.#over(key, saved.position, before, after)]
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
    const kept = this.#beside.get(COMMITS)?.get(taskOf(group, at))?.get(NO_EDITION)
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

  /** Tombstones of what lies beside a state and does not count any more, now that it is at `position`; what lies beyond may be another owner's. */
  #over(
    state: string,
    position: number,
    written: readonly OutgoingRecord[],
    removed: readonly OutgoingRecord[],
  ): OutgoingRecord[] {
    const kindsOf = (records: readonly OutgoingRecord[]) =>
      new Set(records.map(({ key }) => besideOf(String(key))!.kind))
    const [is, isNot] = [kindsOf(written), kindsOf(removed)]
    return [...(this.#beside.get(state) ?? [])].flatMap(([kind, editions]) => {
      // Another owner, who knew of more series, may have written more histories.
      const isGone = isNot.has(kind) || (kind.startsWith('h') && !is.has(kind))
      const counts = isGone ? null : is.has(kind) ? position : newest(editions, position)
      return [...editions.keys()]
        .filter(edition => edition <= position && edition !== counts)
        .map(edition => ({ key: keyOf(state, kind, edition), value: null }))
    })
  }

  /** Removes a state and its histories from the topic. */
  async forget(partition: number, key: string): Promise<void> {
    await this.#following!.catchUp()
    const beside = [...(this.#beside.get(key) ?? [])].flatMap(([kind, editions]) =>
      [...editions.keys()].map(edition => keyOf(key, kind, edition)),
    )
    await this.log.append(
      STATE,
      [...beside, key].map(name => ({ partition, key: name, value: null })),
    )
  }

  async stop(): Promise<void> {
    await this.#following?.stop()
  }

  #put(key: string, value: Uint8Array | null, version: number, position: string | null): void {
    const bytes = value && { value: new Uint8Array(value), version }
    const beside = besideOf(key)
    if (beside !== null) {
      this.#putBeside(beside.state, beside.kind, bytes)
      return
    }
    if (bytes !== null) {
      const state = { ...bytes, position: Number(position ?? Number.NEGATIVE_INFINITY) }
      if (!((this.#states.get(key)?.position ?? state.position) > state.position)) this.#states.set(key, state)
    } else {
      this.#states.delete(key)
      // Who begins anew has no histories to build on.
      this.#written.delete(key)
    }
  }

  #putBeside(state: string, place: string, bytes: Bytes | null): void {
    const [kind, edition = NO_EDITION] = place.split(EDITION)
    const table = this.#beside.get(state) ?? new Map<string, Editions>()
    const editions = table.get(kind) ?? new Map<number, Bytes>()
    this.#beside.set(state, table)
    table.set(kind, editions)
    if (bytes !== null) editions.set(Number(edition), bytes)
    else editions.delete(Number(edition))
    if (editions.size === 0) table.delete(kind)
  }
}

function keyOf(state: string, kind: string, edition: number): string {
  return `${state}${BESIDE}${kind}${edition === NO_EDITION ? '' : `${EDITION}${edition}`}`
}

/** The edition that counts beside a state at `position`; null where there is none yet. */
function newest(editions: Editions, position: number): number | null {
  const until = [...editions.keys()].filter(edition => edition <= position)
  return until.length === 0 ? null : Math.max(...until)
}

function headerOf(headers: Readonly<Record<string, Uint8Array>>, name: string): string | null {
  const bytes = headers[name]
  return bytes === undefined ? null : textOf(bytes, 0, bytes.length)
}

function taskOf(group: string, { topic, partition }: TopicPartition): string {
  return encodeURIComponent(`${group}/${topic}/${partition}`)
}
