import { seeded } from '../../random.js'
import type { Stream } from './streams.js'
import { type Column, type Feature, seedOf, type Value } from './values.js'

/** A small stream for tests: independent rows of one unchanging world. */
export function sampleStream(
  seed: number,
  windows: { history: number; serving: number } = { history: 40, serving: 40 },
): Stream {
  const features: readonly Feature[] = [
    { name: 'amount', kind: 'numeric' },
    { name: 'zeros', kind: 'numeric' },
    { name: 'country', kind: 'categorical' },
  ]
  const columns = (rows: number, part: number): Column[] => {
    const random = seeded(seedOf(seed, part))
    const draws: readonly (() => Value)[] = [
      () => (random.chance(0.02) ? null : 35 + 12 * random.normal()),
      () => (random.chance(0.5) ? 0 : Math.ceil(4 * random.next())),
      () => random.pick(['DE', 'DE', 'DE', 'FR', 'FR', 'IT']),
    ]
    return draws.map(draw => Array.from({ length: rows }, draw))
  }
  return {
    name: `sample ${seed}`,
    family: 'row-shuffled',
    source: 'sample',
    features,
    ...windows,
    training: 20,
    windowMs: 3_600_000,
    start: Date.UTC(2024, 0, 1),
    zone: null,
    baseline: () => columns(4000, -1),
    window: index => columns(200, index),
    documented: () => false,
  }
}
