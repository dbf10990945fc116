import { joinedForMs, laneWindow } from '../core/join/lane-window.js'
import { inputsOf, type Monitor } from '../core/monitor.js'
import { parityPastMs, parityWindow } from '../core/parity/lane.js'
import type { TimestampRule } from '../core/ports.js'
import { shadowWindow } from '../core/shadow/lane.js'
import { formatDuration } from './duration.js'
import { nearest } from './nearest.js'
import type { TopicSpec, Topology } from './topics.js'

/** A topic as a broker has it. */
export interface TopicState {
  readonly name: string
  readonly partitions: number
  /** Partitions that have a leader now. */
  readonly led: number
  readonly replication: number
  /** In force, whether set on the topic or by default. */
  readonly configs: ReadonlyMap<string, string>
  /** Set on the topic itself. */
  readonly own: ReadonlyMap<string, string>
}

export interface ClusterState {
  /** For messages. */
  readonly address: string
  readonly brokers: number
  readonly topics: ReadonlyMap<string, TopicState>
  /** Every topic there is, for "did you mean". */
  readonly names: readonly string[]
  /** Whether Kafka knows who asks, and shows only the topics that the user may describe. */
  readonly asUser: boolean
}

export type Step =
  | {
      readonly action: 'create'
      readonly topic: string
      readonly partitions: number
      readonly replication: number
      readonly configs: Readonly<Record<string, string>>
    }
  | { readonly action: 'add-partitions'; readonly topic: string; readonly from: number; readonly to: number }
  | {
      readonly action: 'set-configs'
      readonly topic: string
      readonly changes: readonly ConfigChange[] /** All settings of the topic afterwards: Kafka drops those that are left out. */
      readonly configs: Readonly<Record<string, string>>
    }

export interface ConfigChange {
  readonly name: string
  /** Null where this Kafka does not know the setting. */
  readonly from: string | null
  readonly to: string
}

/** A topic that monitors read, and what can be told of its records' timestamps. */
export interface SourceTopic {
  readonly topic: string
  readonly monitors: readonly string[]
  /** Null when there is no such topic. */
  readonly partitions: number | null
  readonly rule: TimestampRule | null
}

export interface TopicsPlan {
  readonly steps: readonly Step[]
  readonly warnings: readonly { readonly topic: string; readonly text: string }[]
  readonly sources: readonly SourceTopic[]
  readonly unchanged: readonly string[]
}

/** Kafka's own check of the future by default since 4.0, and the most that protects windows from one wrong clock. */
const BOUND_MS = 3_600_000

/** What has to happen for the broker to hold what the file says. Nothing is ever deleted, shrunk or moved. */
export function planTopics(topology: Topology, cluster: ClusterState, monitors: readonly Monitor[] = []): TopicsPlan {
  const steps: Step[] = []
  const warnings: { topic: string; text: string }[] = []
  const unchanged: string[] = []
  for (const spec of topology.topics) {
    const state = cluster.topics.get(spec.name)
    const warn = (text: string) => warnings.push({ topic: spec.name, text })
    const before = steps.length
    if (state !== undefined) steps.push(...(spec.external ? [] : changes(spec, state, warn)))
    else if (!spec.external || spec.create) steps.push(creation(spec, cluster, warn))
    if (steps.length === before && state !== undefined) unchanged.push(spec.name)
  }
  const sources = sourceTopics(topology, cluster, monitors)
  const created = new Set(steps.flatMap(step => (step.action === 'create' ? [step.topic] : [])))
  for (const source of sources) {
    if (source.partitions === null && !created.has(source.topic))
      warnings.push({ topic: source.topic, text: missingTopic(source.topic, cluster) })
    if (source.rule !== null && source.rule.type === 'create' && !source.rule.bounded)
      warnings.push({ topic: source.topic, text: UNBOUNDED })
  }
  return { steps, warnings: [...warnings, ...retention(topology, cluster, monitors)], sources, unchanged }
}

const UNBOUNDED =
  'timestamps are the producers’ and may lie far ahead: one wrong clock is noticed only by a jump of event time. ' +
  'Set message.timestamp.type=LogAppendTime, or message.timestamp.after.max.ms=3600000.'

/** @param configs of a topic, those in force */
export function timestampRule(configs: ReadonlyMap<string, string>): TimestampRule {
  if (configs.get('message.timestamp.type') === 'LogAppendTime') return { type: 'append' }
  // Before Kafka 3.6 one setting bounded past and future.
  const most = configs.get('message.timestamp.after.max.ms') ?? configs.get('message.timestamp.difference.max.ms')
  return { type: 'create', bounded: most !== undefined && Number(most) <= BOUND_MS }
}

export function missingTopic(
  topic: string,
  { address, names, asUser }: Pick<ClusterState, 'address' | 'names' | 'asUser'>,
): string {
  const near = nearest(topic, names)
  const meant = near === null ? '' : `Did you mean ${JSON.stringify(near)}? `
  const hidden = asUser ? ' If it is there, give the user Describe on it: without that Kafka does not show it.' : ''
  return `Kafka at ${address} has no topic ${JSON.stringify(topic)}. ${meant}Correct the monitor's topic, or create it (\`driftline topics apply\` creates those in topology/topics.yaml).${hidden}`
}

type Warn = (text: string) => void

function creation(spec: TopicSpec, { brokers }: ClusterState, warn: Warn): Step {
  const { name: topic, partitions, configs } = spec
  const replication = spec.replicationMeant ? spec.replication : Math.min(spec.replication, brokers)
  if (replication < spec.replication)
    warn(
      `created with ${copies(replication)}, not ${spec.replication}: the cluster has ${brokers === 1 ? 'one broker' : `${brokers} brokers`}`,
    )
  return { action: 'create', topic, partitions, replication, configs }
}

function changes(spec: TopicSpec, state: TopicState, warn: Warn): Step[] {
  const { name: topic } = spec
  const steps: Step[] = []
  const { partitions } = state
  if (spec.partitions > partitions && spec.fixed)
    warn(
      `has ${partitions} partitions, the file says ${spec.partitions}: not changed, because keys would move to other partitions. ` +
        'Correct the file; to grow, stop the service and begin with new topics.',
    )
  else if (spec.partitions > partitions)
    steps.push({ action: 'add-partitions', topic, from: partitions, to: spec.partitions })
  if (spec.partitions < partitions)
    warn(
      `has ${partitions} partitions, the file says ${spec.partitions}: Kafka cannot take partitions away. Correct the file.`,
    )
  if (spec.replicationMeant ? spec.replication !== state.replication : spec.replication < state.replication)
    warn(
      `has ${copies(state.replication)}, the file or DRIFTLINE_REPLICATION says ${spec.replication}: not changed here. ${REASSIGN}`,
    )
  const wrong = Object.entries(spec.configs)
    .filter(([name, to]) => !sameSetting(state.configs.get(name), to))
    .map(([name, to]) => ({ name, from: state.configs.get(name) ?? null, to }))
  if (wrong.length > 0) {
    const configs = { ...Object.fromEntries(state.own), ...spec.configs }
    steps.push({ action: 'set-configs', topic, changes: wrong, configs })
  }
  return steps
}

const REASSIGN = 'Use kafka-reassign-partitions.sh, or correct the number.'

function copies(count: number): string {
  return count === 1 ? 'one copy' : `${count} copies`
}

/** 0.10 and 0.1 are the same setting, as are `a,b` and `b, a`. */
export function sameSetting(is: string | undefined, wanted: string): boolean {
  if (is === undefined) return false
  if (is === wanted || (is !== '' && Number(is) === Number(wanted))) return true
  const parts = (list: string) =>
    list
      .split(',')
      .map(part => part.trim())
      .sort()
      .join()
  return parts(is) === parts(wanted)
}

function sourceTopics(topology: Topology, cluster: ClusterState, monitors: readonly Monitor[]): SourceTopic[] {
  const declared = topology.topics.filter(({ direction }) => direction === 'receive').map(({ name }) => name)
  const read = monitors.flatMap(monitor => inputsOf(monitor).map(({ topic }) => ({ topic, model: monitor.model })))
  return [...new Set([...declared, ...read.map(({ topic }) => topic)])].map(topic => {
    const state = cluster.topics.get(topic)
    return {
      topic,
      monitors: [...new Set(read.flatMap(one => (one.topic === topic ? [one.model] : [])))],
      partitions: state?.partitions ?? null,
      rule: state === undefined ? null : timestampRule(state.configs),
    }
  })
}

/** How long a topic of the line must keep its records for a monitor, and of what that is made; null: it does not need the topic. */
type Need = (monitor: Monitor) => { readonly ms: number; readonly of: string } | null

const NEEDS: readonly (readonly [topic: string, need: Need])[] = [
  // Parts must outlive every window that they belong to, its revisions included.
  [
    'driftline.panes',
    monitor => {
      const { sizeMs, graceMs, reviseForMs } = monitor.window
      const joined = joinedForMs(monitor)
      const longest = joined > reviseForMs ? 'horizon of what is joined' : 'reviseFor'
      return { ms: sizeMs + graceMs + Math.max(reviseForMs, joined), of: `size + grace + ${longest}` }
    },
  ],
  // And those of joined rows, which labels come to for longer.
  [
    'driftline.panes',
    monitor => {
      const joined = laneWindow(monitor)
      if (joined === null || joined.reviseForMs <= monitor.window.reviseForMs) return null
      const ms = joined.sizeMs + joined.graceMs + joined.reviseForMs
      return { ms, of: 'size + grace + labels.horizon, rounded up to advance times a power of two' }
    },
  ],
  // Of offline values also those of the day before, where earlier values of an entity are looked for.
  [
    'driftline.panes',
    monitor => {
      const paired = parityWindow(monitor)
      if (paired === null) return null
      const ms = paired.sizeMs + paired.graceMs + paired.reviseForMs + parityPastMs(paired)
      return {
        ms,
        of: 'size + grace + offline.horizon, rounded up to advance times a power of two, + 26h of earlier values',
      }
    },
  ],
  // Of two versions that are compared, until the other's row can come no more.
  [
    'driftline.panes',
    monitor => {
      const compared = shadowWindow(monitor)
      if (compared === null || compared.reviseForMs <= monitor.window.reviseForMs) return null
      const ms = compared.sizeMs + compared.graceMs + compared.reviseForMs
      return { ms, of: 'size + grace + shadow.within, rounded up to advance times a power of two' }
    },
  ],
  // Predictions must outlive the wait for their labels.
  [
    'driftline.joins',
    ({ labels, window: { graceMs } }) =>
      labels === undefined ? null : { ms: labels.horizonMs + graceMs, of: 'labels.horizon + grace' },
  ],
  [
    'driftline.joins',
    ({ offline, window: { graceMs } }) =>
      offline === undefined ? null : { ms: offline.horizonMs + graceMs, of: 'offline.horizon + grace' },
  ],
  [
    'driftline.joins',
    ({ shadow, window: { graceMs } }) =>
      shadow === undefined ? null : { ms: shadow.withinMs + graceMs, of: 'shadow.within + grace' },
  ],
]

function retention(
  topology: Topology,
  cluster: ClusterState,
  monitors: readonly Monitor[],
): { topic: string; text: string }[] {
  return NEEDS.flatMap(([topic, need]) => {
    const wanted = topology.topics.find(({ name }) => name === topic)?.configs['retention.ms']
    const keptMs = Number(wanted ?? cluster.topics.get(topic)?.configs.get('retention.ms') ?? -1)
    if (keptMs < 0) return []
    return monitors.flatMap(monitor => {
      const needed = need(monitor)
      if (needed === null || needed.ms < keptMs) return []
      const text =
        `keeps records ${formatDuration(keptMs)}, but monitor ${monitor.model} needs ${formatDuration(needed.ms)} (${needed.of}) ` +
        'and the longest outage on top. Raise retention.ms in the topics file.'
      return [{ topic, text }]
    })
  })
}
