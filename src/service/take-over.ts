import type { Progress } from '../core/intake.js'
import type { Offsets } from '../core/ports.js'
import type { Stored } from './checkpoints.js'
import type { SourceTask } from './source-task.js'

/** What an owner of a partition knows of those before it. */
export interface Legacy {
  /** What lies below it has been told of. */
  readonly offset: number
  /** By the name of the intake, each at the offset that it is of: the commit's, unless the commit is gone. */
  readonly progress: ReadonlyMap<string, { readonly offset: number; readonly progress: Progress }>
  readonly stored: Stored | null
  readonly bounds: Offsets
}

/**
 * Gives a task the state that the owner before has left. A checkpoint, however stale, goes before the commit's metadata: what came after it is
 * read again. From the metadata the open parts are rebuilt, and nothing is counted, until the commit is reached.
 *
 *     checkpoint      records  ──────┤ checkpoint ├── read again, counted ──▶
 *     commit          records  ─┤ oldest ├── rebuilt ──┤ commit ├── counted ──▶
 *
 * @returns where the state came from
 */
export function takeOver(task: SourceTask, legacy: Legacy): 'checkpoint' | 'commit' {
  const { offset, stored, bounds } = legacy
  const { first, end } = bounds
  const whole = offset >= first && [...legacy.progress.values()].every(({ progress }) => progress.oldest >= first)
  // A log that has lost its end has other records at these offsets; one that has lost its middle may still have all that the commit asks for.
  const usable = stored !== null && stored.nextOffset <= end && (stored.nextOffset >= first || !whole) ? stored : null
  let resumed = false
  for (const one of task.watches) {
    const { intake, guard } = one
    const held = usable?.monitors.get(intake.name)
    const known = legacy.progress.get(intake.name)
    if (held !== undefined && intake.resume(held, usable!.nextOffset)) {
      resumed = true
      one.from = usable!.nextOffset
      guard.suspicious = held.suspicious
      // What is read again, others have counted in their metrics.
      const ahead = known === undefined || usable!.nextOffset >= known.offset
      Object.assign(one.metered, ahead ? held.progress.counts : known.progress.counts)
    } else if (known !== undefined) {
      intake.restore(known.progress, known.offset, first)
      one.from = known.progress.oldest
      one.rebuildBelow = known.offset
      Object.assign(one.metered, known.progress.counts)
    }
    if (intake.nextOffset < first) intake.skipGap(first)
  }
  task.committed = Math.max(offset, first, resumed ? usable!.nextOffset : 0)
  task.position = task.watches.reduce((least, { from }) => Math.min(least, from), task.committed)
  return resumed ? 'checkpoint' : 'commit'
}
