import type { Logger } from 'pino'
import { type Batch, type Clock, NEEDS_SCHEMA } from '../core/ports.js'
import type { Metrics } from './metrics.js'
import { readRecord } from './read-record.js'
import { Letters, RejectionLog } from './rejected.js'
import type { SourceTask } from './source-task.js'
import type { StageWriter } from './stage-writer.js'
import { DEAD_LETTERS } from './topics.js'

/** What reading takes besides the task and the records. */
interface Around {
  readonly clock: Clock
  readonly metrics: Metrics
  readonly logger: Logger
  readonly writer: StageWriter
}

/** Reads the records of one source topic; those that no watch can read become dead letters. */
export class SourceReading {
  readonly #rejections: RejectionLog

  constructor(
    topic: string,
    private readonly around: Around,
  ) {
    this.#rejections = new RejectionLog(topic, around.logger)
  }

  /** Reads the batch to its end. Throws where the registry cannot answer; the task's position tells what has been read. */
  async read(task: SourceTask, batch: Batch): Promise<void> {
    const letters = new Letters()
    try {
      for (let i = 0; (i = this.#from(i, task, batch, letters)) < batch.size; )
        if (letters.isFull) await this.#bury(letters)
        else await task.reader.prepare(batch.value(i)!)
    } finally {
      // Also when the registry is away: what has been read is not read again.
      await this.#bury(letters)
    }
    task.position = Math.max(task.position, batch.nextOffset)
  }

  /** Says in the log what has been held back of it. @param now wall clock, epoch ms */
  tick(now: number): void {
    this.#rejections.tick(now)
  }

  /**
   * Reads the batch from its i-th record on, without a pause.
   * @returns the index of the record whose schema is not there yet, or that the letters have no room for; the batch's size at the end
   */
  #from(i: number, task: SourceTask, batch: Batch, letters: Letters): number {
    const { size } = batch
    const now = this.around.clock.now()
    for (; i < size; i++) {
      const offset = batch.offset(i)
      if (offset < task.position) continue
      if (letters.isFull) return i
      const reason = readRecord(task, batch, i, now)
      if (reason === NEEDS_SCHEMA) return i
      if (reason !== null && offset >= task.committed) {
        this.around.metrics.rejections.inc({ topic: batch.topic, cause: reason })
        this.#rejections.count(reason, batch.partition, offset, now)
        if (reason !== 'tombstone') letters.put(batch, i, reason, now)
      }
      task.position = offset + 1
    }
    return size
  }

  async #bury(letters: Letters): Promise<void> {
    const records = letters.take()
    if (records.length > 0) await this.around.writer.append(DEAD_LETTERS, records)
  }
}
