import { randomUUID } from 'node:crypto'
import type { EachBatchPayload } from 'kafkajs'
import { DriftlineError } from '../../core/error.js'
import type { Batch, Following, TopicPartition } from '../../core/ports.js'
import type { KafkaAdmin } from './admin.js'
import { batchFrom } from './batch.js'
import type { Connection } from './connection.js'
import { Consumption, type Reading } from './consumption.js'

interface Waiting {
  /** By partition: the position to reach. */
  readonly ends: Map<number, number>
  readonly done: () => void
  readonly failed: (error: Error) => void
}

/** Reads a topic to itself, from the beginning, in a group of its own that is deleted at the end. */
export class KafkaFollowing implements Following, Reading {
  readonly #group = `driftline-follow-${randomUUID()}`
  readonly #consumption: Consumption
  readonly #positions = new Map<number, number>()
  readonly #waiting = new Set<Waiting>()
  #ended: Error | null = null
  #stopping: Promise<void> | null = null

  constructor(
    private readonly connection: Connection,
    private readonly admin: KafkaAdmin,
    private readonly topic: string,
    private readonly onRecords: (batch: Batch) => void,
  ) {
    this.#consumption = new Consumption(connection, this.#group, [topic], this)
  }

  open(): Promise<void> {
    return this.#consumption.open()
  }

  async catchUp(): Promise<void> {
    const offsets = await this.admin.offsets(this.topic)
    if (this.#ended !== null) throw this.#ended
    const ends = new Map<number, number>()
    for (const [partition, { first, end }] of offsets.entries()) if (end > first) ends.set(partition, end)
    await new Promise<void>((done, failed) => {
      this.#waiting.add({ ends, done, failed })
      this.#look()
    })
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop())
  }

  async #stop(): Promise<void> {
    this.#end(
      new DriftlineError('internal', `Reading of "${this.topic}" was stopped while somebody waited for its end.`),
    )
    await this.#consumption.close()
    // Left behind it would expire by itself; not every user may delete groups.
    await this.admin.deleteGroup(this.#group).catch(() => {})
  }

  joined(places: readonly TopicPartition[]): void {
    for (const at of places) {
      const position = this.#positions.get(at.partition)
      if (position !== undefined) this.#consumption.seek(at, position)
    }
  }

  async batch({ batch, resolveOffset }: EachBatchPayload): Promise<void> {
    if (this.#ended !== null) return
    const records = batchFrom(batch, this.#positions.get(batch.partition) ?? 0)
    try {
      if (records.size > 0) this.onRecords(records)
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)))
      this.connection.failed(this.#ended!)
      void this.#consumption.close()
      return
    }
    resolveOffset(batch.lastOffset())
    this.#moved(batch.partition, records.nextOffset)
  }

  nothing(at: TopicPartition, nextOffset: number): void {
    this.#moved(at.partition, nextOffset)
  }

  refused(error: Error): void {
    this.#end(error)
  }

  #moved(partition: number, position: number): void {
    this.#positions.set(partition, position)
    this.#look()
  }

  #look(): void {
    for (const waiting of this.#waiting) {
      for (const [partition, end] of waiting.ends)
        if ((this.#positions.get(partition) ?? 0) >= end) waiting.ends.delete(partition)
      if (waiting.ends.size > 0) continue
      this.#waiting.delete(waiting)
      waiting.done()
    }
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { failed } of this.#waiting) failed(this.#ended)
    this.#waiting.clear()
  }
}
