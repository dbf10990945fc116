import type { Logger } from 'pino'
import type { Clock, KeyedEntry, KeyedHead, KeyedStore } from '../core/ports.js'
import { ids } from './ids.js'
import type { AnyJoiner, JoinTask } from './join-task.js'
import { isInfrastructure, StoreHealth } from './store-health.js'

/** A restart reads again what came in since: seconds of it. */
const LEAST_MS = 10_000
const MOST_MS = 120_000
/** Of the time at most one part in so many goes into writes that no changes press for. */
const SHARE = 20
/** Changed entries from which on they are written before it is time: so many take about a tenth of a second. */
const MANY_CHANGES = 20_000
/** While the store takes no writes, as many are held in memory; then the log waits. */
const MOST_CHANGES = 2_000_000

/** Keys of a joiner that its cache does not have. */
export interface Wanted {
  readonly joiner: AnyJoiner
  /** High and low words, two a key. */
  readonly words: number[]
}

/**
 * The store of a join's tasks: entries are read for a batch at once, changes written from time to time. Without it nothing can be joined, as nobody
 * knows what a key has: reading waits until it answers. A store that only takes no writes is told, and tried again.
 */
export class PendingKeys {
  readonly #health: StoreHealth

  constructor(
    readonly store: KeyedStore,
    private readonly clock: Clock,
    logger: Logger,
  ) {
    const says = { lost: 'the join waits for its store', back: 'pending keys are kept again' }
    this.#health = new StoreHealth(store.place, logger, says)
  }

  /** Why pending keys cannot be read or written now; null while they can. */
  get fault(): string | null {
    return this.#health.fault
  }

  async load(task: string): Promise<KeyedHead | null> {
    return this.#health.watch(() => this.store.load(task))
  }

  /** Makes the store the task's own: it has nothing of another beginning, and the next state is further than the first. */
  async begin(task: JoinTask): Promise<void> {
    const keys = new Uint32Array()
    for (;;) {
      const { began, position: nextOffset } = task
      const first = { began, nextOffset, state: task.state(), keys, entries: [], cleared: [] }
      if (await this.#health.watch(() => this.store.write(task.name, first))) return
      task.began++
    }
  }

  /** Puts entries into the caches. @returns false where the store has another state than the task's last */
  async read(task: JoinTask, wanted: readonly Wanted[]): Promise<boolean> {
    const salted: number[] = []
    for (const { joiner, words } of wanted) {
      const salt = saltOf(joiner)
      for (let i = 0; i < words.length; i++) salted.push((words[i] ^ salt[i % 2]) >>> 0)
    }
    if (salted.length === 0) return true
    const state = { began: task.began, nextOffset: task.stored }
    const found = await this.#health.watch(() => this.store.read(task.name, state, Uint32Array.from(salted)))
    if (found === null) return false
    let at = 0
    for (const { joiner, words } of wanted) {
      for (let i = 0; i < words.length; i += 2) joiner.load(words[i], words[i + 1], found[at++])
    }
    return true
  }

  /** Whether there is enough to write, or for long enough. */
  isDue(task: JoinTask): boolean {
    // Where nothing more comes, what a forgotten model has left still goes.
    const onlyLeft = task.position === task.stored && task.hasLeft && task.changes === 0
    if (task.position <= task.stored && !onlyLeft) return false
    return task.changes >= MANY_CHANGES || this.clock.now() >= task.storeAt
  }

  /**
   * Writes all that the task holds at its position, whose parts and markers the log has acknowledged.
   * @returns 'refused' where another has gone further; throws `infrastructure` where too much waits to be written
   */
  async write(task: JoinTask): Promise<'written' | 'refused' | 'failed'> {
    const cleared = task.cleared()
    const words: number[] = []
    const entries: KeyedEntry[] = []
    for (const joiner of task.joiners) {
      const salt = saltOf(joiner)
      for (const { high, low, shelf, bytes } of joiner.changed()) {
        words.push((high ^ salt[0]) >>> 0, (low ^ salt[1]) >>> 0)
        entries.push({ shelf, bytes })
      }
    }
    const keys = Uint32Array.from(words)
    const change = { began: task.began, nextOffset: task.position, state: task.state(), keys, entries, cleared }
    const from = this.clock.now()
    task.storeAt = from + LEAST_MS
    try {
      if (!(await this.#health.watch(() => this.store.write(task.name, change)))) return 'refused'
    } catch (error) {
      if (!isInfrastructure(error) || task.changes > MOST_CHANGES) throw error
      return 'failed'
    }
    task.written()
    const took = this.clock.now() - from
    task.storeAt = from + took + Math.min(MOST_MS, Math.max(LEAST_MS, SHARE * took))
    return 'written'
  }
}

const salts = new WeakMap<AnyJoiner, readonly [number, number]>()

/** Keeps the keys of monitor versions, and of their joins, apart in the one table of a task. */
function saltOf(joiner: AnyJoiner): readonly [number, number] {
  let salt = salts.get(joiner)
  if (salt === undefined) {
    const { monitor, join } = joiner
    const hash = ids.hash(monitor.model, monitor.version, ...(join === 'labels' ? [] : [join]))
    salt = [Number.parseInt(hash.slice(0, 8), 16), Number.parseInt(hash.slice(8, 16), 16)]
    salts.set(joiner, salt)
  }
  return salt
}
