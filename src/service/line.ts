import type { Logger } from 'pino'
import { encodeControl, type MonitorVersion } from '../codec/control.js'
import type { PublicEncoder } from '../codec/public-encoder.js'
import { createTopicReader } from '../codec/topic-reader.js'
import type { WriterSchemas } from '../codec/writer-schemas.js'
import type { Baseline } from '../core/baseline/baseline.js'
import { DriftlineError } from '../core/error.js'
import { inputsOf, isJoined, type Monitor } from '../core/monitor.js'
import type { Clock, GroupMember, JoinOptions, KeyedStore, Log, Membership, StateStore } from '../core/ports.js'
import { type Hashing, rawFeatures } from '../core/privacy.js'
import { PaneRanges } from '../core/window/pane-ranges.js'
import { MemoryKeyed } from '../state/keyed-memory.js'
import { Checkpoints } from './checkpoints.js'
import { EvaluateStage } from './evaluate-stage.js'
import { ids } from './ids.js'
import { JoinStage } from './join-stage.js'
import { hashingOf } from './keyed-hash.js'
import { Knowledge } from './knowledge.js'
import { Metrics } from './metrics.js'
import { PendingKeys } from './pending-keys.js'
import { type Enrolled, enrolled, enrolment, removal } from './roster.js'
import { software } from './software.js'
import { type AnyWatch, LabelWatch, OfflineWatch, Watch } from './source-task.js'
import { StateTable } from './state-table.js'
import { SummarizeStage } from './summarize-stage.js'
import { BASELINES, CONTROL, JOINS, PANES, STATE } from './topics.js'

/** Prefix of the consumer groups, unless told. */
const GROUP = 'driftline'

/** Records beyond it are rejected; Kafka's own default limit is 1 MiB. */
export const LARGEST_RECORD = 1_048_576

export interface LineOptions {
  readonly log: Log
  readonly clock: Clock
  readonly logger: Logger
  readonly monitors: readonly Monitor[]
  /** Null where every topic is JSON. */
  readonly schemas: WriterSchemas | null
  readonly encoder: PublicEncoder
  /** Where checkpoints are kept; without one a restart rebuilds from the log. The caller closes it. */
  readonly store?: StateStore | null
  /**
   * Opens the store of the keys that wait to be joined, where a monitor joins; null, or absent: they are in memory, and a restart reads
   * driftline.joins again. The line closes it.
   */
  readonly openKeys?: () => Promise<KeyedStore | null>
  readonly stages?: { readonly summarize: boolean; readonly join: boolean; readonly evaluate: boolean }
  readonly start?: JoinOptions['start']
  /** See `Surroundings.alertsFrom`. */
  readonly alertsFrom?: number
  /** Prefix of the consumer groups. */
  readonly group?: string
  readonly metrics?: Metrics
  /** A change of monitors could not be followed (their topic is missing, say); what ran before goes on. */
  readonly onFailure?: (error: Error) => void
  /** Of the features that monitors want hashed; see `hashingOf`. */
  readonly privacyKey?: string | null
}

/**
 * The whole line over any log: stage 1 on each source topic, stage 2 on the panes. `up`, `replay` and `demo` run this same thing.
 */
export class Line {
  readonly metrics: Metrics
  /** Null without a store. */
  readonly checkpoints: Checkpoints | null
  evaluating: EvaluateStage | null = null
  /** Null where no monitor joins. */
  joining: JoinStage | null = null
  /** Of the join. */
  pendingKeys: PendingKeys | null = null
  /** What a start is at, and waits for where it does not go on; null before and after. */
  startingWith: string | null = null
  #started = false
  readonly #memberships: Membership[] = []
  /** By source topic. */
  readonly #summarizing = new Map<string, SummarizeStage>()
  #panesPartitions = 0
  /** Baselines with raw values that the log has told of. */
  readonly #toldRaw = new Set<string>()
  #following: Promise<void> = Promise.resolve()
  #knowledge: Knowledge | null = null
  #states: StateTable | null = null

  constructor(private readonly options: LineOptions) {
    const { metrics = new Metrics(), store = null, clock, logger, group = GROUP } = options
    this.metrics = metrics
    this.checkpoints = store && new Checkpoints({ store, clock, metrics, logger, group })
  }

  async start(): Promise<void> {
    const { log, monitors, stages = { summarize: true, join: true, evaluate: true } } = this.options
    this.startingWith = `looking for topic ${PANES}`
    const panesPartitions = await log.partitions(PANES)
    if (panesPartitions === null)
      throw new DriftlineError(
        'infrastructure',
        `topic ${PANES} does not exist; create Driftline's topics with \`driftline topics apply\``,
      )
    this.#panesPartitions = panesPartitions
    this.startingWith = `reading ${BASELINES} and ${CONTROL}`
    this.#knowledge = await Knowledge.follow(log)
    this.startingWith = `reading ${STATE}`
    this.#states = await StateTable.follow(log)
    this.startingWith = `writing the monitors to ${CONTROL}`
    await this.enrol(monitors)
    this.startingWith = `joining the groups on ${PANES} and on the source topics`
    if (stages.evaluate) await this.#evaluate(panesPartitions)
    await this.#follow()
    this.#knowledge.onChange = () => this.#learn()
    this.startingWith = null
    this.#started = true
  }

  /** Makes these monitors known to all instances, where they are news. */
  async enrol(monitors: readonly Monitor[]): Promise<void> {
    if (this.options.stages?.summarize !== false) for (const monitor of monitors) this.#hashing(monitor)
    const knowledge = this.#knowledge!
    await this.#say(
      monitors.flatMap(monitor => enrolment(knowledge.monitors(monitor.model), monitor, this.#now()) ?? []),
    )
  }

  /** Ends the watch of these models. */
  async remove(models: readonly string[]): Promise<void> {
    const knowledge = this.#knowledge!
    await this.#say(models.flatMap(model => removal(knowledge.monitors(model), this.#now()) ?? []))
  }

  /** Whether every stage has been given its partitions. */
  get ready(): boolean {
    return this.#started && this.#memberships.every(membership => membership.settled)
  }

  /** Idleness, heartbeats and commits; call it about once a second. */
  async tick(): Promise<void> {
    for (const stage of this.#summarizing.values()) await stage.tick()
    await this.joining?.tick()
  }

  /** The end of a finite input: closes every window. */
  async finish(): Promise<void> {
    for (const stage of this.#summarizing.values()) await stage.finish()
  }

  /** Drains the batches at work, publishes what is final, leaves the groups. */
  async stop(): Promise<void> {
    for (const stage of this.#summarizing.values()) await stage.settle()
    await this.joining?.settle()
    for (const membership of this.#memberships) await membership.leave()
    await this.pendingKeys?.store.close()
    await this.#knowledge?.stop()
    await this.#states?.stop()
  }

  async #say(words: readonly MonitorVersion[]): Promise<void> {
    if (words.length === 0) return
    await this.options.log.append(
      CONTROL,
      words.map(monitor => encodeControl({ monitor })),
    )
    for (const { model, version, from, definition } of words)
      this.options.logger.info({ model, version, from, removed: definition === null }, 'monitor')
    await this.#knowledge!.catchUp()
  }

  #now(): number {
    return this.options.clock.now()
  }

  #enrolled(): Enrolled[] {
    const knowledge = this.#knowledge!
    return knowledge.watched().flatMap(model => enrolled(knowledge.monitors(model), this.#now()))
  }

  /** What has become known reaches the planners, the evaluations, and the set of topics read. */
  #learn(): void {
    this.evaluating?.learn()
    for (const stage of this.#summarizing.values()) this.#plan(stage.watches)
    this.#following = this.#following
      .then(() => this.#follow())
      .catch(error => this.options.onFailure?.(error as Error))
  }

  #hashing(monitor: Monitor): Hashing | null {
    return hashingOf(monitor, this.options.privacyKey ?? null)
  }

  #plan(watches: readonly AnyWatch[]): void {
    for (const watch of watches) {
      if (watch.side === 'labels') continue
      const { monitor, planner, row } = watch
      const baselines = this.#knowledge!.baselines(monitor.model)
      for (const baseline of baselines) this.#tellRaw(monitor, baseline)
      planner.update(baselines, this.#knowledge!.activations(monitor.model))
      row.fit()
    }
  }

  /** Of a baseline that was loaded before its values were to be hashed; told once. */
  #tellRaw(monitor: Monitor, baseline: Baseline): void {
    const features = rawFeatures(monitor, baseline).map(({ name }) => name)
    const key = `${monitor.model}/${monitor.version}/${baseline.version}`
    if (features.length === 0 || this.#toldRaw.has(key)) return
    this.#toldRaw.add(key)
    this.options.logger.warn(
      { model: monitor.model, baseline: baseline.version },
      `the baseline holds values of ${features.join(', ')} as they are, and privacy.hash wants them hashed: not judged by it; load the baseline anew`,
    )
  }

  async #follow(): Promise<void> {
    await this.#read()
    if (this.options.stages?.join === false) return
    if (this.joining !== null) await this.joining.learn()
    else if (this.#joined().length > 0) await this.#joinSides()
  }

  /** Monitors in force that join. */
  #joined(): Monitor[] {
    return this.#enrolled().flatMap(({ monitor }) => (isJoined(monitor) ? [monitor] : []))
  }

  async #joinSides(): Promise<void> {
    const { log, clock, logger, group = GROUP, openKeys } = this.options
    const store = (await openKeys?.()) ?? new MemoryKeyed()
    this.pendingKeys = new PendingKeys(store, clock, logger)
    this.joining = new JoinStage({
      ...{ log, clock, logger, group, metrics: this.metrics, panesPartitions: this.#panesPartitions },
      keys: this.pendingKeys,
      monitors: () => this.#joined(),
      catchUp: () => this.#knowledge!.catchUp(),
    })
    await this.#join(`${group}.join`, JOINS, this.joining, { start: 'earliest' })
  }

  /** Reads the topics that monitors ask for, each with the monitor versions in force. */
  async #read(): Promise<void> {
    if (this.options.stages?.summarize === false) return
    const all = this.#enrolled().flatMap(({ monitor, ranges }) =>
      inputsOf(monitor).map(({ side, topic }) => ({ monitor, ranges, side, topic })),
    )
    for (const topic of new Set([...this.#summarizing.keys(), ...all.map(one => one.topic)])) {
      const wanted = all.filter(one => one.topic === topic)
      const known = this.#summarizing.get(topic)?.watches ?? []
      const watches = wanted.map(({ monitor, ranges, side }): AnyWatch => {
        const old = known.find(
          watch =>
            watch.side === side && watch.monitor.model === monitor.model && watch.monitor.version === monitor.version,
        )
        if (old !== undefined) {
          old.ranges.become(ranges)
          return old
        }
        const panes = new PaneRanges(ranges)
        if (side === 'labels') return new LabelWatch(monitor, panes)
        return new (side === 'offline' ? OfflineWatch : Watch)(monitor, panes, this.#hashing(monitor))
      })
      this.#plan(watches)
      if (watches.length === known.length && watches.every((watch, i) => watch === known[i])) continue
      const stage = this.#summarizing.get(topic)
      const joinsPartitions = await this.#joinsPartitions(watches)
      if (stage === undefined) await this.#summarize(topic, watches, joinsPartitions)
      else await stage.watch(watches, joinsPartitions)
    }
  }

  /** 0 where none of these monitors joins. */
  async #joinsPartitions(watches: readonly AnyWatch[]): Promise<number> {
    const joined = watches.find(({ monitor }) => isJoined(monitor))
    if (joined === undefined) return 0
    const partitions = await this.options.log.partitions(JOINS)
    if (partitions !== null) return partitions
    throw new DriftlineError(
      'infrastructure',
      `topic ${JOINS} does not exist; ${joined.monitor.file} needs it (${joined.monitor.labels === undefined ? 'offline' : 'labels'}): create it with \`driftline topics apply\``,
    )
  }

  async #summarize(topic: string, watches: readonly AnyWatch[], joinsPartitions: number): Promise<void> {
    const { log, clock, logger, schemas, start = 'latest', group = GROUP } = this.options
    if ((await log.partitions(topic)) === null) {
      const { monitor, side } = watches[0]
      throw new DriftlineError(
        'infrastructure',
        `topic ${topic} does not exist; ${monitor.file} reads it (${side}.topic): create it, or correct the name`,
      )
    }
    const stage = new SummarizeStage({
      log,
      clock,
      logger,
      metrics: this.metrics,
      topic,
      reader: of => createTopicReader({ monitors: of, schemas, maxBytes: LARGEST_RECORD }),
      rule: await log.timestampRule(topic),
      panesPartitions: this.#panesPartitions,
      checkpoints: this.checkpoints,
      group: `${group}.summarize.${topic}`,
      states: this.#states!,
    })
    await stage.watch(watches, joinsPartitions)
    this.#summarizing.set(topic, stage)
    await this.#join(`${group}.summarize.${topic}`, topic, stage, { start })
  }

  async #evaluate(panesPartitions: number): Promise<void> {
    const { log, clock, logger, encoder, alertsFrom = -Infinity, group = GROUP } = this.options
    this.evaluating = new EvaluateStage({
      log,
      clock,
      logger,
      metrics: this.metrics,
      around: { ids, software, alertsFrom },
      knowledge: this.#knowledge!,
      states: this.#states!,
      encoder,
      enrolled: () => this.#enrolled(),
      panesPartitions,
    })
    await this.#join(`${group}.evaluate`, PANES, this.evaluating, { start: 'earliest' })
  }

  async #join(
    group: string,
    topic: string,
    stage: GroupMember & { joined(membership: Membership): void },
    options: JoinOptions,
  ): Promise<void> {
    const membership = await this.options.log.join(group, [topic], stage, options)
    stage.joined(membership)
    this.#memberships.push(membership)
  }
}
