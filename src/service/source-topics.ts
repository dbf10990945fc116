import type { Logger } from 'pino'
import { createTopicReader } from '../codec/topic-reader.js'
import type { WriterSchemas } from '../codec/writer-schemas.js'
import type { Baseline } from '../core/baseline/baseline.js'
import { DriftlineError } from '../core/error.js'
import { inputsOf, isJoined, type Monitor } from '../core/monitor.js'
import type { Clock, Log } from '../core/ports.js'
import { type Hashing, rawFeatures } from '../core/privacy.js'
import { PaneRanges } from '../core/window/pane-ranges.js'
import type { Checkpoints } from './checkpoints.js'
import { hashingOf } from './keyed-hash.js'
import type { Knowledge } from './knowledge.js'
import type { Metrics } from './metrics.js'
import type { Enrolled } from './roster.js'
import type { StateTable } from './state-table.js'
import { SummarizeStage } from './summarize-stage.js'
import { JOINS } from './topics.js'
import { type AnyWatch, LabelWatch, OfflineWatch, Watch } from './watch.js'

/** What makes a monitor join. */
const JOINING = ['labels', 'offline', 'shadow'] as const

/** Records beyond it are rejected; Kafka's own default limit is 1 MiB. */
export const LARGEST_RECORD = 1_048_576

export interface SourceTopicsOptions {
  readonly log: Log
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly schemas: WriterSchemas | null
  readonly knowledge: Knowledge
  readonly states: StateTable
  readonly panesPartitions: number
  readonly checkpoints: Checkpoints | null
  readonly privacyKey: string | null
  /** Prefix of the consumer groups. */
  readonly group: string
  /** Makes the stage a member of the group. */
  readonly join: (group: string, topic: string, stage: SummarizeStage) => Promise<void>
}

/** Stage 1 on every topic that a monitor reads. */
export class SourceTopics {
  /** By source topic. */
  readonly #stages = new Map<string, SummarizeStage>()
  /** Baselines with raw values that the log has told of. */
  readonly #toldRaw = new Set<string>()

  constructor(private readonly options: SourceTopicsOptions) {}

  /** Throws where a monitor hashes features and there is no key for it. */
  check(monitors: readonly Monitor[]): void {
    for (const monitor of monitors) this.#hashing(monitor)
  }

  /** Baselines and their activations, as far as they are known, reach the planners. */
  learn(): void {
    for (const stage of this.#stages.values()) this.#plan(stage.watches)
  }

  /** Reads the topics that these monitor versions, those in force, ask for. */
  async follow(enrolled: readonly Enrolled[]): Promise<void> {
    const all = enrolled.flatMap(({ monitor, ranges }) =>
      inputsOf(monitor).map(({ side, topic }) => ({ monitor, ranges, side, topic })),
    )
    for (const topic of new Set([...this.#stages.keys(), ...all.map(one => one.topic)])) {
      const wanted = all.filter(one => one.topic === topic)
      const known = this.#stages.get(topic)?.watches ?? []
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
      const stage = this.#stages.get(topic)
      const joinsPartitions = await this.#joinsPartitions(watches)
      if (stage === undefined) await this.#summarize(topic, watches, joinsPartitions)
      else await stage.watch(watches, joinsPartitions)
    }
  }

  /** See `SummarizeStage`. */
  async tick(): Promise<void> {
    for (const stage of this.#stages.values()) await stage.tick()
  }

  async finish(): Promise<void> {
    for (const stage of this.#stages.values()) await stage.finish()
  }

  async settle(): Promise<void> {
    for (const stage of this.#stages.values()) await stage.settle()
  }

  #hashing(monitor: Monitor): Hashing | null {
    return hashingOf(monitor, this.options.privacyKey)
  }

  #plan(watches: readonly AnyWatch[]): void {
    for (const watch of watches) {
      if (watch.side === 'labels') continue
      const { monitor, planner, row } = watch
      const baselines = this.options.knowledge.baselines(monitor.model)
      for (const baseline of baselines) this.#tellRaw(monitor, baseline)
      planner.update(baselines, this.options.knowledge.activations(monitor.model))
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

  /** 0 where none of these monitors joins. */
  async #joinsPartitions(watches: readonly AnyWatch[]): Promise<number> {
    const joined = watches.find(({ monitor }) => isJoined(monitor))
    if (joined === undefined) return 0
    const partitions = await this.options.log.partitions(JOINS)
    if (partitions !== null) return partitions
    throw new DriftlineError(
      'infrastructure',
      `topic ${JOINS} does not exist; ${joined.monitor.file} needs it (${JOINING.find(side => joined.monitor[side] !== undefined)}): create it with \`driftline topics apply\``,
    )
  }

  async #summarize(topic: string, watches: readonly AnyWatch[], joinsPartitions: number): Promise<void> {
    const { log, clock, logger, metrics, schemas, panesPartitions, checkpoints, states, group, join } = this.options
    if ((await log.partitions(topic)) === null) {
      const { monitor, side } = watches[0]
      throw new DriftlineError(
        'infrastructure',
        `topic ${topic} does not exist; ${monitor.file} reads it (${side}.topic): create it, or correct the name`,
      )
    }
    const stage = new SummarizeStage({
      ...{ log, clock, logger, metrics, topic, panesPartitions, checkpoints, states },
      reader: of => createTopicReader({ monitors: of, schemas, maxBytes: LARGEST_RECORD }),
      rule: await log.timestampRule(topic),
      group: `${group}.summarize.${topic}`,
    })
    await stage.watch(watches, joinsPartitions)
    this.#stages.set(topic, stage)
    await join(`${group}.summarize.${topic}`, topic, stage)
  }
}
