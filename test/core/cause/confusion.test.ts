import { describe, expect, it } from 'vitest'
import { FAULTS } from './faults.js'
import { DEVELOPMENT, HELD_OUT, type Shape } from './shapes.js'
import { type Outcome, streamOf, tryFault } from './trial.js'

/**
 * A small run of `npx tsx test/bench/cause-confusion.ts`. The bounds lie under what it measures, so that they hold for any seed; a cause that
 * stops working falls through them.
 */
const SIZES = [300, 1000]
const SEEDS = [11, 12]
/** Lower bounds of the share that is right, where .85 is too much to ask of 300 rows. */
const BOUNDS: Readonly<Record<string, number>> = {
  'factor 1.609': 0.75,
  '°C to °F': 0.75,
  'labels rotated': 0.7,
  'other shares': 0.75,
  'imputed 15 % label': 0.7,
  'clipped at q.8': 0.8,
}

function run(shapes: readonly Shape[], seeds: readonly number[]): Outcome[] {
  return shapes.flatMap(shape =>
    SIZES.flatMap(n =>
      seeds.flatMap(seed => {
        const stream = streamOf(shape, n, seed)
        return FAULTS.flatMap(fault => tryFault(stream, fault, seed) ?? [])
      }),
    ),
  )
}

const share = (outcomes: readonly Outcome[]): number =>
  outcomes.filter(({ fault, cause }) => fault.right.includes(cause!.code)).length / outcomes.length

describe.each([
  ['shapes that limits were chosen on', DEVELOPMENT, SEEDS, 0.96],
  ['shapes kept apart', HELD_OUT, [21, 22], 0.95],
] as const)('causes of %s', (_, shapes, seeds, bound) => {
  const rang = run(shapes, seeds).filter(({ cause }) => cause !== null)

  it('are named right', () => {
    expect(rang.length).toBeGreaterThan(1500)
    expect(share(rang)).toBeGreaterThan(bound)
  })

  it.each(FAULTS.map(fault => [fault.name, fault] as const))('%s', (name, fault) => {
    const mine = rang.filter(outcome => outcome.fault === fault)
    if (mine.length < 5) return
    expect(share(mine)).toBeGreaterThanOrEqual(BOUNDS[name] ?? 0.85)
  })

  it('leave changes of the world alone, and are right where they say high', () => {
    expect(share(rang.filter(({ fault }) => fault.benign))).toBeGreaterThan(0.93)
    expect(share(rang.filter(({ cause }) => cause!.confidence === 'high'))).toBeGreaterThan(0.97)
  })
})
