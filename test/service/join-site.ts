import pino from 'pino'
import { decodeInternal } from '../../src/codec/internal.js'
import { encodeMarker } from '../../src/codec/marker.js'
import { encodeSideRows } from '../../src/codec/side-rows.js'
import { DriftlineError } from '../../src/core/error.js'
import type { JoinCounts } from '../../src/core/join/side-rows.js'
import type { Monitor } from '../../src/core/monitor.js'
import type { JoinedPart } from '../../src/core/performance/joined-part.js'
import type {
  KeyedChange,
  KeyedEntry,
  KeyedHead,
  KeyedStore,
  Membership,
  OutgoingRecord,
} from '../../src/core/ports.js'
import type { Marker } from '../../src/core/window/marker.js'
import { EmbeddedLog } from '../../src/log/embedded.js'
import { JoinStage } from '../../src/service/join-stage.js'
import { Metrics } from '../../src/service/metrics.js'
import { PendingKeys } from '../../src/service/pending-keys.js'
import { JOINS, PANES } from '../../src/service/topics.js'
import { MONITOR, type Placed, sideRows } from '../core/join/join-world.js'
import type { Message } from '../core/join/sources-world.js'
import type { Random } from '../random.js'
import { Killed } from './site.js'

export const PARTITIONS = 2

export type { Message, Placed }

/** What a store does to those that ask it. */
export interface Moods {
  /** Does not answer. */
  down: boolean
  /** Answers, but takes no writes. */
  full: boolean
}

/** The store as one process sees it, which may die at a write: before or after it has taken effect. */
class StoreConnection implements KeyedStore {
  constructor(
    private readonly store: KeyedStore,
    private readonly instance: Instance,
    private readonly moods: Moods,
  ) {}

  get place(): string {
    return this.store.place
  }

  async load(task: string): Promise<KeyedHead | null> {
    this.#answer()
    return this.store.load(task)
  }

  async read(
    task: string,
    state: Pick<KeyedHead, 'began' | 'nextOffset'>,
    keys: Uint32Array,
  ): Promise<(KeyedEntry | null)[] | null> {
    this.#answer()
    return this.store.read(task, state, keys)
  }

  release(task: string): void {
    this.store.release(task)
  }

  async write(task: string, change: KeyedChange): Promise<boolean> {
    this.#answer()
    if (this.moods.full) throw new DriftlineError('infrastructure', 'the store is full')
    if (this.instance.writes-- > 1) return this.store.write(task, change)
    this.instance.dead = true
    if (this.instance.writes === 0) await this.store.write(task, change)
    throw new Killed()
  }

  async close(): Promise<void> {}

  #answer(): void {
    if (this.instance.dead) throw new Killed()
    if (this.moods.down) throw new DriftlineError('infrastructure', 'the store is down')
  }
}

/** One process that runs the join. */
export class Instance {
  /** Writes that still go through; the process dies at the next one, half of it written. */
  writes = Number.POSITIVE_INFINITY
  dead = false
  readonly keys: PendingKeys
  readonly stage: JoinStage
  #membership: Membership | null = null

  constructor(readonly site: JoinSite) {
    const { log, clock, moods, store } = site
    const logger = pino({ level: 'silent' })
    this.keys = new PendingKeys(new StoreConnection(store(), this, moods), clock, logger)
    const append = async (topic: string, records: readonly OutgoingRecord[]): Promise<void> => {
      if (this.dead) throw new Killed()
      if (this.writes-- > 0) return log.append(topic, records)
      this.dead = true
      await log.append(topic, records.slice(0, Math.floor(records.length / 2)))
      throw new Killed()
    }
    this.stage = new JoinStage({
      ...{ clock, logger, metrics: new Metrics(), panesPartitions: 1, keys: this.keys, group: 'g' },
      log: Object.assign(Object.create(log) as EmbeddedLog, { append, partitions: async () => PARTITIONS }),
      monitors: () => site.monitors,
      catchUp: async () => {},
    })
  }

  async start(): Promise<void> {
    this.#membership = await this.site.log.join('g.join', [JOINS], this.stage, { start: 'earliest' })
    this.stage.joined(this.#membership)
  }

  /** The group has given it up, and it does not know. */
  async lost(): Promise<void> {
    if (this.#membership !== null) await this.site.log.crash(this.#membership)
  }

  async kill(): Promise<void> {
    this.dead = true
    await this.lost()
  }

  async stop(): Promise<void> {
    await this.stage.settle()
    await this.#membership?.leave()
  }
}

/** The topics around the join, a clock by hand, and processes that come and go. */
export class JoinSite {
  now = 1_800_000_000_000
  readonly clock = { now: () => this.now }
  readonly log: EmbeddedLog
  readonly instances: Instance[] = []
  readonly moods: Moods = { down: false, full: false }
  monitors: readonly Monitor[] = [MONITOR]

  /** @param store of each process that is started: one for all, or one each */
  constructor(readonly store: () => KeyedStore) {
    const topics = [
      { name: JOINS, partitions: PARTITIONS },
      { name: PANES, partitions: 1 },
    ]
    this.log = new EmbeddedLog({ clock: this.clock, topics, batchSize: 5 })
  }

  async start(): Promise<Instance> {
    const instance = new Instance(this)
    this.instances.push(instance)
    await this.#survive(() => instance.start())
    return instance
  }

  get alive(): Instance[] {
    return this.instances.filter(({ dead }) => !dead)
  }

  /** Appends to driftline.joins, by key, and lets the join run until nothing moves; who dies on the way is replaced. */
  async send(messages: readonly Message[]): Promise<void> {
    await this.log.append(
      JOINS,
      messages.flatMap(message => ('rows' in message ? split(message) : everywhere(message.marker))),
    )
    await this.settled()
  }

  /** Wall time passes. */
  async pass(ms: number): Promise<void> {
    this.now += ms
    for (const { stage } of this.alive) await this.#survive(() => stage.tick())
    await this.settled()
  }

  async settled(): Promise<void> {
    while (!(await this.#survive(() => this.log.run())));
  }

  async #survive(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      for (const instance of this.instances.filter(({ dead }) => dead)) await instance.kill()
      if (this.alive.length === 0) await this.start()
      return false
    }
  }

  /** Sum over the partitions, from their owners. */
  counts(): JoinCounts {
    const all = this.alive.flatMap(({ stage }) => stage.tasks).flatMap(task => task.labelJoiners.map(one => one.counts))
    const sum = <T extends object>(sides: readonly T[]): T =>
      Object.fromEntries(
        Object.keys(sides[0]!).map(name => [
          name,
          sides.reduce((total, side) => total + Number(side[name as keyof T]), 0),
        ]),
      ) as T
    return { predictions: sum(all.map(one => one.predictions)), labels: sum(all.map(one => one.labels)) }
  }

  /**
   * The parts that stage 2 takes: of repeats the first. Throws where a repeat is not the same, and where a marker has said before a part that it was
   * final.
   */
  async parts(): Promise<{ readonly parts: JoinedPart[]; readonly repeats: number }> {
    const parts = new Map<string, JoinedPart>()
    const told = new Map<number, number>()
    let repeats = 0
    const following = await this.log.follow(PANES, batch => {
      for (let i = 0; i < batch.size; i++) {
        const message = decodeInternal(batch.headers(i), batch.value(i))
        if (message?.type === 'marker') {
          const { partition, monitors } = message.marker
          told.set(partition, Math.max(told.get(partition) ?? Number.NEGATIVE_INFINITY, monitors[0]!.watermark))
        } else if (message?.type === 'joined-part') {
          const { part } = message.chunk
          const key = `${part.partition}/${part.pane}/${part.round}/${part.modelVersion}`
          const known = parts.get(key)
          if (known === undefined) {
            const final = part.round + MONITOR.window.graceMs
            if ((told.get(part.partition) ?? Number.NEGATIVE_INFINITY) >= final)
              throw new Error(`${key} came after its marker`)
            parts.set(key, part)
          } else {
            repeats++
            if (JSON.stringify(known) !== JSON.stringify(part)) throw new Error(`${key} came again with other content`)
          }
        }
      }
    })
    await following.catchUp()
    await following.stop()
    return { parts: [...parts.values()], repeats }
  }
}

/** What may happen to the processes between two messages. */
export type Disturb = (site: JoinSite, random: Random) => Promise<void>

/** At some write, or between two; sometimes half of what was to be written is. */
export const kills: Disturb = async (site, random) => {
  const victim = site.alive[0]!
  const what = random.next()
  if (what < 0.4) victim.writes = random.integer(0, 4)
  else if (what < 0.5) {
    await victim.kill()
    if (site.alive.length === 0) await site.start()
  } else if (what < 0.6) {
    // A rolling restart.
    victim.writes = Number.POSITIVE_INFINITY
    await victim.stop()
    victim.dead = true
    await site.start()
  }
}

function split({ rows }: Extract<Message, { rows: unknown }>): OutgoingRecord[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const some = placedOf(rows).filter(({ key }) => key % PARTITIONS === partition)
    return some.length === 0 ? [] : [encodeSideRows({ ...sideRows(some), monitor: rows.monitor }, partition)]
  }).flat()
}

function placedOf(rows: Extract<Message, { rows: unknown }>['rows']): Placed[] {
  return Array.from({ length: rows.size }, (_, i): Placed => {
    const at = { key: rows.keys[2 * i + 1]!, time: rows.times[i]!, partition: rows.partition, offset: rows.offsets[i]! }
    if (rows.side === 'labels') return { side: 'labels', ...at, value: rows.values[0]![i]! }
    const [version, segment] = [rows.versions[rows.versionOf[i]!]!, rows.segments[rows.segmentOf[i]!]!]
    return { side: 'serving', ...at, version, segment, values: rows.values.map(column => column[i]!) }
  })
}

export function everywhere(marker: Marker): OutgoingRecord[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => ({ ...encodeMarker(marker), partition }))
}
