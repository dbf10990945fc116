import { hashBytes, utf8 } from '../dictionary.js'
import { type Layout, MISSING, NUMBER, type Row } from '../row.js'
import type { Derivation } from './derivation.js'
import type { Joint, JointTerm } from './origin.js'

/** Standardised values are clipped here, as those of every level are (STATISTICS §2.2). */
const CLIP = 8
/** Steps a unit: what differs by less than 1/64 σ is rounding, and no change of a relation. */
const STEPS = 64
/** Names of features that a series' name lists; the others are in its terms. */
const MOST_NAMED = 3
const LONGEST_NAME = 120

/** (x − median)/σ within ±8; NaN stays NaN. */
export function standardised(x: number, { median, sigma }: Pick<JointTerm, 'median' | 'sigma'>): number {
  const z = (x - median) / sigma
  return z > CLIP ? CLIP : z < -CLIP ? -CLIP : z
}

/** Σ weight · z of standardised values in the order of the terms; NaN where one is. −0 does not occur. */
export function stepped(sum: number): number {
  return Math.round(sum * STEPS) / STEPS + 0
}

/**
 * Name of the series: the features, and four digits of what exactly is counted. Two baselines that standardise differently have different
 * series, so that neither parts nor histories mix them.
 */
export function jointName({ chosen, terms }: Joint, index: number): string {
  const features = terms.map(({ feature }) => feature)
  const named = chosen === 'random' ? `random${index}` : features.slice(0, MOST_NAMED).join('~')
  const bytes = utf8(
    JSON.stringify(terms.map(({ feature, median, sigma, weight }) => [feature, median, sigma, weight])),
  )
  const digits = (hashBytes(bytes, 0, bytes.length) >>> 16).toString(16).padStart(4, '0')
  return `~${named.slice(0, LONGEST_NAME)}.${digits}`
}

/** The features of a direction, for sentences: "total, fare and tips". */
export function jointFeatures({ terms }: Joint): string {
  const names = terms.map(({ feature }) => feature)
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** One direction and the slot that it fills. */
export interface JointSlot {
  readonly slot: number
  readonly joint: Joint
}

/**
 * Computes all directions of a plan. A row counts in a direction only where every one of its features is a usable number: a feature whose
 * nulls rise must not look like a relation that breaks. Where one is not, the slot is as if the event had no such feature.
 */
export class JointProjections implements Derivation {
  /** Features used, each standardisation once: slot, median, 1/σ, and the standardised value of the row at hand. */
  readonly #slots: Int32Array
  readonly #medians: Float64Array
  readonly #scales: Float64Array
  readonly #z: Float64Array
  /** By direction: slot filled, and where its terms begin (one entry more than directions). */
  readonly #targets: Int32Array
  readonly #begins: Int32Array
  /** By term: index of the feature used, and its weight. */
  readonly #used: Int32Array
  readonly #weights: Float64Array

  constructor(layout: Layout, joints: readonly JointSlot[]) {
    const used = new Map<string, { slot: number; term: JointTerm; index: number }>()
    const terms = joints.flatMap(({ joint }) =>
      joint.terms.map(term => {
        const slot = layout.indexOf(term.feature)
        const key = `${slot}/${term.median}/${term.sigma}`
        let one = used.get(key)
        if (one === undefined) used.set(key, (one = { slot, term, index: used.size }))
        return { index: one.index, weight: term.weight }
      }),
    )
    const all = [...used.values()]
    this.#slots = Int32Array.from(all, ({ slot }) => slot)
    this.#medians = Float64Array.from(all, ({ term }) => term.median)
    this.#scales = Float64Array.from(all, ({ term }) => 1 / term.sigma)
    this.#z = new Float64Array(all.length)
    this.#targets = Int32Array.from(joints, ({ slot }) => slot)
    let begin = 0
    this.#begins = Int32Array.of(0, ...joints.map(({ joint }) => (begin += joint.terms.length)))
    this.#used = Int32Array.from(terms, ({ index }) => index)
    this.#weights = Float64Array.from(terms, ({ weight }) => weight)
  }

  fill(row: Row): void {
    const { flags, numbers } = row
    const z = this.#z
    const slots = this.#slots
    const medians = this.#medians
    const scales = this.#scales
    for (let f = 0; f < slots.length; f++) {
      const slot = slots[f]
      const standard = (numbers[slot] - medians[f]) * scales[f]
      z[f] = flags[slot] !== NUMBER ? Number.NaN : standard > CLIP ? CLIP : standard < -CLIP ? -CLIP : standard
    }
    const targets = this.#targets
    const begins = this.#begins
    const used = this.#used
    const weights = this.#weights
    for (let d = 0; d < targets.length; d++) {
      const end = begins[d + 1]
      let sum = 0
      for (let t = begins[d]; t < end; t++) sum += weights[t] * z[used[t]]
      const target = targets[d]
      numbers[target] = Math.round(sum * STEPS) / STEPS
      flags[target] = Number.isNaN(sum) ? MISSING : NUMBER
    }
  }
}
