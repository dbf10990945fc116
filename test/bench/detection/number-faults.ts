import { type Body, mapped, numbers, SLOW, served, smooth, some, varies } from './fault.js'
import { kolmogorov, moved, type Profile, snap } from './profile.js'
import { ascending, quantile } from './values.js'

/** Shows where the values move by a twentieth of σ. */
export const factor = (by: number): Body =>
  mapped(
    p => varies(p) && moved(p, x => by * x) >= 0.05,
    () => x => by * x,
  )

export const affine: Body = {
  applies: p => smooth(p) && moved(p, x => 1.8 * x + 32) >= 1,
  start: (_, choice) => {
    const change = choice.chance(0.5) ? (x: number) => 1.8 * x + 32 : (x: number) => (x - 32) / 1.8
    return ({ values }) => numbers(values, change)
  },
}

/** Shifted values keep the feature's steps (cents, whole minutes); shows where half of the way survives the rounding. */
export const shifted = (sigmas: number): Body =>
  mapped(
    p => smooth(p) && Math.abs(snap(sigmas * p.sigma, p.step)) >= 0.5 * sigmas * p.sigma,
    (p, choice) => {
      const by = snap((choice.chance(0.5) ? 1 : -1) * sigmas * p.sigma, p.step)
      return x => snap(x + by, p.step)
    },
  )

export const slowly: Body = {
  applies: shifted(1).applies,
  start: (p, choice) => {
    const by = (choice.chance(0.5) ? 1 : -1) * p.sigma
    return ({ values, age }) => numbers(values, x => snap(x + by * Math.min(1, (age + 1) / SLOW), p.step))
  },
}

/** Variance, not standard deviation; about the mean. Whole numbers show it only where σ is some steps wide. */
export const wider = (variance: number): Body =>
  mapped(
    p => smooth(p) && p.sigma >= 3 * p.step,
    p => x => snap(p.mean + Math.sqrt(variance) * (x - p.mean), p.step),
  )

export const partly = (share: number): Body => ({
  applies: p => varies(p) && p.zeros < 0.5,
  start: (_, choice) => {
    const by = choice.pick([30.44, 1000])
    return ({ values, random }) => some(values, share, random, x => (typeof x === 'number' ? by * x : x))
  },
})

export const truncated: Body = mapped(
  p => varies(p) && p.integers < 0.6,
  () => x => Math.trunc(x) + 0,
)

/** To the power of ten next to σ/2; shows where the present values are finer and most of them change. */
export const rounded: Body = mapped(
  p => varies(p) && roundingOf(p) > p.step && p.sorted.filter(x => roundUp(x, p) !== x).length >= 0.5 * p.sorted.length,
  p => x => roundUp(x, p),
)
const roundingOf = ({ sigma }: Profile): number => 10 ** Math.round(Math.log10(sigma / 2))
const roundUp = (x: number, p: Profile): number => snap(x, roundingOf(p))

/** Shows where at least half as many values as the level says do lie beyond it. */
export const clipped = (level: number): Body =>
  mapped(
    p => varies(p) && p.sorted.filter(x => x > quantile(p.sorted, level)).length >= 0.5 * (1 - level) * p.sorted.length,
    p => {
      const most = snap(quantile(p.sorted, level), p.step)
      return x => Math.min(x, most)
    },
  )

export const flipped: Body = mapped(
  p => varies(p) && kolmogorov(p.sorted, ascending(p.sorted.map(x => -x))) >= 0.3,
  () => x => -x + 0,
)

/** The hour of another zone. */
export const otherZone: Body = mapped(
  p => {
    const hours =
      p.sorted.length > 0 && p.sorted[0]! >= 0 && p.sorted.at(-1)! <= 23 && p.integers === 1 && p.distinct >= 12
    return varies(p) && hours && kolmogorov(p.sorted, ascending(p.sorted.map(x => (x + 6) % 24))) >= 0.1
  },
  () => x => (x + 6) % 24,
)

export const asText: Body = mapped(
  p => p.feature.kind === 'numeric' && served(p) && p.sorted.length > 0,
  () => x => String(x),
)
