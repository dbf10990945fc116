import { describe, expect, it } from 'vitest'
import { Joiner } from '../../../src/core/join/joiner.js'
import type { JoinedPart } from '../../../src/core/performance/joined-part.js'
import { seeded } from '../../random.js'
import { differences, expected, GRACE, type Message, MONITOR, told, world } from './join-world.js'

function joiner(mostKeys = 1_000_000): Joiner {
  let shelf = 0
  return new Joiner(MONITOR, { topic: 'driftline.joins', partition: 0, mostKeys, newShelf: () => shelf++ })
}

function take(joiner: Joiner, messages: readonly Message[]): JoinedPart[] {
  const parts: JoinedPart[] = []
  for (const [offset, message] of messages.entries()) {
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
})
