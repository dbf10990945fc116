import { randomUUID } from 'node:crypto'
import { DriftlineError } from '../core/error.js'
import type { Batch, GroupMember, JoinOptions, Offsets } from '../core/ports.js'
import type { KafkaLog } from '../log/kafka/kafka-log.js'

export interface RecordReading {
  readonly topic: string
  readonly start: NonNullable<JoinOptions['start']>
  /** Go on with what comes, until stopped; else end where the topic ends now, or at `ends`. */
  readonly follow: boolean
  /** By partition, where reading ends. */
  readonly ends?: readonly Offsets[]
  readonly signal: AbortSignal
  /** The record at this index of the batch; nothing of the batch may be kept. */
  readonly onRecord: (batch: Batch, index: number) => void | Promise<void>
}

/** Reads a topic with a group of its own, which commits nothing and so leaves nothing behind. */
export async function readRecords(log: KafkaLog, reading: RecordReading): Promise<void> {
  const { topic } = reading
  const reader = new Reader(reading)
  // Fails with the address or the topic's name before anything is waited for.
  const ends = await log.offsets(topic)
  if (!reading.follow) reader.endAt(reading.ends ?? ends)
  if (!reader.atEnd) {
    const membership = await log.join(`driftline-cli-${randomUUID()}`, [topic], reader, { start: reading.start })
    await reader.ended.catch(() => {})
    await membership.leave()
  }
  await reader.ended
}

class Reader implements GroupMember {
  readonly ended: Promise<void>
  #end: (error?: unknown) => void = () => {}
  /** Partition → where reading ends. */
  #ends: Map<number, number> | null = null

  constructor(private readonly reading: RecordReading) {
    this.ended = new Promise((resolve, reject) => {
      this.#end = error => (error === undefined ? resolve() : reject(error))
    })
    this.ended.catch(() => {})
    const { signal } = reading
    if (signal.aborted) this.#end()
    signal.addEventListener('abort', () => this.#end(), { once: true })
  }

  get atEnd(): boolean {
    return this.#ends?.size === 0
  }

  endAt(offsets: readonly Offsets[]): void {
    this.#ends = new Map()
    for (const [partition, { first, end }] of offsets.entries()) if (end > first) this.#ends.set(partition, end)
    if (this.atEnd) this.#end()
  }

  async assigned(
    { partition }: { partition: number },
    _committed: unknown,
    _bounds: unknown,
    start: number,
  ): Promise<number> {
    this.#reached(partition, start)
    return start
  }

  revoked(): void {}

  async batch(batch: Batch, heartbeat: () => Promise<void>): Promise<void> {
    const end = this.#ends === null ? Number.POSITIVE_INFINITY : (this.#ends.get(batch.partition) ?? 0)
    try {
      for (let i = 0; i < batch.size && batch.offset(i) < end && !this.reading.signal.aborted; i++)
        await this.reading.onRecord(batch, i)
    } catch (error) {
      // While following, what is away may come back; the log tries again.
      if (this.reading.follow && error instanceof DriftlineError && error.code === 'infrastructure') throw error
      this.#end(error)
      return
    }
    await heartbeat()
    this.#reached(batch.partition, batch.nextOffset)
  }

  #reached(partition: number, position: number): void {
    const end = this.#ends?.get(partition)
    if (this.#ends === null || end === undefined || position < end) return
    this.#ends.delete(partition)
    if (this.#ends.size === 0) this.#end()
  }
}
