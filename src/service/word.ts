import { type Control, encodeControl } from '../codec/control.js'
import { DriftlineError } from '../core/error.js'
import type { Log, OutgoingRecord } from '../core/ports.js'
import { CONTROL, PANES } from './topics.js'

/** Gives a word to the durable list, and into every panes partition, which orders it among parts and markers. */
export async function sayEverywhere(log: Log, control: Control, message: OutgoingRecord): Promise<void> {
  const partitions = await log.partitions(PANES)
  if (partitions === null)
    throw new DriftlineError(
      'infrastructure',
      `topic ${PANES} does not exist; create Driftline's topics with \`driftline topics apply\``,
    )
  await log.append(CONTROL, [encodeControl(control)])
  await log.append(
    PANES,
    Array.from({ length: partitions }, (_, partition) => ({ ...message, partition })),
  )
}
