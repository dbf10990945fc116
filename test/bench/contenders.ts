import avsc from 'avsc'
import { TDigest } from 'tdigest'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { Part } from '../../src/core/window/part.js'
import { built } from './built.js'
import { ACTIVATION, benchMonitor, SCHEMAS } from './model.js'
import { CATEGORICAL, NUMERIC, records, SCHEMA, WINDOW_MS } from './workload.js'

const { READ } = await built<typeof import('../../src/core/ports.js')>('core/ports')
const { Summarizer } = await built<typeof import('../../src/core/summarize.js')>('core/summarize')
const { createTopicReader } = await built<typeof import('../../src/codec/topic-reader.js')>('codec/topic-reader')
const { encodePart } = await built<typeof import('../../src/codec/part.js')>('codec/part')
const { Watch } = await built<typeof import('../../src/service/watch.js')>('service/watch')

export const PARTITIONS = 4
/** Records of a fetch: 256 KiB of them. */
const BATCH = 900

/** Records of one partition as a fetch brings them: slices of one buffer. */
export interface Fetched {
  readonly partition: number
  readonly values: readonly Buffer[]
}

/** The first `count` records of the million, in the order in which a consumer of four partitions gets them. */
export function fetched(count: number): Fetched[] {
  const open: Buffer[][] = Array.from({ length: PARTITIONS }, () => [])
  const all: Fetched[] = []
  const close = (partition: number): void => {
    const values = open[partition]!
    const bytes = Buffer.concat(values)
    let at = 0
    all.push({ partition, values: values.map(({ length }) => bytes.subarray(at, (at += length))) })
    open[partition] = []
  }
  let taken = 0
  for (const { partition, value } of records(Math.max(count, 1_000_000))) {
    if (taken++ === count) break
    if (open[partition]!.push(value) === BATCH) close(partition)
  }
  for (const [partition, values] of open.entries()) if (values.length > 0) close(partition)
  return all
}

/** All that stage 1 does for a record but to fetch it. @returns one run: bytes of parts */
export async function driftline(
  batches: readonly Fetched[],
  baseline: Baseline,
): Promise<(keep?: (part: Part) => void) => number> {
  const monitor = benchMonitor()
  const watch = new Watch(monitor)
  watch.planner.update([baseline], [ACTIVATION])
  watch.row.fit()
  const readers = Array.from({ length: PARTITIONS }, () =>
    createTopicReader({ monitors: [watch], schemas: SCHEMAS, maxBytes: 1e6 }),
  )
  for (const reader of readers) await reader.prepare(batches[0]!.values[0]!)
  return keep => {
    const tasks = readers.map((reader, partition) => ({
      reader,
      summarizer: new Summarizer(monitor, watch.layout, { topic: 'bench', partition }, watch.planner, 0),
    }))
    let bytes = 0
    const publish = (parts: readonly Part[]): void => {
      for (const part of parts) {
        keep?.(part)
        for (const { value } of encodePart(part)) bytes += value!.length
      }
    }
    for (const { partition, values } of batches) {
      const { reader, summarizer } = tasks[partition]!
      for (let i = 0; i < values.length; i++) {
        if (reader.read(values[i]!, 0, watch.row) !== READ) throw new Error('a record of the workload was not read')
        summarizer.observe(watch.row, summarizer.nextOffset)
      }
      publish(summarizer.drain())
    }
    for (const { summarizer } of tasks) publish(summarizer.finish())
    return bytes
  }
}

interface Served {
  readonly eventTime: number
  readonly features: Readonly<Record<string, number | string | null>>
}

/** A pane as one would keep it with what npm has. */
class Pane {
  rows = 0
  readonly digests = NUMERIC.map(() => new TDigest())
  readonly nulls = [...NUMERIC, ...CATEGORICAL].map(() => 0)
  readonly counts = CATEGORICAL.map(() => new Map<string, number>())

  add({ features }: Served): void {
    this.rows++
    NUMERIC.forEach((name, f) => {
      const x = features[name] as number | null
      if (x === null) this.nulls[f]!++
      else this.digests[f]!.push(x)
    })
    CATEGORICAL.forEach((name, c) => {
      const text = features[name] as string | null
      if (text === null) this.nulls[NUMERIC.length + c]!++
      else this.counts[c]!.set(text, (this.counts[c]!.get(text) ?? 0) + 1)
    })
  }

  close(): Buffer {
    const { rows, nulls } = this
    const digests = this.digests.map(digest => digest.toArray())
    return Buffer.from(JSON.stringify({ rows, nulls, digests, counts: this.counts.map(counts => [...counts]) }))
  }
}

/** avsc objects and npm `tdigest`, a value at a time: the same windows, neither bins nor moments nor checks. @returns bytes of parts */
export function naive(batches: readonly Fetched[]): () => number {
  const type = avsc.Type.forSchema(SCHEMA as avsc.Schema)
  return () => {
    const partitions = Array.from({ length: PARTITIONS }, () => ({ newest: 0, panes: new Map<number, Pane>() }))
    let bytes = 0
    for (const { partition, values } of batches) {
      const task = partitions[partition]!
      for (const value of values) {
        const event = type.decode(value, 5).value as Served
        const start = Math.floor(event.eventTime / WINDOW_MS) * WINDOW_MS
        let pane = task.panes.get(start)
        if (pane === undefined) task.panes.set(start, (pane = new Pane()))
        pane.add(event)
        task.newest = Math.max(task.newest, event.eventTime)
      }
      for (const [start, pane] of task.panes) {
        if (start + WINDOW_MS + 5_000 > task.newest) continue
        bytes += pane.close().length
        task.panes.delete(start)
      }
    }
    for (const { panes } of partitions) for (const pane of panes.values()) bytes += pane.close().length
    return bytes
  }
}
