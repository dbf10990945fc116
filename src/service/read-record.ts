import { type Batch, NEEDS_SCHEMA, NOT_SELECTED, READ } from '../core/ports.js'
import type { Rejection } from '../core/rejection.js'
import type { SourceTask } from './source-task.js'

/**
 * Reads the batch's i-th record for every watch of the task.
 * @param now wall clock, epoch ms
 * @returns null when at least one watch took or passed over the record; else why none could read it
 */
export function readRecord(
  task: SourceTask,
  batch: Batch,
  i: number,
  now: number,
): Rejection | typeof NEEDS_SCHEMA | null {
  const { watches, reader } = task
  const offset = batch.offset(i)
  const bytes = batch.memory(i)
  const from = batch.valueStart(i)
  const end = batch.valueEnd(i)
  let rejection: Rejection | null = null
  for (let w = 0; w < watches.length; w++) {
    const one = watches[w]
    const { watch, intake, guard, from: first, rebuildBelow } = one
    const rebuilding = offset < rebuildBelow
    if (offset < first || (!rebuilding && offset < intake.nextOffset)) continue
    const reading = end < 0 ? 'tombstone' : reader.read(bytes, w, watch.row, from, end)
    if (reading === NEEDS_SCHEMA) return NEEDS_SCHEMA
    if (reading === READ) {
      const { row } = watch
      if (rebuilding) intake.rebuild(row, offset)
      else if (guard.plausible(row.time, batch.timestamp(i), task.vouched(one))) {
        if (intake.observe(row, offset) === 'aggregated') one.alive(now)
      } else {
        rejection = 'event-time-implausible'
        intake.skip('rejected', offset)
      }
    } else if (!rebuilding) {
      if (reading === NOT_SELECTED) intake.skip('notSelected', offset)
      else {
        rejection = reading
        intake.skip('rejected', offset)
      }
    }
  }
  return rejection
}
