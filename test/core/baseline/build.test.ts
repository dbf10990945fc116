import { describe, expect, test } from 'vitest'
import { seeded } from '../../random.js'
import { monitorOf, T0, trained } from '../../service/rides.js'

describe('a baseline', () => {
  const counted = (monitor: ReturnType<typeof monitorOf>, version: number, from: number | null) =>
    trained(monitor, { version, from }).features.map(({ name, numeric, values, segments }) => ({
      name,
      numeric,
      values,
      segments,
    }))
  const first = counted(monitorOf(), 1, null)

  test('counts every row at its edges and values, of each segment', () => {
    for (const { numeric, values, segments } of first) {
      expect([...segments.keys()]).toEqual(['', 'payment=card', 'payment=cash', 'payment=other'])
      for (const { sketch } of segments.values()) {
        if (numeric === null) {
          const { known, unknown } = sketch.categorical!
          expect(unknown).toBe(0)
          expect([...known.keys()].every(value => values.includes(value))).toBe(true)
        } else expect(sketch.numeric!.cells.reduce((sum, n) => sum + n, 0)).toBe(sketch.numeric!.count)
      }
    }
  })

  test('is the same as a second version that counts from a later pane, and under a monitor that names another version', () => {
    expect(counted(monitorOf(), 2, T0 + seeded(1).integer(1, 1000))).toEqual(first)
    expect(counted(monitorOf({ baseline: 7 }), 8, T0)).toEqual(first)
  })
})
