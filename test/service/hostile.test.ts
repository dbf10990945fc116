import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/**
 * A fiftieth of the attack; all of it: `node --import tsx test/service/hostile.ts 1`. Without caps on model versions and on the names that are
 * remembered the fiftieth takes 1,000 MiB.
 */
const SCALE = 0.02
const MOST_MIB = 550

it('a hostile producer costs no more than the caps, and every row is accounted for', () => {
  const args = ['--import', 'tsx', join(import.meta.dirname, 'hostile.ts'), String(SCALE)]
  const result = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 24 }))
  const { most, sent, told, counts, leftOut } = result as {
    readonly most: number
    readonly sent: number
    readonly told: readonly string[]
    readonly counts: readonly Record<string, number>[]
    readonly leftOut: readonly { readonly model: string; readonly cap: string; readonly value: number }[]
  }
  expect(most).toBeLessThan(MOST_MIB)
  for (const { aggregated, late, rejected, gap, expired } of counts)
    expect({ aggregated, late, rejected, gap, expired }).toEqual({
      aggregated: sent,
      late: 0,
      rejected: 0,
      gap: 0,
      expired: 0,
    })
  const of = (model: string, cap: string) => [`${model} capacity ${cap} firing`, `${model} capacity ${cap} resolved`]
  expect(told).toEqual([
    ...of('discovering', 'features'),
    ...of('discovering', 'versions'),
    ...of('guarded', 'names'),
    ...of('guarded', 'versions'),
  ])
  // Nearly all of what was sent to that end.
  const left = new Map(leftOut.map(({ model, cap, value }) => [`${model} ${cap}`, value]))
  expect(left.get('guarded versions')).toBeGreaterThan(0.95 * SCALE * 1e6)
  expect(left.get('guarded names')).toBeGreaterThan(0.95 * SCALE * 1e6)
}, 120_000)
