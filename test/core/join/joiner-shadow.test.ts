import { describe, expect, it } from 'vitest'
import { Joiner } from '../../../src/core/join/joiner.js'
import type { JoinCounts } from '../../../src/core/join/side-rows.js'
import { seeded } from '../../random.js'
import { shadow } from '../shadow/pairs.js'
import { differences, expected, GRACE, MONITOR, type Placed, told, world } from './join-world.js'

/** Both versions score the same requests. */
const CHALLENGED = { ...MONITOR, shadow: shadow({ champion: 'v1', challenger: 'v2' }) }

/** What the rows say of each version by itself; the labels are counted with the champion. */
function expectedOfBoth(placed: readonly Placed[]) {
  const of = (isMine: (version: string) => boolean) =>
    expected(placed.filter(one => one.side === 'labels' || isMine(one.version)))
  const [champion, challenger] = [of(version => version !== 'v2'), of(version => version === 'v2')]
  const sum = (name: keyof JoinCounts['predictions']) =>
    champion.counts.predictions[name] + challenger.counts.predictions[name]
  const names = Object.keys(champion.counts.predictions) as (keyof JoinCounts['predictions'])[]
  return {
    known: new Map([...champion.known, ...challenger.known]),
    counts: {
      predictions: Object.fromEntries(names.map(name => [name, sum(name)])),
      labels: champion.counts.labels,
    },
  }
}

describe('a joiner of a champion and a challenger', () => {
  it.each(Array.from({ length: 30 }, (_, seed) => seed))(
    'gives each label to the predictions of both, whatever their order (seed %i)',
    seed => {
      const { placed, messages } = world(seeded(seed), { keys: 120, disorder: GRACE, again: 0.5 })
      let shelf = 0
      const options = { topic: 'driftline.joins', partition: 0, mostKeys: 1_000_000, newShelf: () => shelf++ }
      const subject = new Joiner(CHALLENGED, options)
      const parts = messages.flatMap((message, offset) => {
        if ('rows' in message) subject.add(message.rows, offset)
        else subject.advance(message.marker, message.marker.monitors[0]!, offset)
        return subject.take()
      })
      const { known, counts } = expectedOfBoth(placed)
      expect(subject.counts).toEqual(counts)
      expect(differences(known, told(parts))).toEqual([])
    },
  )

  it('holds the keys that it asks for', () => {
    const { messages } = world(seeded(3), { keys: 40, disorder: 0 })
    let shelf = 0
    const options = { topic: 'driftline.joins', partition: 0, mostKeys: 1_000_000, newShelf: () => shelf++ }
    const subject = new Joiner(CHALLENGED, options)
    const wanted = new Set<string>()
    for (const message of messages) {
      if (!('rows' in message)) continue
      const { rows } = message
      for (let i = 0; i < rows.size; i++) subject.wants(rows, i, (high, low) => wanted.add(`${high}/${low}`))
      subject.add(rows, 0)
    }
    const held = [...subject.entries.changed()].map(({ high, low }) => `${high}/${low}`)
    expect(held.length).toBeGreaterThan(40)
    expect(held.filter(key => !wanted.has(key))).toEqual([])
  })
})
