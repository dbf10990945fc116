import { decodeJoinState, encodeJoinState, type JoinTaskState } from '../codec/join-state.js'
import { type JoinedMonitor, Joiner } from '../core/join/joiner.js'
import type { JoinerState } from '../core/join/joiner-state.js'
import { MOST_KEYS } from '../core/monitor.js'
import type { KeyedHead, TopicPartition } from '../core/ports.js'
import { Turns } from './turns.js'

/** What this instance does for one partition of driftline.joins. */
export class JoinTask {
  readonly turns = new Turns()
  /** By `model/monitor version`. */
  readonly joiners = new Map<string, Joiner>()
  /** Restored states of monitors that are not known here yet. */
  #unknown: JoinerState[] = []
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
  readonly told = new Map<Joiner, number>()
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

  get changes(): number {
    let changes = 0
    for (const { entries } of this.joiners.values()) changes += entries.changes
    return changes
  }

  /** The joiner of a monitor, made or brought back where it is not there yet. */
  joiner(monitor: JoinedMonitor): Joiner {
    const key = keyOf(monitor.model, monitor.version)
    let joiner = this.joiners.get(key)
    if (joiner === undefined) {
      const newShelf = () => this.#nextShelf++
      joiner = new Joiner(monitor, { ...this.at, mostKeys: monitor.limits.keys ?? MOST_KEYS, newShelf })
      const state = this.#unknown.find(one => keyOf(one.model, one.monitor) === key)
      if (state !== undefined) joiner.restore(state)
      this.#unknown = this.#unknown.filter(one => one !== state)
      this.joiners.set(key, joiner)
    }
    return joiner
  }

  /** The joiner of a monitor, where the restored state has one. */
  bringBack(monitor: JoinedMonitor): void {
    if (this.#unknown.some(one => keyOf(one.model, one.monitor) === keyOf(monitor.model, monitor.version)))
      this.joiner(monitor)
  }

  /** Ends the joiners of all other monitors. */
  keep(monitors: ReadonlySet<string>): void {
    for (const [key, joiner] of this.joiners) {
      if (monitors.has(key)) continue
      this.#left.push(...joiner.cleared, ...joiner.state().shelves.map(({ id }) => id))
      this.joiners.delete(key)
      this.told.delete(joiner)
    }
    this.#left.push(
      ...this.#unknown
        .filter(one => !monitors.has(keyOf(one.model, one.monitor)))
        .flatMap(({ shelves }) => shelves.map(({ id }) => id)),
    )
    this.#unknown = this.#unknown.filter(one => monitors.has(keyOf(one.model, one.monitor)))
  }

  /** Shelves whose entries are to go. */
  cleared(): number[] {
    return [...this.#left, ...[...this.joiners.values()].flatMap(({ cleared }) => cleared)]
  }

  /** The store has all that the task holds. */
  written(): void {
    this.#left.length = 0
    for (const joiner of this.joiners.values()) {
      joiner.cleared.length = 0
      joiner.entries.written()
    }
    this.stored = this.position
  }

  state(): Buffer {
    const joiners = [...[...this.joiners.values()].map(joiner => joiner.state()), ...this.#unknown]
    return encodeJoinState({ nextShelf: this.#nextShelf, joiners })
  }

  /** Takes over what another hand has stored, in place of all that it holds. @returns false where it cannot be read */
  restore(head: KeyedHead): boolean {
    const state: JoinTaskState | null = decodeJoinState(head.state)
    if (state === null) return false
    this.joiners.clear()
    this.told.clear()
    this.#left.length = 0
    this.#unknown = [...state.joiners]
    this.#nextShelf = state.nextShelf
    this.began = head.began
    this.position = this.stored = head.nextOffset
    return true
  }
}

export function keyOf(model: string, monitor: string): string {
  return `${model}/${monitor}`
}
