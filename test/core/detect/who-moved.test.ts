import { describe, expect, it } from 'vitest'
import type { Profile } from '../../../src/core/detect/profile.js'
import { attributed } from '../../../src/core/detect/who-moved.js'
import { Case } from '../cause/world.js'

const pressure = new Case('numeric', random => 1010 + 2 * random.normal(), 400)
const at = (shift: number): Profile => pressure.lab.window(pressure.turned(x => x + shift)).profile

describe('all values shifted', () => {
  const shifted = pressure.cause(pressure.turned(x => x + 12))

  it('by a fault, come at once', () => {
    expect(shifted).toMatchObject({ code: 'unit', whoMoved: 'pipeline' })
    const past = Array.from({ length: 30 }, () => at(0))
    expect(attributed(shifted, at(12), past)).toEqual(shifted)
  })

  it('by the weather, come step by step', () => {
    const past = Array.from({ length: 30 }, (_, i) => at(Math.max(0, i - 20)))
    const cause = attributed(shifted, at(12), past)
    expect(cause).toMatchObject({ code: 'distribution', whoMoved: 'world', alternatives: ['unit'] })
    expect(cause.sentence).toMatch(/^all values look shifted by 1[12](\.\d+)? .*; it came gradually$/)
  })

  it('by a factor stay a unit, however they came', () => {
    const factor = pressure.cause(pressure.turned(x => x / 10))
    const past = Array.from({ length: 30 }, (_, i) => at(Math.max(0, i - 20)))
    expect(attributed(factor, at(-900), past)).toEqual(factor)
  })
})

describe('a distribution whose middle stands still', () => {
  it('is told by the quantile that moved', () => {
    const seats = new Case('numeric', random => (random.chance(0.06) ? 20 + Math.floor(30 * random.next()) : 1), 600)
    const sizes = [...seats.rows(600)].map(x => (typeof x === 'number' && x > 1 && x < 35 ? x + 15 : x))
    const { code, sentence } = seats.cause(sizes, { past: [] })
    expect(code).toBe('distribution')
    expect(sentence).toMatch(/median as before \(1\), 9[59] % quantile \d+(\.\d)? → \d+/)
  })
})
