import { describe, expect, it } from 'vitest'
import { hoursShifted } from '../../../src/core/detect/cause/hours.js'
import type { Profile } from '../../../src/core/detect/profile.js'
import { Case } from './world.js'

const feature = new Case('numeric', random => random.normal())
/** Level and spread together tell the hour. */
const of = (hour: number, x: number): number => {
  const turn = (2 * Math.PI * hour) / 24
  return 1.5 * Math.sin(turn) + Math.exp(0.5 * Math.cos(turn)) * x
}
const at = (hour: number, n: number): Profile => feature.lab.window(feature.turned(x => of(hour, x), n)).profile
const profiles = Array.from({ length: 24 }, (_, hour) => at(hour, 8000))

describe('a window of another hour', () => {
  it('is told by the slot that it fits', () => {
    for (const own of [1, 7, 13, 22]) {
      for (const hours of [-5, 6]) {
        const found = hoursShifted(at((own + hours + 24) % 24, 1000), { profiles, own, hoursEach: 1 })
        // Neighbouring hours are alike: the truth, or next to it.
        expect(Math.abs((found?.hours ?? 99) - hours), `${own} ${hours}`).toBeLessThanOrEqual(1)
      }
    }
  })

  it('is none where its own slot fits, no slot fits, or there is no history', () => {
    for (let own = 0; own < 24; own++)
      expect(hoursShifted(at(own, 1000), { profiles, own, hoursEach: 1 }), String(own)).toBeNull()
    const odd = feature.lab.window(feature.turned(x => 3 * x)).profile
    expect(hoursShifted(odd, { profiles, own: 3, hoursEach: 1 })).toBeNull()
    expect(hoursShifted(at(9, 1000), { profiles: profiles.map(() => null), own: 3, hoursEach: 1 })).toBeNull()
  })

  it('is told with doubt where two hours differ from the rest by their level alone', () => {
    const level = (hour: number, n: number): Profile =>
      feature.lab.window(feature.turned(x => 1.5 * Math.sin((2 * Math.PI * hour) / 24) + x, n)).profile
    const slots = { profiles: Array.from({ length: 24 }, (_, hour) => level(hour, 8000)), own: 12, hoursEach: 1 }
    // 2 h and 10 h have the same level: 1.5 · sin 30°.
    const found = hoursShifted(level(2, 1000), slots)!
    expect([found.hours, found.or].sort((a, b) => a! - b!)).toEqual([-10, -2])
    const rows = feature.turned(x => 0.75 + x, 1000)
    const past = Array.from({ length: 20 }, () => level(12, 1000))
    expect(feature.cause(rows, { past, slots })).toMatchObject({
      ...{ code: 'hours-shifted', confidence: 'low', alternatives: ['distribution', 'lag'] },
      sentence: expect.stringMatching(/looks like \d+ h \w+ in the day, or \d+ h \w+:/),
    })
    expect(hoursShifted(at(13, 1000), { profiles, own: 4, hoursEach: 1 })).toMatchObject({ or: null })
  })

  it('is a cause where the slots are known', () => {
    const rows = feature.turned(x => of(13, x), 1000)
    const past = Array.from({ length: 20 }, () => at(4, 1000))
    expect(feature.cause(rows, { past, slots: { profiles, own: 4, hoursEach: 1 } })).toMatchObject({
      code: 'hours-shifted',
      whoMoved: 'pipeline',
    })
    expect(feature.cause(rows, { past }).code).toBe('distribution')
  })
})
