/** What one row holds of one feature: null as sent, `undefined` where the key is absent. */
export type Value = number | string | null | undefined
/** One feature's values of some rows, in time order. */
export type Column = readonly Value[]

export interface Feature {
  readonly name: string
  readonly kind: 'numeric' | 'categorical'
}

/** 32-bit FNV-1a of the parts' text: the seed of whatever the parts name. */
export function seedOf(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const char of parts.join('|')) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193)
  return hash >>> 0
}

export function shuffled<T>(of: readonly T[], next: () => number): T[] {
  const out = [...of]
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1))
    ;[out[i], out[j]] = [out[j]!, out[i]!]
  }
  return out
}

/** @param sorted ascending; linear between neighbours as numpy has it, so that what lies between two equal values is that value. */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1)
  const i = Math.floor(at)
  const rest = at - i
  if (rest === 0) return sorted[i]!
  const [low, high] = [sorted[i]!, sorted[i + 1]!]
  return rest < 0.5 ? low + (high - low) * rest : high - (high - low) * (1 - rest)
}

export const mean = (of: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < of.length; i++) sum += of[i]!
  return sum / of.length
}

/** Standard deviation with n − 1. */
export function deviation(of: ArrayLike<number>): number {
  const middle = mean(of)
  let sum = 0
  for (let i = 0; i < of.length; i++) sum += (of[i]! - middle) ** 2
  return Math.sqrt(sum / (of.length - 1))
}

export const ascending = (of: Iterable<number>): Float64Array => Float64Array.from(of).sort()
