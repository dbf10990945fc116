import { describe, expect, it } from 'vitest'
import { decodeCheckpoint, encodeCheckpoint } from '../../src/codec/checkpoint.js'
import { encodeOpenPart } from '../../src/codec/open-part.js'
import { encodePart } from '../../src/codec/part.js'
import type { Summarizer } from '../../src/core/summarize.js'
import { ids } from '../../src/service/ids.js'
import { type Served, simple, summarizer } from '../core/counted.js'
import { type Random, seeded } from '../random.js'

const ROWS = 4000

/** Few and many distinct numbers, categories beyond what is counted one by one and longer than what is kept, nulls, repeated keys. */
function rows(random: Random): Served[] {
  return Array.from({ length: ROWS }, (_, i) => ({
    time: i,
    key: random.integer(0, 3000),
    entity: random.integer(1, 40),
    values: {
      few: random.integer(0, 20),
      many: Math.exp(random.normal()),
      zeros: random.chance(0.5) ? 0 : random.normal(),
      label: `label ${Math.floor(random.next() ** 3 * 900)}`,
      long: `${'x'.repeat(random.integer(1, 600))}${random.integer(0, 50)}`,
      nulls: random.chance(0.3) ? null : random.next(),
      later: i > 1500 ? random.integer(0, 500) : null,
    },
  }))
}

function stored(task: Summarizer): Buffer {
  const { openParts, layout, gapped } = task
  const parts = openParts.map(part => encodeOpenPart(part.open(layout)))
  return encodeCheckpoint([{ progress: task.commit(), gapped, suspicious: 0, parts }])
}

/** The bytes of all parts, by a task that is stored and taken over by another every so many rows. */
function bytes(all: readonly Served[], every: number, monitor = simple({ window: wide })): string[] {
  let task = summarizer(monitor)
  for (const [offset, served] of all.entries()) {
    task.summarizer.observe(task.row(served), offset)
    if ((offset + 1) % every !== 0) continue
    const kept = stored(task.summarizer)
    const counts = { ...task.summarizer.counts }
    task = summarizer(monitor)
    const [held] = decodeCheckpoint(kept)!
    expect(task.summarizer.resume(held!, offset + 1)).toBe(true)
    expect(task.summarizer.counts).toEqual(counts)
  }
  return task.summarizer.finish().flatMap(part => encodePart(part).map(({ value }) => ids.digest(value!)))
}

const wide = { ...simple().window, sizeMs: 1000, advanceMs: 1000, reviseForMs: 2000, graceMs: 500 }

describe('a part that is stored and opened again', () => {
  it.each([1, 7, 64, 1000, 1023, 3999])('every %i rows has the bytes of one that never was', every => {
    const all = rows(seeded(3)).slice(0, every === 1 ? 400 : ROWS)
    const calm = bytes(all, ROWS + 1)
    expect(calm.length).toBeGreaterThan(0)
    expect(bytes(all, every)).toEqual(calm)
  })

  it('says so when its baseline is not known, and what is no checkpoint is refused', () => {
    const monitor = simple({ window: wide })
    const task = summarizer(monitor)
    for (const [offset, served] of rows(seeded(4)).slice(0, 300).entries())
      task.summarizer.observe(task.row(served), offset)
    const [held] = decodeCheckpoint(stored(task.summarizer))!
    const other = summarizer(monitor)
    const parts = held!.parts.map(part => ({ ...part, baselines: [7] }))
    expect(other.summarizer.resume({ ...held!, parts }, 300)).toBe(false)
    expect(other.summarizer.openParts).toEqual([])
    expect(decodeCheckpoint(Buffer.from('ff00', 'hex'))).toBeNull()
    expect(decodeCheckpoint(Buffer.from('01ff', 'hex'))).toBeNull()
  })
})
