import { type CommitMetadata, decodeCommit } from '../codec/commit.js'
import { besideOf } from '../codec/history.js'
import { decodeState } from '../codec/state.js'
import { activeBaseline } from '../core/baseline/active.js'
import { textOf } from '../core/dictionary.js'
import { DriftlineError } from '../core/error.js'
import { intakeName } from '../core/intake.js'
import { type Input, inputsOf, isJoined, type Monitor } from '../core/monitor.js'
import type { Counts } from '../core/window/marker.js'
import type { KafkaLog } from '../log/kafka/kafka-log.js'
import type { Knowledge } from './knowledge.js'
import { closedTo, enrolled, keyOf } from './roster.js'
import { panesPartitionOf } from './stage-writer.js'
import { JOINS, PANES, STATE } from './topics.js'

/** How far one source partition is for one monitor version, as of the last commit (every 5 s). */
export interface SourceStatus {
  /** Whether the topic has its predictions, its labels, its offline values, or what is joined of them. */
  readonly side: Input['side'] | 'joins'
  readonly topic: string
  readonly partition: number
  readonly model: string
  readonly monitor: string
  /** Member of the consumer group and its host; null where nobody reads. */
  readonly owner: string | null
  /** Records not read; null before the first commit. */
  readonly lag: number | null
  /** Highest event time accepted; null before the first. */
  readonly watermark: number | null
  /** Silent, so that windows do not wait for it. */
  readonly idle: boolean
  readonly counts: Counts | null
  /** Of what is joined: keys of the model that are held, waiting or matched; null of other topics, and before the first commit. */
  readonly keys: number | null
}

export interface ModelStatus {
  readonly model: string
  readonly monitor: string
  /** Partition of driftline.panes where it is judged. */
  readonly panes: number
  /** Who judges it; null: nobody. */
  readonly owner: string | null
  /** Windows that end at it or earlier are closed; null before the first. */
  readonly closedTo: number | null
  /** Least watermark of the partitions that are not idle; null before the first event. */
  readonly watermark: number | null
  /** Wall clock less that watermark. */
  readonly delayMs: number | null
  readonly baselines: readonly {
    readonly modelVersion: string | null
    readonly version: number
    readonly rows: number
  }[]
  readonly sources: readonly SourceStatus[]
}

/** What the running groups are at, by model; of all models watched, or of one. Throws bad-input for a model that nobody watches. */
export async function statusOf(
  log: KafkaLog,
  knowledge: Knowledge,
  { group, model, now }: { readonly group: string; readonly model?: string; readonly now: number },
): Promise<ModelStatus[]> {
  const closed = await closings(log)
  const closedBy = ({ model, version }: Monitor) => closedTo(closed.get(keyOf(model, version)))
  const watched = knowledge.watched().flatMap(name => enrolled(knowledge.monitors(name), now, closedBy))
  const monitors = watched.map(one => one.monitor).filter(one => model === undefined || one.model === model)
  if (model !== undefined && monitors.length === 0) {
    const names = [...new Set(watched.map(one => one.monitor.model))].join(', ') || 'none'
    throw new DriftlineError('bad-input', `no monitor of model ${model} is watched; those watched: ${names}`)
  }
  const judges = await owners(log, `${group}.evaluate`)
  const panes = (await log.partitions(PANES)) ?? 1
  const readings = new Map<string, Reading>()
  for (const { topic, group: reader } of monitors.flatMap(monitor => readBy(monitor, group)))
    if (!readings.has(topic)) readings.set(topic, await reading(log, reader, topic))
  return monitors.map(monitor => {
    const { model, version } = monitor
    const key = keyOf(model, version)
    const own = closed.get(key)
    const heard = [...(own?.sources ?? []), ...(own?.joins ?? [])]
    const sources = readBy(monitor, group).flatMap(({ side, topic }) =>
      readings.get(topic)!.map(({ progress, held, ...at }): SourceStatus => {
        const known =
          side === 'labels' || side === 'offline'
            ? undefined
            : heard.find(one => one.topic === topic && one.partition === at.partition)
        // The progress of very many monitors does not fit into the commit; stage 2 has heard of it.
        const name = side === 'joins' ? null : intakeName(monitor, side)
        const its = progress.find(one => one.monitor === name) ?? known
        const counts = side === 'joins' ? null : (its?.counts ?? null)
        return {
          ...{ ...at, side, model, monitor: version, idle: known?.idle ?? false },
          ...{ watermark: finite(its?.watermark), counts },
          keys: side === 'joins' ? (held.find(one => one.model === model)?.keys ?? null) : null,
        }
      }),
    )
    const times = sources.flatMap(({ side, watermark, idle }) =>
      side !== 'serving' || watermark === null || idle ? [] : [watermark],
    )
    const watermark = times.length === 0 ? null : Math.min(...times)
    const partition = panesPartitionOf(model, panes)
    return {
      ...{ model, monitor: version, panes: partition, owner: judges.get(`${PANES}/${partition}`) ?? null },
      ...{ closedTo: finite(own?.boundary), watermark, delayMs: watermark === null ? null : now - watermark },
      baselines: activeBaselines(knowledge, model, now),
      sources,
    }
  })
}

/** The topics that are read for a monitor, and in which groups. */
function readBy(monitor: Monitor, group: string) {
  const inputs: { side: SourceStatus['side']; topic: string; group: string }[] = inputsOf(monitor).map(input => ({
    ...input,
    group: `${group}.summarize.${input.topic}`,
  }))
  return isJoined(monitor) ? [...inputs, { side: 'joins' as const, topic: JOINS, group: `${group}.join` }] : inputs
}

type Reading = readonly (Pick<SourceStatus, 'topic' | 'partition' | 'owner' | 'lag'> &
  Pick<CommitMetadata, 'progress' | 'held'>)[]

async function reading(log: KafkaLog, group: string, topic: string): Promise<Reading> {
  const readers = await owners(log, group)
  const committed = await log.committed(group, topic)
  return (await log.offsets(topic)).map(({ end }, partition) => {
    const commit = committed.get(partition)
    const { progress, held } = decodeCommit(commit?.metadata ?? '')
    return {
      ...{ topic, partition, owner: readers.get(`${topic}/${partition}`) ?? null },
      lag: commit === undefined ? null : Math.max(0, end - commit.offset),
      ...{ progress, held },
    }
  })
}

/** By `topic/partition`. */
async function owners(log: KafkaLog, group: string): Promise<ReadonlyMap<string, string>> {
  const members = await log.members(group)
  return new Map(
    members.flatMap(({ id, host, partitions }) =>
      partitions.map(({ topic, partition }) => [`${topic}/${partition}`, `${id}@${host}`] as const),
    ),
  )
}

/** How far stage 2 is, by `model/monitor version`; the histories beside the states are passed over. */
async function closings(log: KafkaLog) {
  const states = new Map<string, { value: Uint8Array; version: number }>()
  const following = await log.follow(STATE, batch => {
    for (let i = 0; i < batch.size; i++) {
      const [bytes, value, version] = [batch.key(i), batch.value(i), batch.headers(i)['schema-version']]
      const key = bytes === null ? '' : textOf(bytes, 0, bytes.length)
      if (besideOf(key) !== null) continue
      if (value === null) states.delete(key)
      else states.set(key, { value: new Uint8Array(value), version: Number(Buffer.from(version ?? []).toString()) })
    }
  })
  await following.catchUp()
  await following.stop()
  const saved = [...states.values()].flatMap(({ value, version }) => decodeState(value, version) ?? [])
  // The newest of each counts, until it is told that the others are over.
  saved.sort((a, b) => a.position - b.position)
  return new Map(
    saved.map(({ model, monitor, state: { collector, lane, parity, shadow } }) => {
      const joins = [lane, parity, shadow].flatMap(one => one?.collector.sources ?? [])
      return [keyOf(model, monitor), { ...collector, joins }]
    }),
  )
}

function activeBaselines(knowledge: Knowledge, model: string, now: number): ModelStatus['baselines'] {
  const activations = knowledge.activations(model)
  const versions = [...new Set(activations.map(({ modelVersion }) => modelVersion))]
  return versions.flatMap(modelVersion => {
    const judge = activeBaseline(knowledge.baselines(model), activations, modelVersion ?? '', now)
    return judge === null ? [] : [{ modelVersion, version: judge.baseline.version, rows: judge.baseline.rows }]
  })
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}
