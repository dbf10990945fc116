import { afterAll, describe, expect, it } from 'vitest'
import { Runs, told } from './run.js'

const RUNS = 15

/** The short form; `npm run test:faults` has thousands, and real processes. */
describe('whatever dies, stands still or comes twice, windows are what a recomputation says', () => {
  const runs = new Runs()
  afterAll(() => runs.close())

  it.each([1, 1001, 2001, 3001])(
    `over ${RUNS} seeded runs from seed %i`,
    async first => {
      let faults = 0
      for (let seed = first; seed < first + RUNS; seed++) {
        const result = await runs.run(seed)
        expect(result.violations, told(result)).toEqual([])
        faults += result.done.kills + result.done.zombies
      }
      expect(faults).toBeGreaterThan(2 * RUNS)
    },
    300_000,
  )
})
