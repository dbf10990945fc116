import pino from 'pino'
import { jsonEncoder } from '../../src/codec/public-encoder.js'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import { DriftlineError } from '../../src/core/error.js'
import type { Monitor } from '../../src/core/monitor.js'
import type { KeyedStore, OutgoingRecord, StateStore, TopicPartition } from '../../src/core/ports.js'
import { EmbeddedLog } from '../../src/log/embedded.js'
import { activate, publishBaseline } from '../../src/service/baselines.js'
import { Line } from '../../src/service/line.js'
import { ALERTS, BASELINES, CONTROL, DEAD_LETTERS, JOINS, PANES, STATE, VERDICTS } from '../../src/service/topics.js'
import type { Random } from '../random.js'
import { eventTimeOf, type Feed, MINUTE, type Sent, T0 } from './feed.js'
import { LABELS, monitorFor, SOURCE } from './monitor.js'
import { expected } from './oracle.js'
import { Killed, type Net, Process, Stalled } from './process.js'

export interface WorldOptions {
  readonly feed: Feed
  readonly random: Random
  readonly panesPartitions: number
  readonly store: StateStore | null
  /** Of the keys that wait to be joined; null: each process has its own, in memory. */
  readonly keys: KeyedStore | null
  readonly baselines: readonly Baseline[]
  /** Whether partitions may fall idle. */
  readonly idles: boolean
  /** Whether the last partition is added in mid-run. */
  readonly grows: boolean
  /** Whether the two stages are two processes. */
  readonly apart: boolean
  /** Whether a dying process's write may land later, and a zombie's commit be taken. */
  readonly haunted: boolean
  /** Whether each record of a decision state is a batch of its own: a state of some thousand series is more than one. */
  readonly splits: boolean
  /** Whether the topic of decision states is compacted between two processes. */
  readonly compacts: boolean
  /** Prefix of the groups: checkpoints of one run are not another's. */
  readonly group: string
}

type Stages = { readonly summarize: boolean; readonly evaluate: boolean }

export interface Running {
  readonly process: Process
  readonly line: Line
  readonly stages: Stages
  zombie: boolean
}

/** A partition taken over, for what it had to read again. */
export interface TakenOver extends TopicPartition {
  readonly committed: number | null
  readonly from: number
}

/** A whole installation in one process: the embedded log, a store, and processes of the real line that come, go, stand still and go on. */
export class World {
  now = T0
  /** Highest time of an event, or of a label, sent that may count. */
  newest = T0
  readonly log: EmbeddedLog
  /** Of every process that is started from now on. */
  monitors: readonly Monitor[]
  readonly running: Running[] = []
  readonly takenOver: TakenOver[] = []
  readonly violations: string[] = []
  readonly done = { kills: 0, zombies: 0, landed: 0, replacements: 0, leaves: 0 }
  /** What was said of baselines while records came. */
  readonly words: { readonly baseline: Baseline; readonly from: number }[] = []
  readonly #net: Net
  readonly #sent: number[]
  /** Boundary and watermark that stage 2 has reached, by process and model. */
  readonly #reached = new Map<object, { boundary: number; watermark: number }>()

  constructor(readonly options: WorldOptions) {
    const { feed, random, panesPartitions, haunted, splits, compacts, idles, grows, group, baselines } = options
    const clock = { now: () => this.now }
    const own = [BASELINES, CONTROL, VERDICTS, ALERTS, DEAD_LETTERS].map(name => ({ name, partitions: 1 }))
    const inner = [PANES, STATE].map(name => ({ name, partitions: panesPartitions }))
    const sides = [
      { name: SOURCE, partitions: feed.partitions.length - (grows ? 1 : 0) },
      ...(feed.labels.length > 0 ? [{ name: LABELS, partitions: feed.labels.length }] : []),
      { name: JOINS, partitions: panesPartitions },
    ]
    const topics = [...own, ...inner, ...sides]
    this.log = new EmbeddedLog({ clock, topics, batchSize: random.integer(1, 9) * (baselines.length > 0 ? 10 : 1) })
    this.#sent = this.#inputs.map(() => 0)
    this.monitors = feed.models.map(model => monitorFor(model, feed, idles))
    this.#net = {
      log: this.log,
      late: [],
      splits,
      compacts,
      lands: () => haunted && random.chance(0.5),
      takes: () => haunted && random.chance(0.3),
      memberships: new Map(),
      onAssigned: (joined, at, committed, from) => {
        if (joined === `${group}.summarize.${SOURCE}`) this.takenOver.push({ ...at, committed, from })
      },
    }
  }

  async open(): Promise<void> {
    const { baselines, apart } = this.options
    for (const baseline of baselines) {
      await publishBaseline(this.log, baseline)
      await this.#activate(baseline, null)
    }
    for (const stages of apart ? [ONLY_1, ONLY_2] : [BOTH]) await this.start(stages)
  }

  /** The baseline judges from this pane on. */
  async promote(baseline: Baseline, from: number): Promise<void> {
    this.words.push({ baseline, from })
    // No two words in a millisecond: they would be one.
    this.now++
    if (!this.options.baselines.includes(baseline)) await publishBaseline(this.log, baseline)
    await this.#activate(baseline, from)
  }

  async #activate({ model, modelVersion, version }: Baseline, from: number | null): Promise<void> {
    await activate(this.log, { model, modelVersion, baseline: version, from, by: 'test', at: this.now })
  }

  /** A changed monitor comes with new processes, while those of before still run: segments are declared, or no more. */
  async deploy(): Promise<void> {
    const { feed, idles, apart } = this.options
    const changed = { ...feed, segmented: !feed.segmented }
    this.now = Math.max(this.now, this.newest)
    this.monitors = feed.models.map(model => monitorFor(model, changed, idles))
    for (const stages of apart ? [ONLY_1, ONLY_2] : [BOTH]) await this.start(stages)
  }

  /** A pane that no record sent so far has reached. */
  get nextPane(): number {
    const { advance } = this.options.feed.window
    return Math.ceil((this.newest + 1) / advance) * advance
  }

  async start(stages: Stages): Promise<Running> {
    const process = new Process(this.#net)
    const { store, group } = this.options
    const line = new Line({
      log: process,
      store: store && process.storeOver(store),
      clock: { now: () => this.now },
      logger: pino({ level: 'silent' }),
      monitors: this.monitors,
      schemas: null,
      encoder: jsonEncoder(),
      stages: { ...stages, join: stages.summarize && this.options.feed.labels.length > 0 },
      openKeys: async () => this.options.keys && process.keysOver(this.options.keys),
      start: 'earliest',
      group,
      onFailure: error => {
        throw error
      },
    })
    const one = { process, line, stages, zombie: false }
    this.running.push(one)
    await line.start()
    return one
  }

  /** Those that the groups know of. */
  get members(): Running[] {
    return this.running.filter(({ process, zombie }) => !process.dead && !zombie)
  }

  get zombies(): Running[] {
    return this.running.filter(({ process, zombie }) => zombie && !process.dead)
  }

  /** Of the models, at those who own their panes partitions. */
  get evaluations() {
    return this.members.flatMap(({ line }) => line.evaluating?.evaluations ?? [])
  }

  /** Source partitions, then those of the labels. */
  get #inputs(): readonly (readonly Sent[])[] {
    const { partitions, labels } = this.options.feed
    return [...partitions, ...labels]
  }

  /** Records still to come, by partition. */
  get left(): number[] {
    return this.#inputs.map((records, p) => records.length - this.#sent[p]!)
  }

  /** The topic gets its last partition, if it is still to come. */
  async grow(): Promise<void> {
    if ((await this.log.partitions(SOURCE))! < this.options.feed.partitions.length) await this.log.addPartition(SOURCE)
  }

  async send(partition: number, count: number): Promise<void> {
    const { length } = this.options.feed.partitions
    const all = this.#inputs[partition]!
    const from = this.#sent[partition]!
    const some = all.slice(from, from + count)
    this.#sent[partition] = from + some.length
    for (const { value } of some) {
      const time = eventTimeOf(value)
      if (time < T0 + 24 * 60 * MINUTE) this.newest = Math.max(this.newest, time)
    }
    const [topic, at] = partition < length ? [SOURCE, partition] : [LABELS, partition - length]
    await this.log.append(
      topic,
      some.map((record): OutgoingRecord => ({ ...record, partition: at })),
    )
  }

  /** Until nothing moves. Who dies or stands still on the way is replaced. */
  async settle(): Promise<void> {
    for (;;) {
      try {
        await this.log.run()
        this.observe()
        return
      } catch (error) {
        await this.#bereaved(error)
      }
    }
  }

  async tick(): Promise<void> {
    for (const { process, line } of this.members) {
      try {
        await process.run(() => line.tick())
      } catch (error) {
        await this.#bereaved(error)
      }
    }
  }

  /** The dead leave their groups, those that stand still are expelled, and each gets a successor. */
  async #bereaved(error: unknown): Promise<void> {
    if (!(error instanceof Killed || error instanceof Stalled)) throw error
    const gone = this.running.filter(({ process, zombie }) => !zombie && (process.dead || process.isStalled))
    for (const one of gone) {
      if (one.process.dead) await this.bury(one)
      else await this.bewitch(one)
    }
    await this.replace()
  }

  /** For each stage at least one process. */
  async replace(): Promise<void> {
    const { apart } = this.options
    for (const stages of apart ? [ONLY_1, ONLY_2] : [BOTH]) {
      if (this.members.some(one => one.stages === stages)) continue
      await this.start(stages)
      this.done.replacements++
    }
  }

  async bury(one: Running): Promise<void> {
    if (!one.zombie) this.done.kills++
    one.zombie = true
    await one.process.kill()
  }

  /** Others own its partitions, and it does not know. */
  async bewitch(one: Running): Promise<void> {
    this.done.zombies++
    one.zombie = true
    await one.process.expelled()
  }

  /** What a zombie may still do: finish what it was at, read on, say what it knows. */
  async haunt(one: Running): Promise<void> {
    const { random } = this.options
    try {
      if (one.process.isStalled) await one.process.goOn()
      if (random.chance(0.5)) await one.process.readOn(random.integer(1, 4))
      if (random.chance(0.7)) await one.process.run(() => one.line.tick())
    } catch (error) {
      // Its partition has been begun anew meanwhile: it cannot go on, says so and ends.
      if (error instanceof DriftlineError) await this.bury(one)
      else if (!(error instanceof Killed || error instanceof Stalled)) throw error
    }
  }

  /** Leaves as it should. */
  async leave(one: Running): Promise<void> {
    this.done.leaves++
    await one.line.stop()
    one.process.dead = true
    one.zombie = true
  }

  /** A write of one who is dead arrives. */
  async land(): Promise<void> {
    const { late } = this.#net
    const [one] = late.splice(this.options.random.integer(0, late.length - 1), 1)
    if (one === undefined) return
    this.done.landed++
    await this.log.append(one.topic, one.records)
  }

  get onTheWay(): number {
    return this.#net.late.length
  }

  /**
   * With all read, and before its end is told: no window is open whose time has come, in any panes partition. Where partitions may be idle, and
   * all are, it has come for those that one of them has passed.
   */
  due(): void {
    const { feed, idles, grows } = this.options
    const { watermarks } = expected(feed)
    const { grace, advance } = feed.window
    for (const { collector, monitor, ranges } of this.evaluations) {
      // To a changed monitor no time has come before that of its first pane.
      const marks = watermarks.get(monitor.model)!.map(all => {
        const mark = all.at(-1) ?? Number.NEGATIVE_INFINITY
        return ranges.isBefore(Math.floor(mark / advance) * advance) ? Number.NEGATIVE_INFINITY : mark
      })
      const mark = idles ? Math.max(...marks) : Math.min(...marks)
      const boundary = Math.floor((mark - grace) / advance) * advance
      const isAsWanted = idles || grows ? collector.boundary >= boundary : collector.boundary === boundary
      if (!isAsWanted && Number.isFinite(mark))
        this.violations.push(`no due window is open: ${monitor.model} is at ${collector.boundary}, not ${boundary}`)
    }
  }

  /** Boundaries and watermarks of stage 2 never go back. */
  observe(): void {
    for (const { line } of this.running) {
      for (const { collector, monitor } of line.evaluating?.evaluations ?? []) {
        const known = this.#reached.get(collector) ?? { boundary: -Infinity, watermark: -Infinity }
        const { boundary, watermark } = collector
        if (boundary < known.boundary) this.violations.push(`boundary: ${monitor.model} went back to ${boundary}`)
        if (watermark < known.watermark && !this.options.idles && !this.options.grows)
          this.violations.push(`watermark: ${monitor.model} went back to ${watermark}`)
        this.#reached.set(collector, { boundary, watermark })
      }
    }
  }
}

const BOTH: Stages = { summarize: true, evaluate: true }
const ONLY_1: Stages = { summarize: true, evaluate: false }
const ONLY_2: Stages = { summarize: false, evaluate: true }
