import { describe, expect, it } from 'vitest'
import { Case } from './world.js'

describe('temperatures whose spread is small beside their mean', () => {
  it('in °F are no factor, and no shift', () => {
    // Weather moves the windows and makes some wider: 1.8 times the spread is within what they do by themselves.
    const rooms = new Case('numeric', random => Math.round(10 * (21 + 1.5 * random.normal())) / 10)
    const air = (weather: number, wide: number, to = (x: number): number => x) =>
      rooms.turned(x => Math.round(10 * to(21 + weather + wide * (x - 21))) / 10)
    const past = Array.from(
      { length: 30 },
      (_, i) => rooms.lab.window(air(1.5 * Math.sin(i), 0.3 + 0.1 * ((i * 7) % 8))).profile,
    )
    const found = rooms.cause(
      air(0.4, 0.6, x => 1.8 * x + 32),
      { past },
    )
    expect(found).toMatchObject({ code: 'unit', numbers: { offset: 32 }, alternatives: ['unit: shift'] })
    expect(found.sentence).toContain('°C became °F')
    // A move of as much that ends elsewhere stays what it was.
    expect(
      rooms.cause(
        air(0.4, 0.6, x => x + 70),
        { past },
      ).sentence,
    ).not.toContain('°F')
  })
})
