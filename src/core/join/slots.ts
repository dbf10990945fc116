import { type Monitor, outputSlot, predictionKind } from '../monitor.js'
import type { Layout } from '../row.js'

/** Columns of the task's outputs, in their order; they are made where they are not there. */
export function outputSlots(monitor: Pick<Monitor, 'task'>, layout: Layout): Int32Array {
  const { outputs = [] } = monitor.task ?? {}
  return Int32Array.from(outputs, ({ name }) => layout.add(outputSlot(name), predictionKind(monitor), false))
}

/** Columns of the features that both sides of a pair may have: what is read for another purpose, and vectors, are none. */
export function pairSlots(monitor: Pick<Monitor, 'times'>, { slots }: Layout): Int32Array {
  const ages = new Set(monitor.times.map(({ series }) => series))
  const isFeature = ({ name, kind }: Layout['slots'][number]): boolean =>
    kind !== 'embedding' && !name.startsWith('#') && !ages.has(name)
  return Int32Array.from([...slots.keys()].filter(slot => isFeature(slots[slot])))
}

/** Column of the label in rows of labels; it is made where it is not there. */
export function labelSlot(monitor: Pick<Monitor, 'task'>, layout: Layout): number {
  return layout.add('label', predictionKind(monitor), false)
}
