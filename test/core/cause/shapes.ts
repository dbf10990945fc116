import { gamma, type Random } from '../../random.js'
import type { Kind, Value } from './lab.js'

/** One kind of feature: how one value of it is drawn. */
export interface Shape {
  readonly name: string
  readonly kind: Kind
  readonly draw: (random: Random) => Value
  /** Values lie on this grid by nature; a change of the world keeps them there. */
  readonly grid: number | null
}

function poisson(random: Random, mean: number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()))
  const limit = Math.exp(-mean)
  let product = random.next()
  let n = 0
  while (product > limit) {
    product *= random.next()
    n++
  }
  return n
}

const round = (x: number, step: number): number => Number((Math.round(x / step) * step).toFixed(9))

function weighted(labels: readonly string[], weights: readonly number[]): (random: Random) => string {
  const total = weights.reduce((a, b) => a + b, 0)
  return random => {
    let left = random.next() * total
    for (const [i, weight] of weights.entries()) if ((left -= weight) < 0) return labels[i]
    return labels[labels.length - 1]
  }
}

const zipf = (n: number, s: number): number[] => Array.from({ length: n }, (_, i) => (i + 1) ** -s)
const named = (n: number, name: (i: number) => string): string[] => Array.from({ length: n }, (_, i) => name(i))

const numeric = (name: string, draw: (random: Random) => number, grid: number | null = null): Shape => ({
  name,
  kind: 'numeric',
  draw,
  grid,
})
const labels = (name: string, values: readonly string[], weights: readonly number[]): Shape => ({
  name,
  kind: 'categorical',
  draw: weighted(values, weights),
  grid: null,
})

const WORDS = [
  'Cash',
  'Credit Card',
  'Mobile',
  'No Charge',
  'Prcard',
  'Dispute',
  'Unknown',
  'Pcard',
  'Way2ride',
  'Split',
]

/** Shapes that limits were chosen on. */
export const DEVELOPMENT: readonly Shape[] = [
  numeric('normal', random => 35 + 12 * random.normal()),
  numeric('sharp lognormal', random => Math.exp(5 + 0.05 * random.normal())),
  numeric('gamma', random => 10 * gamma(random, 2)),
  numeric('zero-inflated', random => (random.chance(0.45) ? 0 : round(Math.exp(0.5 + random.normal()), 0.01)), 0.01),
  numeric('counts', random => poisson(random, 4), 1),
  numeric('decimals', random => round(20 + 5 * random.normal(), 0.1), 0.1),
  labels('zipf', WORDS, zipf(10, 1.2)),
  labels('two labels', ['yes', 'no'], [0.3, 0.7]),
  numeric('wide lognormal', random => Math.exp(2 * random.normal())),
  numeric('steep gamma', random => 100 * gamma(random, 0.5)),
  numeric('bimodal', random => (random.chance(0.3) ? 10 + random.normal() : 20 + 2 * random.normal())),
  numeric('skewed negative', random => -10 * Math.exp(0.8 * random.normal())),
  numeric('centred', random => random.normal()),
  numeric('uniform', random => random.next()),
  numeric('heavy tails', random => 50 + (5 * random.normal()) / Math.sqrt(gamma(random, 1.5) / 1.5)),
  numeric('large counts', random => poisson(random, 40), 1),
  numeric('ratings', random => Math.max(1, Math.min(5, Math.round(3.7 + 1.1 * random.normal()))), 1),
  numeric('prices', random => round(round(Math.exp(3 + 0.7 * random.normal()), 1) - 0.01, 0.01), 0.01),
  labels('equal shares', ['red', 'green', 'blue', 'black', 'white', 'grey'], [1, 1, 1, 1, 1, 1]),
  labels(
    'codes',
    named(12, i => `0${i * 7 + 3}`.padStart(4, '0')),
    zipf(12, 0.9),
  ),
  labels(
    'long tail',
    named(200, i => `Brand ${String.fromCharCode(65 + (i % 26))}${i}`),
    zipf(200, 1.1),
  ),
]

/** Shapes that were kept apart: looked at once limits stood. */
export const HELD_OUT: readonly Shape[] = [
  numeric('exponential', random => -120 * Math.log(1 - random.next())),
  numeric('weibull', random => 7 * (-Math.log(1 - random.next())) ** (1 / 3)),
  numeric('fractions', random => {
    const a = gamma(random, 2)
    return a / (a + gamma(random, 5))
  }),
  numeric('laplace', random => 3 + (random.chance(0.5) ? 1 : -1) * Math.log(1 - random.next())),
  numeric('narrow normal', random => 1013 + 8 * random.normal()),
  numeric('three modes', random => random.pick([5, 40, 45]) + 2 * random.normal()),
  numeric('log-uniform amounts', random => round(10 ** (1 + 3 * random.next()), 0.01), 0.01),
  numeric('ages', random => Math.max(18, Math.min(90, Math.round(44 + 16 * random.normal()))), 1),
  numeric('days since', random => (random.chance(0.2) ? 0 : Math.floor(-40 * Math.log(1 - random.next()))), 1),
  numeric('half hours', random => 0.5 * poisson(random, 9), 0.5),
  numeric('balance', random => round(200 * random.normal() + 150 * gamma(random, 1), 0.01), 0.01),
  numeric('sparse counts', random => (random.chance(0.7) ? 0 : 1 + poisson(random, 2)), 1),
  labels('three labels', ['bronze', 'silver', 'gold'], [6, 3, 1]),
  labels(
    'countries',
    ['DE', 'FR', 'IT', 'ES', 'PL', 'NL', 'BE', 'AT', 'CH', 'SE', 'DK', 'NO', 'FI', 'PT', 'CZ'],
    zipf(15, 0.8),
  ),
  labels(
    'geometric',
    named(30, i => `sku-${i + 1}`),
    named(30, () => '').map((_, i) => 0.8 ** i),
  ),
]
