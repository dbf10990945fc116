import type { Committed, TopicPartition } from '../../core/ports.js'

/** A partition in our hands, from assignment to revocation. */
export class Owned {
  /** Next offset to hand over; −1 until restored. */
  position = -1
  /** The member has given the position; batches may come. */
  restored = false
  /** Paused by the member. */
  held = false
  /** Paused until a failed batch is tried again. */
  waiting = false
  /** Paused while a batch that takes long goes on beside those of other partitions. */
  beside = false
  /** Revoked, or the membership has ended. */
  gone = false
  /** Of the batch at `position`. */
  failures = 0
  /** Last known to be in Kafka. */
  committed: Committed | null = null
  /** A commit that did not get through. */
  uncommitted: Committed | null = null

  constructor(readonly at: TopicPartition) {}

  get isReadable(): boolean {
    return this.restored && !this.held && !this.waiting && !this.gone
  }

  get isFetchable(): boolean {
    return this.isReadable && !this.beside
  }
}
