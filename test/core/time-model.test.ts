import { describe, expect, it } from 'vitest'
import { seeded } from '../random.js'
import { expected, type From, makeSource, World } from './world.js'

const RUNS = 500

function run(seed: number, crashes: boolean, restoring: readonly From[]) {
  const random = seeded(seed)
  const { config, partitions } = makeSource(random)
  const world = new World(config, partitions, random, restoring)
  for (let i = 0; i < 150; i++) world.step(crashes)
  world.finish()
  return { world, oracle: expected(config, partitions) }
}

describe.each<[string, boolean, readonly From[]]>([
  ['in any interleaving', false, ['none']],
  ['with crashes of both stages between any two steps', true, ['none']],
  ['the same, from the latest checkpoint', true, ['latest']],
  ['the same, from any checkpoint there has been', true, ['stale']],
  ['the same, with a store that comes and goes', true, ['latest', 'stale', 'none']],
])('windows, revisions and counts equal a recomputation, %s', (_, crashes, restoring) => {
  it(`over ${RUNS} seeded worlds`, () => {
    let resumed = 0
    for (let seed = 1; seed <= RUNS; seed++) {
      const { world, oracle } = run(seed, crashes, restoring)
      const where = `seed ${seed}`
      expect(world.conflicts, where).toEqual([])
      expect(world.counts, where).toEqual(oracle.counts)
      expect(world.expired, where).toBe(0)
      expect(Object.fromEntries(world.seen), where).toEqual(Object.fromEntries(oracle.windows))
      resumed += world.resumed
    }
    if (restoring.some(from => from !== 'none')) expect(resumed).toBeGreaterThan(2 * RUNS)
  })
})
