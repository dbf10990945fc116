/** A number with the digits that tell it from another constant. */
export const exactly = (x: number): string => String(Number(x.toPrecision(6)))

const UNITS: readonly (readonly [ms: number, one: string, many: string])[] = [
  [86_400_000, 'day', 'days'],
  [3_600_000, 'h', 'h'],
  [60_000, 'min', 'min'],
  [1000, 's', 's'],
  [1, 'ms', 'ms'],
]

/** A duration in the largest unit that it has a multiple, or at least two, of. */
export function span(ms: number): string {
  const size = Math.abs(ms)
  const [per, one, many] = UNITS.find(([unit]) => size % unit === 0 && size > 0) ?? UNITS.at(-1)!
  const [coarse] = UNITS.find(([unit]) => size >= 2 * unit) ?? UNITS.at(-1)!
  if (size / per > 1000 && coarse > per) {
    const unit = UNITS.find(([ms]) => ms === coarse)!
    return `${Number((size / coarse).toPrecision(3))} ${unit[2]}`
  }
  return `${size / per} ${size === per ? one : many}`
}

/**
 * A value without what it says: digits become 9, letters a or A. How it is written stays visible (length, decimals, case, spaces).
 */
export function masked(text: string): string {
  return text.replace(/\p{N}/gu, '9').replace(/\p{L}/gu, letter => (/\p{Lu}/u.test(letter) ? 'A' : 'a'))
}
