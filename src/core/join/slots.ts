import { type Monitor, outputSlot, predictionKind } from '../monitor.js'
import type { Layout } from '../row.js'

/** Columns of the task's outputs, in their order; they are made where they are not there. */
export function outputSlots(monitor: Pick<Monitor, 'task'>, layout: Layout): Int32Array {
  const { outputs = [] } = monitor.task ?? {}
  return Int32Array.from(outputs, ({ name }) => layout.add(outputSlot(name), predictionKind(monitor), false))
}

/** Column of the label in rows of labels; it is made where it is not there. */
export function labelSlot(monitor: Pick<Monitor, 'task'>, layout: Layout): number {
  return layout.add('label', predictionKind(monitor), false)
}
