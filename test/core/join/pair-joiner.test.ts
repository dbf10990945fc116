import { describe, expect, it } from 'vitest'
import { windowWithin } from '../../../src/core/join/lane-window.js'
import { PairJoiner } from '../../../src/core/join/pair-joiner.js'
import type { PairPart } from '../../../src/core/join/pair-parts.js'
import { seeded } from '../../random.js'
import {
  ADVANCE,
  differences,
  expected,
  GRACE,
  HORIZON,
  KIND,
  MONITOR,
  type Totals,
  told,
  world,
} from './pair-world.js'
import type { Message } from './sources-world.js'

function joiner(mostKeys = 1_000_000, shelf = 0): PairJoiner<Totals> {
  return new PairJoiner(MONITOR, KIND, {
    topic: 'driftline.joins',
    partition: 0,
    mostKeys,
    newShelf: () => shelf++,
  })
}

function take(joiner: PairJoiner<Totals>, messages: readonly Message[], from = 0): PairPart<Totals>[] {
  const parts: PairPart<Totals>[] = []
  for (const [i, message] of messages.entries()) {
    const offset = from + i
    if ('rows' in message) joiner.add(message.rows, offset)
    else joiner.advance(message.marker, message.marker.monitors[0]!, offset)
    parts.push(...joiner.take())
  }
  return parts
}

describe('a joiner of pairs', () => {
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
      const read = { served: 0, other: 0 }
      for (const [offset, message] of messages.entries()) {
        if ('rows' in message) {
          subject.add(message.rows, offset)
          read[message.rows.side === 'serving' ? 'served' : 'other'] += message.rows.size
        } else subject.advance(message.marker, message.marker.monitors[0]!, offset)
        for (const side of ['served', 'other'] as const) {
          const { read: taken, ...outcomes } = subject.counts[side]
          expect(taken).toBe(read[side])
          expect(Object.values(outcomes).every(rows => rows >= 0)).toBe(true)
          expect(Object.values(outcomes).reduce((a, b) => a + b, 0)).toBe(taken)
        }
        expect(subject.keys).toBeLessThanOrEqual(most)
        subject.take()
      }
      expect(subject.keys).toBe(0)
      expect(subject.counts.served.pending + subject.counts.other.pending).toBe(0)
      if (most === 10) expect(subject.counts.served.dropped).toBeGreaterThan(0)
      if (most === 1_000) expect(subject.counts.served.dropped).toBe(0)
    },
  )

  it('counts nothing later than the lane revises', () => {
    const ends = Array.from({ length: 20 }, (_, seed) =>
      take(joiner(), world(seeded(seed), { keys: 120, disorder: GRACE }).messages),
    ).flatMap(parts => parts.map(({ pane, round }) => round - pane - ADVANCE))
    expect(Math.max(...ends)).toBeLessThanOrEqual(windowWithin(MONITOR.window, HORIZON).reviseForMs)
  })

  it('goes on from its state and the bytes of its entries as if nothing had been', () => {
    const { messages } = world(seeded(5), { keys: 150, disorder: GRACE })
    const straight = joiner()
    const wanted = take(straight, messages)
    for (const at of [1, 30, 90, 150, 220]) {
      const first = joiner()
      const parts = take(first, messages.slice(0, at))
      const second = joiner(1_000_000, 1000)
      second.restore(first.state())
      for (const { high, low, shelf, bytes } of first.changed()) second.load(high, low, { shelf, bytes })
      parts.push(...take(second, messages.slice(at), at))
      expect(second.counts).toEqual(straight.counts)
      expect(parts).toEqual(wanted)
    }
  })
})
