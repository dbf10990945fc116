import type { Logger } from 'pino'
import { encodeControl, type MonitorVersion } from '../codec/control.js'
import type { PublicEncoder } from '../codec/public-encoder.js'
import type { WriterSchemas } from '../codec/writer-schemas.js'
import { DriftlineError } from '../core/error.js'
import { isJoined, type Monitor } from '../core/monitor.js'
import type { Clock, GroupMember, JoinOptions, KeyedStore, Log, Membership, StateStore } from '../core/ports.js'
import { MemoryKeyed } from '../state/keyed-memory.js'
import { Checkpoints } from './checkpoints.js'
import { EvaluateStage } from './evaluate-stage.js'
import { ids } from './ids.js'
import { JoinStage } from './join-stage.js'
import { Knowledge } from './knowledge.js'
import { Metrics } from './metrics.js'
import { PendingKeys } from './pending-keys.js'
import { type Enrolled, enrolled, enrolment, keyOf, removal } from './roster.js'
import { software } from './software.js'
import { SourceTopics } from './source-topics.js'
import { StateTable } from './state-table.js'
import { BASELINES, CONTROL, JOINS, PANES, STATE } from './topics.js'

/** Prefix of the consumer groups, unless told. */
const GROUP = 'driftline'

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
  #sources: SourceTopics | null = null
  #panesPartitions = 0
  /** Monitor versions that were found enrolled last. */
  #running = ''
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
    this.#states = await StateTable.follow(log, stages.evaluate)
    if (stages.summarize) this.#sources = this.#summarize(this.#knowledge, this.#states)
    this.startingWith = `writing the monitors to ${CONTROL}`
    await this.enrol(monitors)
    this.startingWith = `joining the groups on ${PANES} and on the source topics`
    if (stages.evaluate) await this.#evaluate(panesPartitions)
    await this.#follow()
    this.#knowledge.onChange = () => this.#learn()
    this.#running = this.#versions()
    this.startingWith = null
    this.#started = true
  }

  /** Makes these monitors known to all instances, where they are news. */
  async enrol(monitors: readonly Monitor[]): Promise<void> {
    this.#sources?.check(monitors)
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
    await this.#sources?.tick()
    await this.joining?.tick()
    // No word says that the last windows of a version are closed.
    if (this.#versions() !== this.#running) this.#learn()
  }

  /** The end of a finite input: closes every window. */
  async finish(): Promise<void> {
    await this.#sources?.finish()
  }

  /** Drains the batches at work, publishes what is final, leaves the groups. */
  async stop(): Promise<void> {
    await this.#sources?.settle()
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
    const closedTo = (monitor: Monitor) => this.#states!.closedTo(monitor)
    return knowledge.watched().flatMap(model => enrolled(knowledge.monitors(model), this.#now(), closedTo))
  }

  #versions(): string {
    return this.#enrolled()
      .map(({ monitor }) => keyOf(monitor.model, monitor.version))
      .join(' ')
  }

  /** What has become known reaches the planners, the evaluations, and the set of topics read. */
  #learn(): void {
    this.#running = this.#versions()
    this.evaluating?.learn()
    this.#sources?.learn()
    this.#following = this.#following
      .then(() => this.#follow())
      .catch(error => this.options.onFailure?.(error as Error))
  }

  async #follow(): Promise<void> {
    await this.#sources?.follow(this.#enrolled())
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

  #summarize(knowledge: Knowledge, states: StateTable): SourceTopics {
    const { log, clock, logger, schemas, privacyKey = null, start = 'latest', group = GROUP } = this.options
    return new SourceTopics({
      ...{ log, clock, logger, schemas, privacyKey, group, knowledge, states },
      metrics: this.metrics,
      panesPartitions: this.#panesPartitions,
      checkpoints: this.checkpoints,
      join: (name, topic, stage) => this.#join(name, topic, stage, { start }),
    })
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
