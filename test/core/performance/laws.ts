import type { Random } from '../../random.js'
import type { Scored } from './scored.js'

const logistic = (x: number): number => 1 / (1 + Math.exp(-x))

/** What a binary model's rows are drawn from. */
export interface BinaryLaw {
  /** Mean and spread of the logit that the label is drawn with. */
  readonly mean: number
  readonly spread: number
  /** Spread of what the model does not know of it. */
  readonly unknown: number
  /** Added to the logit of the label, not of the score: concept drift. */
  readonly shift: number
}

export const HONEST: BinaryLaw = { mean: -1, spread: 1.5, unknown: 0.8, shift: 0 }

export function binaryRows(random: Random, n: number, law: Partial<BinaryLaw> = {}): Required<Scored>[] {
  const { mean, spread, unknown, shift } = { ...HONEST, ...law }
  return Array.from({ length: n }, () => {
    const known = mean + spread * random.normal()
    const label = random.chance(logistic(known + unknown * random.normal() + shift)) ? 1 : 0
    return { value: logistic(known), label }
  })
}

/** Numbers about `mean` ± 20, errors of a spread that grows with the prediction, by `scale`, and of mean `bias`. */
export function numberRows(random: Random, n: number, { mean = 100, scale = 1, bias = 0 } = {}): Required<Scored>[] {
  return Array.from({ length: n }, () => {
    const value = mean + 20 * random.normal()
    return { value, label: value - bias - scale * (2 + Math.abs(value) / 20) * random.normal() }
  })
}

/** Four classes; the model is right `right` of the time, otherwise it takes the next. */
export function classRows(
  random: Random,
  n: number,
  { shares = [0.5, 0.3, 0.15, 0.05], right = 0.8 } = {},
): Required<Scored>[] {
  return Array.from({ length: n }, () => {
    let label = 0
    for (let u = random.next() - shares[0]!; u > 0 && label < 3; u -= shares[label]!) label++
    return { value: random.chance(right) ? label : (label + 1) % 4, label }
  })
}
