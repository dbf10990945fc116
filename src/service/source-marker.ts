import type { Marker } from '../core/window/marker.js'
import type { SourceTask, WatchTask } from './source-task.js'
import { HEARTBEAT_MS } from './stage-writer.js'

/** While a partition is idle, so that event time goes on in the windows of a topic at rest. */
const IDLE_MS = 1_000

/** A topic that was at rest wakes in all its partitions: the word of the first alone would close the windows of the others. */
const WAKING_MS = 2_000

/** Whether a watch's marker has something new to say, or is to be repeated. @param now wall clock, epoch ms */
export function isDue({ intake, idle, wokenAt, told, toldAt }: WatchTask, now: number): boolean {
  if (now - wokenAt < WAKING_MS) return false
  const isNews = told !== intake.round || intake.gaps.some(({ until }) => Number.isFinite(until))
  return isNews || now - toldAt >= (idle ? IDLE_MS : HEARTBEAT_MS)
}

/** How far the task is with some of its watches. @param now wall clock, epoch ms */
export function markerOf(task: SourceTask, some: readonly WatchTask[], now: number): Marker {
  const { at, partitions, position: nextOffset } = task
  const monitors = some.map(one =>
    one.intake.progress(one.idle, one.idle ? closeToOf(one, now) : Number.NEGATIVE_INFINITY),
  )
  return { ...at, partitions, nextOffset, monitors }
}

/** How far time may be taken to have come in a partition that is silent: as far as the clock, since its last row. */
function closeToOf({ intake, lastRowAt }: WatchTask, now: number): number {
  const { watermark, side } = intake
  // Predictions need not wait for a first label, or a first offline value.
  return watermark === Number.NEGATIVE_INFINITY && side !== 'serving' ? now : watermark + (now - lastRowAt)
}
