import type { Batch, Committed, GroupMember, Membership, Offsets, TopicPartition } from '../../src/core/ports.js'

export interface Seen {
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  readonly timestamp: number
  readonly headers: Readonly<Record<string, string>>
}

export interface Assigned extends TopicPartition {
  readonly committed: Committed | null
  readonly bounds: Offsets
  readonly start: number
}

const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString())

/** A batch as plain values. */
export function recordsOf(batch: Batch): Seen[] {
  return Array.from({ length: batch.size }, (_, i) => ({
    partition: batch.partition,
    offset: batch.offset(i),
    key: text(batch.key(i)),
    value: text(batch.value(i)),
    timestamp: batch.timestamp(i),
    headers: Object.fromEntries(Object.entries(batch.headers(i)).map(([name, bytes]) => [name, text(bytes)!])),
  }))
}

/** A member that writes down what happens to it; what it does besides can be set. */
export class Recorder implements GroupMember {
  readonly seen: Seen[] = []
  readonly assignments: Assigned[] = []
  readonly revocations: TopicPartition[] = []
  readonly owned = new Map<number, TopicPartition>()
  /** Positions after batches, by partition. */
  readonly positions = new Map<number, number>()
  membership: Membership | null = null
  restore: (assigned: Assigned) => Promise<number> = async ({ start }) => start
  before: (batch: Batch) => Promise<void> = async () => {}
  after: (batch: Batch) => Promise<void> = async () => {}
  #atWork = new Set<number>()

  get values(): (string | null)[] {
    return this.seen.map(({ value }) => value)
  }

  async assigned(at: TopicPartition, committed: Committed | null, bounds: Offsets, start: number): Promise<number> {
    const assigned = { ...at, committed, bounds, start }
    this.assignments.push(assigned)
    const position = await this.restore(assigned)
    this.owned.set(at.partition, at)
    return position
  }

  async batch(batch: Batch): Promise<void> {
    if (!this.owned.has(batch.partition))
      throw new Error(`A batch of partition ${batch.partition} before it was restored`)
    if (this.#atWork.has(batch.partition)) throw new Error(`Two batches of partition ${batch.partition} at once`)
    this.#atWork.add(batch.partition)
    try {
      await this.before(batch)
      this.seen.push(...recordsOf(batch))
      this.positions.set(batch.partition, batch.nextOffset)
      await this.after(batch)
    } finally {
      this.#atWork.delete(batch.partition)
    }
  }

  revoked(at: TopicPartition): void {
    this.revocations.push(at)
    this.owned.delete(at.partition)
  }
}
