import type { Cause } from '../../alert/event.js'
import { misfit } from './fit.js'
import type { Reference } from './reference.js'
import type { Seen } from './seen.js'
import { worldOf } from './world.js'

/** A function that pipelines apply to a feature, with what undoes it. */
interface Transform {
  readonly name: string
  readonly back: (x: number) => number
  readonly words: string
}

const LOG = 'a logarithm that training did not have, or a second one'
const NO_LOG = 'a logarithm that training had is not taken'

const TRANSFORMS: readonly Transform[] = [
  { name: 'ln x', back: Math.exp, words: LOG },
  { name: 'ln(1 + x)', back: Math.expm1, words: LOG },
  { name: 'log₁₀ x', back: x => 10 ** x, words: LOG },
  { name: 'eˣ', back: Math.log, words: NO_LOG },
  { name: 'eˣ − 1', back: Math.log1p, words: NO_LOG },
  { name: '10ˣ', back: Math.log10, words: NO_LOG },
  { name: '1/(1 + e⁻ˣ)', back: x => Math.log(x / (1 - x)), words: 'a probability where training had its logit' },
  { name: 'ln(x/(1 − x))', back: x => 1 / (1 + Math.exp(-x)), words: 'a logit where training had its probability' },
]

/** Undoing must bring the misfit to noise, under this part of what it was, and of what a move and a spread of all values leave. */
const FITS = 1.5
const EXPLAINS = 0.25
const AGAINST_WORLD = 0.5
/** Different quantiles of the reference, at least: one value or two are what any function gives. */
const FEWEST = 5
/** Two that fit as well as this apart are both said. */
const AS_WELL = 0.5

/** A logarithm, or a logit, that one side takes and the other does not: nothing is fitted, all quantiles have to agree. */
export function transformed({ past, now: { shape, count } }: Seen, { curve }: Reference): Cause | null {
  if (curve === null || shape === null || new Set(curve.quantiles).size < FEWEST) return null
  const { quantiles } = shape
  const before = misfit(curve.quantiles, quantiles, curve.noise)
  const fits = TRANSFORMS.map(transform => ({
    ...transform,
    after: misfit(curve.quantiles, quantiles.map(transform.back), curve.noise),
  }))
    // What has no logarithm has no misfit either.
    .filter(({ after }) => after <= FITS && after <= EXPLAINS * before)
    .sort((a, b) => a.after - b.after)
  const [best] = fits
  if (best === undefined) return null
  const { shifted, widened } = worldOf(curve, past, quantiles, count)
  if (best.after > AGAINST_WORLD * Math.min(shifted, widened)) return null
  const others = fits.filter(fit => fit !== best && fit.after <= best.after + AS_WELL)
  return {
    code: 'transform',
    confidence: others.length === 0 && best.after < 1.2 ? 'high' : 'medium',
    sentence: `values look like ${best.name} of what they were: ${best.words}`,
    numbers: { misfitBefore: before, misfitAfter: best.after },
    alternatives: others.map(({ name }) => `transform: ${name}`),
    whoMoved: 'pipeline',
  }
}
