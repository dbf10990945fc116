import type { CategoricalState } from '../sketch/state.js'
import { OTHER_LABEL, UNSEEN_LABEL } from './cells.js'

/** What a category is called in events. */
export type Names = (value: string) => string

export const asTheyAre: Names = value => value

/**
 * Categories that fewer than `least` rows have, in the window and in the baseline alike, share one name: who they are is not told
 * (`privacy.minCount`).
 * @param sides the two sketches; null where a side has none
 */
export function namesFrom(least: number, sides: readonly (CategoricalState | null | undefined)[]): Names {
  if (least <= 1) return asTheyAre
  const other = `other (fewer than ${least} rows)`
  return value => {
    if (value === OTHER_LABEL || value === UNSEEN_LABEL) return value
    return sides.some(side => rowsOf(side, value) >= least) ? value : other
  }
}

/** At least so many. */
function rowsOf(side: CategoricalState | null | undefined, value: string): number {
  const found = side?.heavy.find(one => one.value === value)
  return (side?.known.get(value) ?? 0) + (found === undefined ? 0 : found.count - found.error)
}
