import { type Control, encodeControl } from '../codec/control.js'
import type { Log, OutgoingRecord } from '../core/ports.js'
import { CONTROL, PANES } from './topics.js'

/** Gives a word to the durable list, and into every panes partition, which orders it among parts and markers. */
export async function sayEverywhere(log: Log, control: Control, message: OutgoingRecord): Promise<void> {
  await log.append(CONTROL, [encodeControl(control)])
  const partitions = (await log.partitions(PANES)) ?? 0
  await log.append(
    PANES,
    Array.from({ length: partitions }, (_, partition) => ({ ...message, partition })),
  )
}
