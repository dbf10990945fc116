import { randomUUID } from 'node:crypto'
import { decodeProgress, encodeProgress, type TaskCommit } from '../codec/commit.js'
import { BESIDE, besideOf, decodeHistories, encodeHistories, NO_PARTS, type Parts, partsOf } from '../codec/history.js'
import { decodeState, encodeState, type SavedState } from '../codec/state.js'
import { textOf } from '../core/dictionary.js'
import type { EvaluationState } from '../core/evaluation/memory.js'
import type { Progress } from '../core/intake.js'
import type { Monitor } from '../core/monitor.js'
import type { Following, Log, OutgoingRecord, TopicPartition } from '../core/ports.js'
import { closedTo, keyOf } from './roster.js'
import { STATE } from './topics.js'

/** Beside which the progress of stage 1 lies that does not fit into the metadata of its commits; no state has this key. */
const COMMITS = 'commits'
/** What divides a key from the position of the state that the record was written with. */
const EDITION = '@'
const NO_EDITION = -1
/** The state, among what lies beside it. */
const ITSELF = ''

/** A decision state with the histories that lie beside it. */
export interface WholeState extends SavedState {
  readonly state: EvaluationState
}

interface Bytes {
  readonly value: Uint8Array
  readonly version: number
}

/** By the position of the state that they were written with; −1 where an earlier version wrote them. */
type Editions = Map<number, Bytes>

/**
 * The compacted topic of decision states as a table of bytes; decoded only by who takes a model over. What another writes of a state that is
 * being saved here (an owner that stood still and does not know that it is none) makes the next save write all of it again.
 *
 * A save that is too large for one batch may be cut short, and an owner that stood still writes an older one later. So nothing is overwritten: a
 * state and what lies beside it are written under keys of their own, with the state's position. The newest state counts, with what was written last
 * before it; older editions go after it.
 *
 *     h0@40   state@40   │ h0@70 ✗                  it is still the state of 40, with h0@40
 *                        │ h0@70   state@70   h0@40 and state@40 removed
 */
export class StateTable {
  /** By state, then by what of it: itself, or what is kept beside it. */
  readonly #table = new Map<string, Map<string, Editions>>()
  /** What this instance knows to be written of each state's histories. */
  readonly #written = new Map<string, Parts>()
  /** In the header `writer` of what this instance has written. */
  readonly #self = randomUUID()
  /** What a state says, by its bytes. */
  readonly #closedTo = new WeakMap<Uint8Array, number>()
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
        const headers = batch.headers(i)
        const name = textOf(key, 0, key.length)
        const { state } = table.#put(name, batch.value(i), Number(headerOf(headers, 'schema-version')))
        // What is kept beside the state is then a mixture of both.
        if (headerOf(headers, 'writer') !== table.#self) table.#written.delete(state)
      }
    })
    await table.#following.catchUp()
    return table
  }

  /** States written before the call, of the models that `owns` answers true for. */
  async states(owns: (model: string) => boolean): Promise<WholeState[]> {
    await this.#following!.catchUp()
    return [...this.#table].flatMap(([key, kinds]) => {
      const saved = this.#newest(key)
      if (saved === null || !owns(saved.model)) return []
      const beside = [...kinds].flatMap(([kind, editions]) => {
        const edition = newest(editions, saved.position)
        return kind === ITSELF || edition === null ? [] : [{ kind, edition, ...editions.get(edition)! }]
      })
      // What is read last counts: of a save that was cut short, records that it has replaced may still be there.
      beside.sort((a, b) => a.edition - b.edition)
      const { histories, parts } = decodeHistories(beside)
      this.#written.set(key, parts)
      return [{ ...saved, state: { ...saved.state, histories } }]
    })
  }

  /** See `ClosedTo`. */
  closedTo({ model, version }: Pick<Monitor, 'model' | 'version'>): number {
    const found = this.#newestBytes(keyOf(model, version))
    if (found === null) return closedTo(undefined)
    let told = this.#closedTo.get(found.value)
    if (told === undefined) {
      told = closedTo(decodeState(found.value, found.version)?.state.collector)
      this.#closedTo.set(found.value, told)
    }
    return told
  }

  #newest(key: string): SavedState | null {
    const found = this.#newestBytes(key)
    return found && decodeState(found.value, found.version)
  }

  #newestBytes(key: string): Bytes | null {
    const editions = this.#table.get(key)?.get(ITSELF)
    return editions?.get(newest(editions, Number.POSITIVE_INFINITY) ?? NO_EDITION) ?? null
  }

  async save(partition: number, states: readonly WholeState[]): Promise<void> {
    const records = states.flatMap((saved): OutgoingRecord[] => {
      const key = keyOf(saved.model, saved.monitor)
      const { histories } = saved.state
      const parts = partsOf(histories)
      const { before, after } = encodeHistories(saved, histories, parts, this.#written.get(key) ?? NO_PARTS)
      this.#written.set(key, parts)
      const now = [...before, encodeState(saved)]
      const written = now.map(record => ({ ...record, key: `${record.key}${EDITION}${saved.position}` }))
      return [...written, ...this.#over(key, saved.position, kindsOf(now), kindsOf(after))]
    })
    if (records.length > 0)
      await this.log.append(
        STATE,
        records.map(record => ({ ...record, partition, headers: { ...record.headers, writer: this.#self } })),
      )
  }

  /** Puts states back to a position before their own: the log that they are of has lost its end, or was made anew. */
  async rewind(partition: number, states: readonly WholeState[]): Promise<void> {
    for (const { model, monitor } of states) this.#written.delete(keyOf(model, monitor))
    await this.save(partition, states)
    // Cut short before this, the newer state still counts, and is put back once more.
    const newer = states.flatMap(({ model, monitor, position }) =>
      this.#after(partition, keyOf(model, monitor), position),
    )
    await this.log.append(STATE, newer)
  }

  /** Keeps what an owner says of its task, to be written before its commit; see `encodeCommit`. */
  async keepProgress(group: string, at: TopicPartition, commit: TaskCommit, offset: number): Promise<void> {
    await this.log.append(STATE, [encodeProgress(`${COMMITS}${BESIDE}${taskOf(group, at)}`, commit, offset)])
  }

  /** The progress kept last, and the offset that it is at; null where there is none. */
  async progress(group: string, at: TopicPartition) {
    await this.#following!.catchUp()
    const kept = this.#table.get(COMMITS)?.get(taskOf(group, at))?.get(NO_EDITION)
    return kept === undefined ? null : decodeProgress(kept.value, kept.version)
  }

  /** What stage 2 has last heard of a source partition, by monitor version: as good as a commit, for a partition whose commit is gone. */
  async heard(
    { topic, partition }: TopicPartition,
    monitors: readonly { readonly model: string; readonly version: string }[],
  ): Promise<ReadonlyMap<string, { readonly offset: number; readonly progress: Progress }>> {
    await this.#following!.catchUp()
    const found = monitors.flatMap(({ model, version: monitor }) => {
      const source = this.#newest(keyOf(model, monitor))?.state.collector.sources.find(
        one => one.topic === topic && one.partition === partition,
      )
      // An earlier version did not tell.
      if (source === undefined || source.oldest < 0) return []
      const { nextOffset: offset, oldest, roundStart, watermark, counts, open } = source
      return [[monitor, { offset, progress: { monitor, oldest, roundStart, watermark, counts, open } }] as const]
    })
    return new Map(found)
  }

  /** Tombstones of what does not count any more, now that the state is at `position`; what lies beyond may be another owner's. */
  #over(state: string, position: number, written: ReadonlySet<string>, removed: ReadonlySet<string>): OutgoingRecord[] {
    return [...(this.#table.get(state) ?? [])].flatMap(([kind, editions]) => {
      // Another owner, who knew of more series, may have written more histories.
      const isGone = removed.has(kind) || (kind.startsWith('h') && !written.has(kind))
      const counts = isGone ? null : written.has(kind) ? position : newest(editions, position)
      return [...editions.keys()]
        .filter(edition => edition <= position && edition !== counts)
        .map(edition => ({ key: editionKey(state, kind, edition), value: null }))
    })
  }

  /** Tombstones of all that was written of a state at later positions. */
  #after(partition: number, state: string, position: number): OutgoingRecord[] {
    return [...(this.#table.get(state) ?? [])].flatMap(([kind, editions]) =>
      [...editions.keys()]
        .filter(edition => edition > position)
        .map(edition => ({ partition, key: editionKey(state, kind, edition), value: null })),
    )
  }

  /** Removes a state and its histories from the topic. */
  async forget(partition: number, key: string): Promise<void> {
    await this.#following!.catchUp()
    await this.log.append(STATE, this.#after(partition, key, Number.NEGATIVE_INFINITY))
  }

  async stop(): Promise<void> {
    await this.#following?.stop()
  }

  #put(name: string, value: Uint8Array | null, version: number): { readonly state: string } {
    const { state, kind, edition } = placeOf(name)
    if (!this.histories && kind !== ITSELF && state !== COMMITS) return { state }
    const kinds = this.#table.get(state) ?? new Map<string, Editions>()
    const editions = kinds.get(kind) ?? new Map<number, Bytes>()
    this.#table.set(state, kinds)
    kinds.set(kind, editions)
    if (value !== null) editions.set(edition, { value: new Uint8Array(value), version })
    else editions.delete(edition)
    if (editions.size === 0) kinds.delete(kind)
    // Who begins anew has no histories to build on.
    if (!kinds.has(ITSELF)) this.#written.delete(state)
    return { state }
  }
}

/** Where a record of the topic belongs. */
function placeOf(key: string): { readonly state: string; readonly kind: string; readonly edition: number } {
  const [, name = key, edition = NO_EDITION] = /^(.*)@(\d+)$/s.exec(key) ?? []
  const { state, kind } = besideOf(name) ?? { state: name, kind: ITSELF }
  return { state, kind, edition: Number(edition) }
}

function editionKey(state: string, kind: string, edition: number): string {
  const name = kind === ITSELF ? state : `${state}${BESIDE}${kind}`
  return edition === NO_EDITION ? name : `${name}${EDITION}${edition}`
}

function kindsOf(records: readonly OutgoingRecord[]): ReadonlySet<string> {
  return new Set(records.map(({ key }) => placeOf(String(key)).kind))
}

/** The newest edition up to `position`; null where there is none. */
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
