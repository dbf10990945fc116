import { describe, expect, it } from 'vitest'
import { decodeEntry, encodeEntry } from '../../../src/core/join/entry.js'
import { Joiner } from '../../../src/core/join/joiner.js'
import { laneWindow } from '../../../src/core/join/lane-window.js'
import type { JoinedPart } from '../../../src/core/performance/joined-part.js'
import { seeded } from '../../random.js'
import { ADVANCE, differences, expected, GRACE, MONITOR, START, told, world } from './join-world.js'
import type { Message } from './sources-world.js'

function joiner(mostKeys = 1_000_000, shelf = 0): Joiner {
  return new Joiner(MONITOR, { topic: 'driftline.joins', partition: 0, mostKeys, newShelf: () => shelf++ })
}

function take(joiner: Joiner, messages: readonly Message[], from = 0): JoinedPart[] {
  const parts: JoinedPart[] = []
  for (const [i, message] of messages.entries()) {
    const offset = from + i
    if ('rows' in message) joiner.add(message.rows, offset)
    else joiner.advance(message.marker, message.marker.monitors[0]!, offset)
    parts.push(...joiner.take())
  }
  return parts
}

describe('a joiner', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))(
    'gives what the rows say, whatever their order within grace and whoever runs ahead (seed %i)',
    seed => {
      const { placed, messages } = world(seeded(seed), { keys: 120, disorder: GRACE })
      const subject = joiner()
      const parts = take(subject, messages)
      const { known, counts } = expected(placed)
      expect(subject.counts).toEqual(counts)
      expect(differences(known, told(parts))).toEqual([])
    },
  )

  it.each(Array.from({ length: 20 }, (_, seed) => seed))('takes rows once, however often they come (seed %i)', seed => {
    const random = seeded(seed)
    const { placed, messages } = world(random, { keys: 120, disorder: GRACE })
    const repeated = messages.flatMap((message, i) => [
      message,
      ...(random.chance(0.3) ? messages.slice(Math.max(0, i - random.integer(1, 30)), i + 1) : []),
    ])
    const subject = joiner()
    const parts = take(subject, repeated)
    const { known, counts } = expected(placed)
    expect(subject.counts).toEqual(counts)
    expect(differences(known, told(parts))).toEqual([])
  })

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'accounts for every row at any time, however late they are, and holds no more keys than it may (seed %i)',
    seed => {
      const random = seeded(seed)
      const { messages } = world(random, { keys: 150, disorder: random.pick([GRACE, 10 * ADVANCE, 40 * ADVANCE]) })
      const most = random.pick([10, 40, 1_000])
      const subject = joiner(most)
      const read = { predictions: 0, labels: 0 }
      const ends: number[] = []
      for (const [offset, message] of messages.entries()) {
        if ('rows' in message) {
          subject.add(message.rows, offset)
          read[message.rows.side === 'serving' ? 'predictions' : 'labels'] += message.rows.size
        } else subject.advance(message.marker, message.marker.monitors[0]!, offset)
        for (const side of ['predictions', 'labels'] as const) {
          const { read: taken, ...outcomes } = subject.counts[side]
          expect(taken).toBe(read[side])
          expect(Object.values(outcomes).every(rows => rows >= 0)).toBe(true)
          expect(Object.values(outcomes).reduce((a, b) => a + b, 0)).toBe(taken)
        }
        expect(subject.keys).toBeLessThanOrEqual(most)
        for (const { pane, round } of subject.take()) ends.push(round - pane - ADVANCE)
      }
      expect(subject.keys).toBe(0)
      expect(subject.counts.predictions.pending + subject.counts.labels.pending).toBe(0)
      if (most !== 40) expect(subject.counts.predictions.dropped > 0).toBe(most === 10)
      // No part is for a window that the lane revises no more.
      expect(Math.max(...ends)).toBeLessThanOrEqual(laneWindow(MONITOR)!.reviseForMs)
    },
  )

  it('goes on from its state and the bytes of its entries as if nothing had been', () => {
    const { messages } = world(seeded(5), { keys: 150, disorder: GRACE })
    const straight = joiner()
    const wanted = take(straight, messages)
    for (const at of [1, 30, 90, 150, 220]) {
      const first = joiner()
      const parts = take(first, messages.slice(0, at))
      const second = joiner(1_000_000, 1000)
      second.restore(first.state())
      for (const { high, low, entry } of first.entries.changed())
        second.entries.load(high, low, decodeEntry(entry.shelf, encodeEntry(entry), 2))
      parts.push(...take(second, messages.slice(at), at))
      expect(second.counts).toEqual(straight.counts)
      expect(parts).toEqual(wanted)
    }
  })

  it('goes by closeTo where all sources of a side are idle', () => {
    const subject = joiner()
    const marker = (
      side: 'serving' | 'labels',
      watermark: number,
      idle: boolean,
      closeTo: number,
      nextOffset: number,
    ) => {
      const counts = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }
      const whole = { oldest: -1, roundStart: 0, open: 0, gaps: [] }
      const progress = { model: 'm', monitor: 'v', side, watermark, idle, closeTo, counts, ...whole }
      const topic = side === 'serving' ? 't' : 'labels'
      subject.advance({ topic, partition: 0, partitions: 1, nextOffset, monitors: [progress] }, progress, 0)
    }
    marker('serving', START + 5000, false, Number.NEGATIVE_INFINITY, 1)
    expect(subject.watermark).toBe(Number.NEGATIVE_INFINITY)
    marker('labels', START + 1000, false, Number.NEGATIVE_INFINITY, 1)
    expect(subject.watermark).toBe(START + 1000)
    marker('labels', START + 1000, true, START + 3000, 1)
    expect(subject.watermark).toBe(START + 3000)
    marker('labels', START + 1500, false, Number.NEGATIVE_INFINITY, 2)
    expect(subject.watermark, 'never back').toBe(START + 3000)
  })
})
