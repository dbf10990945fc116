import { describe, expect, it } from 'vitest'
import { Case } from './world.js'

describe('a part of the rows', () => {
  it('lies where its factor leads: values just beyond the others are not ten times as large', () => {
    const products = [160, 180, 190, 205, 220]
    const oven = new Case('numeric', random => Math.round(4 * (random.pick(products) + 0.8 * random.normal())) / 4)
    // Few products a window, so that windows differ widely.
    const past = Array.from(
      { length: 30 },
      (_, i) =>
        oven.lab.window(
          oven.rows().map(x => (i % 3 === 0 ? Number(x) : 160 + ((7 * i) % 5) * 15 + ((Number(x) * 4) % 5) / 4)),
        ).profile,
    )
    const rows = oven.rows().map((x, i) => (i % 3 === 0 ? 1.8 * Number(x) + 32 : Number(x)))
    const { code, confidence, numbers } = oven.cause(rows, { past })
    expect(code === 'partial-unit' && confidence === 'high' && numbers['factor'] > 4).toBe(false)
  })

  it('in another unit is that, and no odd factor of all', () => {
    const incomes = new Case('numeric', random => Math.round(Math.exp(8 + 0.45 * random.normal()) / 100) * 100, 200)
    const cause = incomes.cause(incomes.turned((x, random) => (random.chance(0.8) ? 12 * x : x)))
    expect(cause).toMatchObject({ code: 'partial-unit' })
    expect(cause.numbers['factor']).toBeGreaterThan(11)
    expect(cause.numbers['factor']).toBeLessThan(13)
  })
})
