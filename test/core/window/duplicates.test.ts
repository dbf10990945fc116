import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Duplicates, duplicatesOf } from '../../../src/core/window/duplicates.js'
import type { Part } from '../../../src/core/window/part.js'
import { seeded } from '../../random.js'
import { partsOf, type Served, simple } from '../counted.js'

/** Parts of a window whose rows are spread over partitions and panes. */
function windowOf(rows: readonly Served[], partitionOf: (served: Served, i: number) => number): Part[] {
  const partitions: Served[][] = []
  for (const [i, served] of rows.entries()) (partitions[partitionOf(served, i)] ??= []).push(served)
  const monitor = simple({ window: { ...simple().window, reviseForMs: 1e9 } })
  return partitions.flatMap((mine, p) => partsOf(monitor, mine, p))
}

describe('rows of a request that came before', () => {
  test('are counted exactly while there are few, in whatever partitions and panes they come', () => {
    const row = fc.record({ key: fc.nat(60), time: fc.nat(45_000) })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 80 }), fc.nat(3), (rows, more) => {
        const parts = windowOf(
          rows.map(one => ({ ...one, values: { x: 1 } })),
          (_, i) => i % (more + 1),
        )
        const repeated = rows.length - new Set(rows.map(({ key }) => key)).size
        const found = duplicatesOf(parts)!
        expect(found).toMatchObject({ sampled: rows.length, repeated })
        expect(found.share).toBeCloseTo(repeated / rows.length, 6)
      }),
      { numRuns: 50 },
    )
  })

  const rowsWith = (share: number, n: number, seed: number): Served[] => {
    const random = seeded(seed)
    let next = 0
    return Array.from({ length: n }, (_, i) => {
      const key = next > 0 && random.chance(share) ? next - 1 - Math.min(next - 1, random.integer(0, 50)) : next++
      return { key: `ride-${seed}-${key}`, time: Math.floor((i * 40_000) / n), values: {} }
    })
  }
  const spread = (n: number, partitions: number, share: number, seed: number): Duplicates =>
    duplicatesOf(windowOf(rowsWith(share, n, seed), (_, i) => i % partitions))!

  test.each([
    [60_000, 4, 0.01],
    [60_000, 4, 0.2],
    [60_000, 1, 0.05],
  ])('are estimated beyond: %i rows in %i partitions, %d of them repeated', (n, partitions, share) => {
    for (let seed = 1; seed <= 5; seed++) {
      const found = spread(n, partitions, share, seed)
      expect(found.sampled).toBeGreaterThan(1000)
      expect(found.sampled).toBeLessThan(n)
      // Repeats of one key come together: a quarter more than the binomial deviation.
      const deviation = 1.25 * Math.sqrt((share * (1 - share)) / found.sampled)
      expect(Math.abs(found.share - share)).toBeLessThan(4 * deviation)
    }
  })

  test('are none where every request comes once, but for what hashes share by chance', () => {
    expect(spread(60_000, 4, 0, 1).share).toBeLessThan(0.0002)
  })

  test('are looked for in each model version by itself where versions score the same requests', () => {
    const rows = rowsWith(0.2, 3000, 1)
    const repeated = rows.length - new Set(rows.map(({ key }) => key)).size
    const parts = windowOf(rows, (_, i) => i % 2)
    const both = [...parts, ...parts.map(part => ({ ...part, modelVersion: 'challenger' }))]
    expect(duplicatesOf(both)!.share).toBeCloseTo((rows.length + repeated) / (2 * rows.length), 1)
    const apart = duplicatesOf(both, true)!
    expect(apart.share).toBeCloseTo(duplicatesOf(parts)!.share, 12)
    expect(apart.sampled).toBe(2 * duplicatesOf(parts)!.sampled)
    // A version with many keys is looked at as closely as the other.
    const more = windowOf(rowsWith(0, 60_000, 2), (_, i) => i % 2).map(part => ({
      ...part,
      modelVersion: 'challenger',
    }))
    expect(duplicatesOf([...parts, ...more], true)!.share).toBeCloseTo((0.2 * 3000) / 63_000, 2)
  })

  test('cannot be told of parts that know no keys', () => {
    expect(duplicatesOf([{ keys: null, modelVersion: 'v' }])).toBeNull()
    const [part] = windowOf(rowsWith(0.5, 100, 1), () => 0)
    expect(duplicatesOf([{ keys: null, modelVersion: 'v' }, part])).toEqual(duplicatesOf([part]))
  })
})
