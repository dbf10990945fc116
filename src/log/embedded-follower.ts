import type { Batch } from '../core/ports.js'
import type { EmbeddedPartition } from './embedded-partition.js'

/** Reads a topic of the embedded log to itself. */
export class EmbeddedFollower {
  /** By partition. */
  readonly positions: number[]

  constructor(
    readonly topic: string,
    private readonly partitions: readonly EmbeddedPartition[],
    private readonly onRecords: (batch: Batch) => void,
  ) {
    this.positions = partitions.map(({ offsets }) => offsets.first)
  }

  /** Hands over everything up to the end. @returns whether there was anything */
  feed(): boolean {
    let moved = false
    for (const [index, partition] of this.partitions.entries()) {
      let batch: Batch | null
      while ((batch = partition.read(this.positions[index])) !== null) {
        // Moved on first: what the follower asks for in turn must not hand it the same records again.
        this.positions[index] = batch.nextOffset
        this.onRecords(batch)
        moved = true
      }
    }
    return moved
  }
}
