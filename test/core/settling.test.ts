import { describe, expect, it } from 'vitest'
import { decodeCheckpoint, encodeCheckpoint } from '../../src/codec/checkpoint.js'
import { encodeOpenPart } from '../../src/codec/open-part.js'
import { encodePart } from '../../src/codec/part.js'
import { PanePlanner } from '../../src/core/planner.js'
import { Layout, NUMBER, Row } from '../../src/core/row.js'
import { Summarizer } from '../../src/core/summarize.js'
import type { Part } from '../../src/core/window/part.js'
import { seeded } from '../random.js'
import { monitorOf } from './world.js'

const START = 1_700_000_000_000 - (1_700_000_000_000 % 1000)
const ADVANCE = 1000
const monitor = monitorOf({ advance: ADVANCE, size: ADVANCE, grace: 200, revise: 2 * ADVANCE })

/** Three panes of 1500 rows, of distinct values; two in five come late, in part beyond grace. */
const rows = (() => {
  const random = seeded(7)
  return Array.from({ length: 4800 }, (_, i) => ({
    time: START + Math.floor((i * ADVANCE) / 1500) - (random.chance(0.4) ? random.integer(0, 900) : 0),
    value: random.integer(0, 1e9) / 1e3,
  }))
})()

function summarizer(offset: number): Summarizer {
  const layout = new Layout(true, 10)
  layout.versions.add('default')
  const source = { topic: 't', partition: 0 }
  return new Summarizer(monitor, layout, source, new PanePlanner(monitor, layout), offset)
}

const rowOf = (summarizer: Summarizer, i: number): Row => {
  const row = new Row(summarizer.layout)
  row.time = rows[i]!.time
  row.version = summarizer.layout.versions.add('default')
  const slot = summarizer.layout.add('id', 'numeric')
  row.flags[slot] = NUMBER
  row.numbers[slot] = rows[i]!.value
  return row
}

/** Parts by pane and round, as they are published while rows [from, to) are read in batches. */
function read(task: Summarizer, from: number, to: number, published: Map<string, Buffer>): void {
  for (let i = from; i < to; i++) {
    task.observe(rowOf(task, i), i)
    if (i % 50 === 49) publish(task.drain(), published)
  }
}

function publish(parts: readonly Part[], published: Map<string, Buffer>): void {
  for (const part of parts) {
    const [message] = encodePart(part)
    published.set(`${part.pane}/${part.round}`, message!.value as Buffer)
  }
}

describe('a part whose time is over but for grace', () => {
  const straight = new Map<string, Buffer>()
  read(summarizer(0), 0, rows.length, straight)

  it('has taken in most of what has gathered when it ends', () => {
    const task = summarizer(0)
    for (let i = 0; i < 1500 + 290; i++) task.observe(rowOf(task, i), i)
    const part = task.openParts.find(({ pane, round }) => pane === START && round === START + ADVANCE)!
    const [leaf] = part.open(task.layout).leaves
    expect(part.rows).toBeGreaterThan(1300)
    expect(leaf!.sketches[0]!.numeric!.column.length).toBeLessThan(150)
  })

  // Before its round has come, in the midst of grace, and in the round after.
  it.each([700, 1450, 1501, 1620, 1790, 2900, 3200])(
    'has the same bytes from a checkpoint, and from the log, after a takeover at row %i',
    at => {
      const first = summarizer(0)
      const published = new Map<string, Buffer>()
      read(first, 0, at, published)
      const progress = first.commit()
      const parts = first.openParts.map(part => encodeOpenPart(part.open(first.layout)))
      const [held] = decodeCheckpoint(encodeCheckpoint([{ progress, gapped: false, suspicious: 0, parts }]))!
      const resumed = summarizer(at)
      expect(resumed.resume(held!, at)).toBe(true)
      const rebuilt = summarizer(at)
      rebuilt.restore(progress, at, 0)
      for (let i = progress.oldest; i < at; i++) rebuilt.rebuild(rowOf(rebuilt, i), i)
      for (const next of [resumed, rebuilt]) {
        const whole = new Map(published)
        read(next, at, rows.length, whole)
        expect([...whole.keys()]).toEqual([...straight.keys()])
        for (const [name, bytes] of straight) expect(whole.get(name)!.equals(bytes), name).toBe(true)
      }
    },
  )
})
