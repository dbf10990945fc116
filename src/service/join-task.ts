import { decodeJoinState, encodeJoinState, type JoinTaskState } from '../codec/join-state.js'
import { type JoinedMonitor, Joiner } from '../core/join/joiner.js'
import { PairJoiner } from '../core/join/pair-joiner.js'
import { pairKindsOf } from '../core/join/pair-kinds.js'
import type { SideRows } from '../core/join/side-rows.js'
import { MOST_KEYS, type Monitor } from '../core/monitor.js'
import type { KeyedHead, TopicPartition } from '../core/ports.js'
import { keyOf } from './roster.js'
import { Turns } from './turns.js'

/** A join of a monitor version: of predictions and labels, or of pairs. */
export type AnyJoiner = Joiner | PairJoiner

/** What this instance does for one partition of driftline.joins. */
export class JoinTask {
  readonly turns = new Turns()
  /** By monitor version (`keyOf`), then by join. */
  readonly #joiners = new Map<string, ReadonlyMap<string, AnyJoiner>>()
  /** Restored states of monitors that are not known here yet. */
  #unknown: Pick<JoinTaskState, 'joiners' | 'pairs'> = { joiners: [], pairs: [] }
  #nextShelf = 0
  /** Shelves of monitors that nobody runs any more. */
  readonly #left: number[] = []
  /** Offset after the last message taken. */
  position: number
  /** Next offset of the state in the store. */
  stored: number
  /** When the next state may be stored, epoch ms. */
  storeAt = 0
  lastMarkerAt = 0
  lastCommitAt = 0
  committedPosition = -1
  /** Rounds of the last marker, by joiner. */
  readonly told = new Map<AnyJoiner, number>()
  revoked = false

  /**
   * @param name of the task in the store
   * @param began when it was begun, epoch ms: entries of another beginning are not its own
   */
  constructor(
    readonly at: TopicPartition,
    readonly name: string,
    readonly partitions: number,
    public began: number,
    start: number,
  ) {
    this.position = this.stored = start
  }

  /** Of predictions and labels, of all monitors. */
  get labelJoiners(): readonly Joiner[] {
    return this.joiners.filter(joiner => joiner instanceof Joiner)
  }

  /** Of pairs, of all monitors. */
  get pairJoiners(): readonly PairJoiner[] {
    return this.joiners.filter(joiner => joiner instanceof PairJoiner)
  }

  /** Of all monitors. */
  get joiners(): readonly AnyJoiner[] {
    return [...this.#joiners.values()].flatMap(own => [...own.values()])
  }

  /** Whether a monitor version (`keyOf`) has been introduced. */
  knows(monitor: string): boolean {
    return this.#joiners.has(monitor)
  }

  joinersOf({ model, monitor }: StateHead): readonly AnyJoiner[] {
    return [...(this.#joiners.get(keyOf(model, monitor))?.values() ?? [])]
  }

  /** Whose rows these are. */
  joinerOf({ model, monitor, pair }: SideRows): AnyJoiner | undefined {
    return this.#joiners.get(keyOf(model, monitor))?.get(pair?.join ?? 'labels')
  }

  get changes(): number {
    return this.joiners.reduce((sum, { entries }) => sum + entries.changes, 0)
  }

  /** Makes the joiners of a monitor, or brings them back, where they are not there yet. */
  introduce(monitor: Monitor): void {
    const key = keyOf(monitor.model, monitor.version)
    if (this.#joiners.has(key)) return
    const options = { ...this.at, mostKeys: monitor.limits.keys ?? MOST_KEYS, newShelf: () => this.#nextShelf++ }
    const own = new Map<string, AnyJoiner>()
    const { joiners, pairs } = this.#unknown
    if (hasLabels(monitor)) {
      const joiner = new Joiner(monitor, options)
      const state = joiners.find(one => stateKey(one) === key)
      if (state !== undefined) joiner.restore(state)
      own.set('labels', joiner)
    }
    for (const kind of pairKindsOf(monitor)) {
      const joiner = new PairJoiner(monitor, kind, options)
      const state = pairs.find(one => stateKey(one) === key && one.join === kind.join)
      if (state !== undefined) joiner.restore(state)
      own.set(kind.join, joiner)
    }
    this.#joiners.set(key, own)
    this.#unknown = without(this.#unknown, one => stateKey(one) === key)
  }

  /** The joiners of a monitor, where the restored state has some. */
  bringBack(monitor: Monitor): void {
    const key = keyOf(monitor.model, monitor.version)
    const { joiners, pairs } = this.#unknown
    if ([...joiners, ...pairs].some(one => stateKey(one) === key)) this.introduce(monitor)
  }

  /** Keys held of each model, those of monitors that are not known here too. */
  get held(): ReadonlyMap<string, number> {
    const held = new Map<string, number>()
    const add = (model: string, keys: number): void => void held.set(model, (held.get(model) ?? 0) + keys)
    for (const { monitor, keys } of this.joiners) add(monitor.model, keys)
    for (const { model, shelves } of [...this.#unknown.joiners, ...this.#unknown.pairs])
      for (const { entries } of shelves) add(model, entries)
    return held
  }

  /** Ends the joiners of all other monitors. */
  keep(monitors: readonly Pick<Monitor, 'model' | 'version'>[]): void {
    const kept = new Set(monitors.map(({ model, version }) => keyOf(model, version)))
    this.#end(key => !kept.has(key))
  }

  /** Ends the joiners of a model. */
  leave(model: string): void {
    this.#end(key => key.slice(0, key.lastIndexOf('/')) === model)
  }

  /** @param isOver of a monitor version (`keyOf`) */
  #end(isOver: (monitor: string) => boolean): void {
    const names = [...this.#joiners.keys(), ...[...this.#unknown.joiners, ...this.#unknown.pairs].map(stateKey)]
    const ends = names.some(isOver)
    for (const [key, own] of this.#joiners) {
      if (!isOver(key)) continue
      for (const joiner of own.values()) {
        this.#left.push(...joiner.cleared, ...joiner.state().shelves.map(({ id }) => id))
        this.told.delete(joiner)
      }
      this.#joiners.delete(key)
    }
    const isGone = (one: StateHead): boolean => isOver(stateKey(one))
    const { joiners, pairs } = this.#unknown
    this.#left.push(...[...joiners, ...pairs].filter(isGone).flatMap(({ shelves }) => shelves.map(({ id }) => id)))
    this.#unknown = without(this.#unknown, isGone)
    // A shelf that nothing has lain on: what only clears is written where it is, and the state without the monitor with it.
    if (ends) this.#left.push(this.#nextShelf++)
  }

  /** Whether monitors have left keys that the store still has. */
  get hasLeft(): boolean {
    return this.#left.length > 0
  }

  /** Shelves whose entries are to go. */
  cleared(): number[] {
    return [...this.#left, ...this.joiners.flatMap(({ cleared }) => cleared)]
  }

  /** The store has all that the task holds. */
  written(): void {
    this.#left.length = 0
    for (const joiner of this.joiners) {
      joiner.cleared.length = 0
      joiner.entries.written()
    }
    this.stored = this.position
  }

  state(): Buffer {
    const { joiners, pairs } = this.#unknown
    return encodeJoinState({
      nextShelf: this.#nextShelf,
      joiners: [...this.labelJoiners.map(joiner => joiner.state()), ...joiners],
      pairs: [...this.pairJoiners.map(joiner => joiner.state()), ...pairs],
    })
  }

  /** Takes over what another hand has stored, in place of all that it holds. @returns false where it cannot be read */
  restore(head: KeyedHead): boolean {
    const state: JoinTaskState | null = decodeJoinState(head.state)
    if (state === null) return false
    this.#joiners.clear()
    this.told.clear()
    this.#left.length = 0
    this.#unknown = { joiners: state.joiners, pairs: state.pairs }
    this.#nextShelf = state.nextShelf
    this.began = head.began
    this.position = this.stored = head.nextOffset
    return true
  }
}

type StateHead = { readonly model: string; readonly monitor: string }

function stateKey({ model, monitor }: StateHead): string {
  return keyOf(model, monitor)
}

function without(
  { joiners, pairs }: Pick<JoinTaskState, 'joiners' | 'pairs'>,
  gone: (one: StateHead) => boolean,
): Pick<JoinTaskState, 'joiners' | 'pairs'> {
  return { joiners: joiners.filter(one => !gone(one)), pairs: pairs.filter(one => !gone(one)) }
}

function hasLabels(monitor: Monitor): monitor is JoinedMonitor {
  return monitor.labels !== undefined && monitor.task !== undefined
}
