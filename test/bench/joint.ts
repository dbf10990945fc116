/**
 * How often broken relations are found, by what the baseline learnt and by four seeded random directions, and how often intact ones ring:
 *
 *     npx tsx test/bench/joint.ts
 *
 * Ten features, baseline of 20,000 rows, windows of 1000 and 300. `launch`: share of windows in which a series breaches the launch rule;
 * `z`: in which PSI or spread lie 4.9 standard deviations from those of 30 intact windows (the threshold of two windows running).
 */
import type { Baseline } from '../../src/core/baseline/baseline.js'
import { compare } from '../../src/core/detect/compare.js'
import { inspect } from '../../src/core/detect/inspect.js'
import { baselineOf, breached, monitorFor, type Numbers, viewOf } from '../core/derive/tables.js'
import { type Random, seeded } from '../random.js'

const FEATURES = 10
const TRAINED_ON = 20_000
const REFERENCE = 30
const WINDOWS = 40
const FAR = 4.9

type Draw = (random: Random) => number[]

const independent: Draw = random => Array.from({ length: FEATURES }, () => random.normal())

function correlated(rho: number): Draw {
  return random => {
    const x = independent(random)
    x[1] = rho * x[0]! + Math.sqrt(1 - rho * rho) * x[1]!
    return x
  }
}

/** All share a factor, r = .3; those in `loose` follow another one's. */
function factor(loose: readonly number[]): Draw {
  return random => {
    const shared = random.normal()
    return Array.from({ length: FEATURES }, (_, i) => {
      const follows = loose.includes(i) ? random.normal() : shared
      return Math.sqrt(0.3) * follows + Math.sqrt(0.7) * random.normal()
    })
  }
}

/** Miles, seconds, fare, tips and their total, of one ride; one of them of another ride. */
function ride(foreign: number | null): Draw {
  const one = (random: Random): number[] => {
    const miles = Math.exp(0.8 * random.normal())
    const seconds = miles * Math.exp(0.3 * random.normal())
    const fare = 2 + 2 * miles + 0.5 * seconds + 0.2 * random.normal()
    const tips = Math.exp(0.7 * random.normal())
    return [miles, seconds, fare, tips, fare + tips]
  }
  return random => {
    const x = one(random)
    if (foreign !== null) x[foreign] = one(random)[foreign]!
    return [...x, ...independent(random).slice(5)]
  }
}

const SCENARIOS: readonly [string, Draw, Draw][] = [
  ['intact: r = .8 stays', correlated(0.8), correlated(0.8)],
  ['intact: a ride stays', ride(null), ride(null)],
  ['r .8 → 0', correlated(0.8), independent],
  ['r .5 → 0', correlated(0.5), independent],
  ['r .8 → .5', correlated(0.8), correlated(0.5)],
  ['one of ten, all r = .3, loose', factor([]), factor([3])],
  ['three of ten, all r = .3, loose', factor([]), factor([3, 4, 5])],
  ['a ride, tips of another', ride(null), ride(3)],
  ['a ride, seconds of another', ride(null), ride(1)],
  ['a ride, total of another', ride(null), ride(4)],
  ['r 0 → .8, new in serving', independent, correlated(0.8)],
  ['r 0 → .5, new in serving', independent, correlated(0.5)],
]

const monitor = monitorFor({ joint: 'random' })
const rows = (draw: Draw, n: number, random: Random): Numbers[] =>
  Array.from({ length: n }, () => Object.fromEntries(draw(random).map((x, i) => [`f${i}`, x])))

interface Look {
  readonly launch: boolean
  /** PSI over its noise, and ln of the mean distance from the middle. */
  readonly levels: readonly number[]
}

function look(baseline: Baseline, chosen: 'relation' | 'random', window: readonly Numbers[]): Look[] {
  const view = viewOf(monitor, baseline, window)
  return baseline.features.flatMap(contract => {
    if (contract.origin?.what !== 'joint' || contract.origin.chosen !== chosen) return []
    const [known, sketch] = [contract.segments.get('')!, view.features.get(contract.name)!]
    const seen = compare(contract, known, { rows: view.rows, sketch })
    const { count, mean, m2 } = sketch.numeric!
    const centre = contract.numeric!.fences.q50
    const spread = Math.log(Math.sqrt(m2 / count + (mean - centre) ** 2) + 0.001)
    return [{ launch: breached(inspect(monitor, contract, view)), levels: [seen.distances.psi!, spread] }]
  })
}

function power(baseline: Baseline, chosen: 'relation' | 'random', draws: readonly [Draw, Draw], n: number): string {
  const random = seeded(n)
  const reference = Array.from({ length: REFERENCE }, () => look(baseline, chosen, rows(draws[0], n, random)))
  if (reference[0]!.length === 0) return '   –     –'
  const statistics = reference[0]!.map((one, s) =>
    one.levels.map((_, l) => {
      const values = reference.map(looks => looks[s]!.levels[l]!)
      const mean = values.reduce((a, b) => a + b) / REFERENCE
      return { mean, sd: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (REFERENCE - 1)) }
    }),
  )
  let [launch, z] = [0, 0]
  for (let w = 0; w < WINDOWS; w++) {
    const looks = look(baseline, chosen, rows(draws[1], n, random))
    if (looks.some(one => one.launch)) launch++
    const far = (s: number, l: number): number => {
      const { mean, sd } = statistics[s]![l]!
      return Math.abs(looks[s]!.levels[l]! - mean) / (sd * Math.sqrt(1 + 1 / REFERENCE))
    }
    if (looks.some((one, s) => one.levels.some((_, l) => far(s, l) > FAR))) z++
  }
  return [launch, z].map(count => `${Math.round((100 * count) / WINDOWS)} %`.padStart(5)).join(' ')
}

console.log(
  `${''.padEnd(34)}${['learnt, 1000', 'learnt, 300', 'random, 1000', 'random, 300'].map(t => t.padStart(14)).join('')}  series`,
)
console.log(`${''.padEnd(34)}${Array(4).fill('launch     z'.padStart(14)).join('')}`)
for (const [name, before, after] of SCENARIOS) {
  const baseline = baselineOf(monitor, rows(before, TRAINED_ON, seeded(1)))
  const figures = (['relation', 'random'] as const).flatMap(chosen =>
    [1000, 300].map(n => power(baseline, chosen, [before, after], n).padStart(14)),
  )
  const learnt = baseline.features
    .filter(({ origin }) => origin?.what === 'joint' && origin.chosen === 'relation')
    .map(feature => feature.name)
  console.log(`${name.padEnd(34)}${figures.join('')}  ${learnt.join(' ')}`)
}
