import { hashBytes, utf8 } from '../../src/core/dictionary.js'
import type { Monitor } from '../../src/core/monitor.js'
import { PanePlanner } from '../../src/core/planner.js'
import { Layout, MISSING, NULL, NUMBER, Row, TEXT } from '../../src/core/row.js'
import { Summarizer } from '../../src/core/summarize.js'
import type { Part } from '../../src/core/window/part.js'
import { monitorOf } from './world.js'

/** A row for tests: numbers and texts by feature, null for null, absent for missing. */
export interface Served {
  readonly time?: number
  readonly key?: string | number
  readonly entity?: string | number
  readonly values: Readonly<Record<string, number | string | null>>
}

export const PANE = 1_700_000_000_000

/** A monitor with panes of ten seconds that never revises. */
export function simple(more: Partial<Monitor> = {}): Monitor {
  return { ...monitorOf({ advance: 10_000, size: 10_000, grace: 0, revise: 0 }), features: new Map(), ...more }
}

/** Stage 1 of one source partition, fed with rows. */
export function summarizer(monitor: Monitor, partition = 0): { summarizer: Summarizer; row: (served: Served) => Row } {
  const layout = new Layout(true, 100)
  layout.versions.add('default')
  const planner = new PanePlanner(monitor, layout)
  const one = new Summarizer(monitor, layout, { topic: 't', partition }, planner, 0)
  const row = new Row(layout)
  return { summarizer: one, row: served => fill(row, served) }
}

/** The parts of one source partition that has these rows and no more. */
export function partsOf(monitor: Monitor, rows: readonly Served[], partition = 0): Part[] {
  const { summarizer: one, row } = summarizer(monitor, partition)
  for (const [offset, served] of rows.entries()) one.observe(row(served), offset)
  return one.finish()
}

/** Makes the row say this; features that are new get a slot. */
export function fill(row: Row, { time = 0, key = '', entity, values }: Served): Row {
  const { layout } = row
  for (const [name, value] of Object.entries(values))
    layout.add(name, typeof value === 'string' ? 'categorical' : 'auto')
  row.fit()
  row.flags.fill(MISSING)
  row.time = PANE + time
  row.key = hashOf(key)
  row.entity = entity === undefined ? 0 : hashOf(entity)
  for (const [name, value] of Object.entries(values)) {
    const slot = layout.indexOf(name)
    if (value === null) row.flags[slot] = NULL
    else if (typeof value === 'number') {
      row.flags[slot] = NUMBER
      row.numbers[slot] = value
    } else {
      const bytes = utf8(value)
      row.flags[slot] = TEXT
      row.hashes[slot] = hashOf(value)
      row.categories[slot] = layout.slots[slot].dictionary.find(bytes, 0, bytes.length, row.hashes[slot])
      row.bytes = bytes
      row.starts[slot] = 0
      row.lengths[slot] = bytes.length
    }
  }
  return row
}

function hashOf(text: string | number): number {
  const bytes = utf8(String(text))
  return hashBytes(bytes, 0, bytes.length)
}
