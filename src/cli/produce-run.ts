import { setTimeout as sleep } from 'node:timers/promises'
import type { Log, OutgoingRecord } from '../core/ports.js'
import type { EventMapping } from '../files/event-mapping.js'
import { type FileEvent, put, timeValue } from '../files/event-source.js'
import type { Encode } from './produce-encoding.js'

export interface RunOptions {
  readonly topic: string
  readonly partitions: number
  readonly spread: 'key' | 'round-robin'
  /** Events a second. */
  readonly rate?: number
  /** Times the speed at which the events happened. */
  readonly speed?: number
  /** `now`: each event's time is that of its sending. */
  readonly clock: 'event' | 'now'
  readonly time: EventMapping['time']
  readonly signal: AbortSignal
  readonly onProgress: (records: number) => void
}

export interface Produced {
  readonly records: number
  readonly bytes: number
  readonly seconds: number
  /** Event times of the first and the last, epoch ms. */
  readonly first: number | null
  readonly last: number | null
}

const BATCH = 1000
/** Paced events are sent in bundles of this length of time. */
const TICK_MS = 20

/** Appends events in their order, each batch after the one before it is acknowledged. */
export async function produceEvents(
  log: Log,
  events: AsyncIterable<readonly FileEvent[]>,
  encode: Encode,
  options: RunOptions,
): Promise<Produced> {
  const started = performance.now()
  let batch: OutgoingRecord[] = []
  let records = 0
  let bytes = 0
  let start: number | null = null
  let first: number | null = null
  let last: number | null = null
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return
    await log.append(options.topic, batch)
    batch = []
    options.onProgress(records)
  }
  for await (const chunk of events) {
    for (const { key, time, value } of chunk) {
      start ??= time
      const due = dueMs(options, records, time - start)
      if (performance.now() - started < due) {
        await flush()
        await sleep(due - (performance.now() - started), undefined, { signal: options.signal }).catch(() => {})
      }
      if (options.signal.aborted) break
      last = options.clock === 'now' ? Date.now() : time
      first ??= last
      if (options.clock === 'now') put(value, options.time.path, timeValue(last, options.time.eventUnit))
      const bytesOfValue = encode(value)
      const partition = options.spread === 'round-robin' ? { partition: records % options.partitions } : {}
      batch.push({ key, value: bytesOfValue, ...partition })
      bytes += bytesOfValue.length
      records++
      if (batch.length >= BATCH) await flush()
    }
    if (options.signal.aborted) break
  }
  await flush()
  return { records, bytes, seconds: (performance.now() - started) / 1000, first, last }
}

/** When an event is to be sent, in ms after the start. */
function dueMs({ rate, speed }: RunOptions, index: number, afterFirst: number): number {
  const due = rate ? (1000 * index) / rate : speed ? afterFirst / speed : 0
  return Math.floor(due / TICK_MS) * TICK_MS
}
