import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AlertOrder } from '../../src/client/alert-order.js'
import { HandledIds } from '../../src/client/duplicates.js'

const event = fc.record({ alertId: fc.constantFrom('a', 'b', 'c'), sequence: fc.integer({ min: 1, max: 12 }) })

describe('the order of an alert’s events', () => {
  it('rises strictly for what is handed on, and the gaps say exactly what is missing', () => {
    fc.assert(
      fc.property(fc.array(event), events => {
        const order = new AlertOrder(10)
        const handled = new Map<string, { first: number; count: number; gaps: number; last: number }>()
        for (const { alertId, sequence } of events) {
          const place = order.place(alertId, sequence)
          const before = handled.get(alertId)
          expect(place.older).toBe(before !== undefined && sequence <= before.last)
          if (place.older) continue
          order.handled(alertId, sequence)
          if (before === undefined) {
            expect(place.gap).toBe(sequence === 1 ? 0 : null)
            handled.set(alertId, { first: sequence, count: 1, gaps: 0, last: sequence })
          } else {
            before.count++
            before.gaps += place.gap!
            before.last = sequence
          }
        }
        for (const { first, last, count, gaps } of handled.values()) expect(last - first + 1).toBe(count + gaps)
      }),
    )
  })

  it('does not count what the handler has not finished', () => {
    const order = new AlertOrder(10)
    order.handled('a', 1)
    expect(order.place('a', 2)).toEqual({ older: false, gap: 0 })
    expect(order.place('a', 2)).toEqual({ older: false, gap: 0 })
  })

  it('forgets the alerts longest without an event, and nothing else', () => {
    const order = new AlertOrder(2)
    order.handled('a', 1)
    order.handled('b', 1)
    order.handled('a', 2)
    order.handled('c', 1)
    expect(order.place('a', 2).older).toBe(true)
    expect(order.place('b', 5)).toEqual({ older: false, gap: null })
  })
})

it('repeated ids are known within the bound, the oldest forgotten first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(12).map(String), { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (ids, most) => {
      const handled = new HandledIds(most)
      const recent: string[] = []
      for (const id of ids) {
        expect(handled.has(id)).toBe(recent.includes(id))
        handled.add(id)
        if (recent.includes(id)) recent.splice(recent.indexOf(id), 1)
        recent.push(id)
        if (recent.length > most) recent.shift()
      }
    }),
  )
})
