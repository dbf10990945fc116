import { describe, expect, it } from 'vitest'
import { seeded } from '../random.js'
import { expected, makeSource, World } from './world.js'

const RUNS = 500

function run(seed: number, crashes: boolean) {
  const random = seeded(seed)
  const { config, partitions } = makeSource(random)
  const world = new World(config, partitions, random)
  for (let i = 0; i < 150; i++) world.step(crashes)
  world.finish()
  return { world, oracle: expected(config, partitions) }
}

describe.each([
  ['in any interleaving', false],
  ['with crashes of both stages between any two steps', true],
])('windows, revisions and counts equal a recomputation, %s', (_, crashes) => {
  it(`over ${RUNS} seeded worlds`, () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const { world, oracle } = run(seed, crashes)
      const where = `seed ${seed}`
      expect(world.conflicts, where).toEqual([])
      expect(world.counts, where).toEqual(oracle.counts)
      expect(world.expired, where).toBe(0)
      expect(Object.fromEntries(world.seen), where).toEqual(Object.fromEntries(oracle.windows))
    }
  })
})
