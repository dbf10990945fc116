import { Distinct } from './distinct.js'
import { byCount, type HeavyCategory, hashText, MOST_HEAVY } from './heavy-categories.js'
import type { CategoricalState } from './state.js'

/** What several states say of one value. */
interface Seen {
  count: number
  error: number
  /** Floors of the states that list it. */
  floors: number
}

/** Merges categorical states; the result does not depend on their order. */
export function mergeCategorical(states: readonly CategoricalState[]): CategoricalState {
  const known = new Map<string, number>()
  const seen = new Map<string, Seen>()
  let count = 0
  let unknown = 0
  let floors = 0
  for (const state of states) {
    count += state.count
    unknown += state.unknown
    const floor = floorOf(state)
    floors += floor
    for (const [value, n] of state.known) known.set(value, (known.get(value) ?? 0) + n)
    for (const { value, count, error } of state.heavy) {
      const sum = seen.get(value)
      if (sum === undefined) seen.set(value, { count, error, floors: floor })
      else {
        sum.count += count
        sum.error += error
        sum.floors += floor
      }
    }
  }
  unknown -= nameKnown(known, seen)
  const all: HeavyCategory[] = []
  for (const [value, { count, error, floors: listed }] of seen) {
    const unlisted = floors - listed // what the states that do not list it may have seen
    all.push({ value, count: count + unlisted, error: error + unlisted })
  }
  const heavy = all.sort(byCount).slice(0, MOST_HEAVY)
  return { count, known, unknown, heavy, distinct: mergeDistinct(states, all.length) }
}

/** What a value that the state does not list may have come to, at most. */
function floorOf({ heavy, distinct }: CategoricalState): number {
  return distinct === null || heavy.length === 0 ? 0 : heavy[heavy.length - 1].count
}

/**
 * A value that one plan names and another does not, as before and after the first baseline, counts as known.
 * @returns rows that became known
 */
function nameKnown(known: Map<string, number>, seen: Map<string, Seen>): number {
  let moved = 0
  for (const value of known.keys()) {
    const sum = seen.get(value)
    if (sum === undefined) continue
    const sure = sum.count - sum.error
    known.set(value, known.get(value)! + sure)
    seen.delete(value)
    moved += sure
  }
  return moved
}

function mergeDistinct(states: readonly CategoricalState[], listed: number): Uint8Array | null {
  if (listed <= MOST_HEAVY && states.every(state => state.distinct === null)) return null
  const distinct = new Distinct()
  for (const state of states) {
    if (state.distinct !== null) distinct.merge(state.distinct)
    else for (const { value } of state.heavy) distinct.add(hashText(value))
  }
  return distinct.registers
}
