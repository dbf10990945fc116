import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Letter, Outbox } from '../../src/client/outbox.js'

const letter = (n: number, bytes = 10): Letter => ({
  key: Buffer.from(String(n)),
  value: Buffer.alloc(bytes),
  schema: null,
})

const action = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('offer' as const), bytes: fc.nat(400) }) },
  fc.record({ do: fc.constant('send' as const), batch: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ do: fc.constant('refuse' as const) }),
  fc.record({ do: fc.constant('decline' as const), why: fc.constantFrom('sampledOut' as const, 'invalid' as const) }),
)

describe('the outbox', () => {
  it('adds up, stays within its bound and keeps the order, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 2500, size: 'max' }), actions => {
        const outbox = new Outbox({ events: 50, bytes: 6000 })
        const expected: number[] = []
        const left: number[] = []
        let offered = 0
        for (const one of actions) {
          if (one.do === 'offer') {
            offered++
            if (outbox.hasRoom) {
              outbox.put(letter(offered, one.bytes))
              expected.push(offered)
            } else outbox.decline('bufferFull')
          } else if (one.do === 'decline') {
            offered++
            outbox.decline(one.why)
          } else if (one.do === 'send') {
            const batch = outbox.oldest(one.batch, 1000)
            if (batch.length === 0 && outbox.size > 0) throw new Error('an empty batch')
            left.push(...batch.map(({ key }) => Number(key)))
            outbox.sent(batch.length)
          } else {
            left.push(...outbox.oldest(1, 1).map(({ key }) => Number(key)))
            outbox.drop(1, 'refused')
          }
          const { accepted, declined, sent, buffered, dropped, ...stats } = outbox.stats
          const holds =
            accepted === sent + buffered + dropped.refused + dropped.abandoned &&
            stats.offered === offered &&
            offered === accepted + Object.values(declined).reduce((sum, count) => sum + count, 0) &&
            buffered <= 50
          if (!holds) throw new Error(`does not add up: ${JSON.stringify(outbox.stats)}`)
        }
        expect(left).toEqual(expected.slice(0, left.length))
        outbox.drop(outbox.size, 'abandoned')
        expect(outbox.stats).toMatchObject({ buffered: 0, bufferedBytes: 0, pressure: 0 })
      }),
      { numRuns: 15 },
    )
  })

  it('has room for one event that alone is larger than the bound', () => {
    const outbox = new Outbox({ events: 10, bytes: 100 })
    expect(outbox.hasRoom).toBe(true)
    outbox.put(letter(1, 5000))
    expect(outbox.hasRoom).toBe(false)
    expect(outbox.pressure).toBe(1)
    expect(outbox.oldest(10, 100)).toHaveLength(1)
  })
})
