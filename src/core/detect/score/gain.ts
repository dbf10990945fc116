import type { FeatureBaseline } from '../../baseline/baseline.js'
import { indexOf } from '../../sketch/search.js'
import { shareZ } from '../../statistic/shares.js'
import type { Side } from '../compare.js'
import type { Profile } from '../profile.js'
import type { Score } from '../score.js'
import { centred, noErrors } from './errors.js'
import { LEAST } from './least.js'

interface Gain {
  readonly value: number
  readonly z: number
  readonly before: number
  readonly now: number
}

const NO_GAIN: Gain = { value: 0, z: 0, before: 0, now: 0 }

/** The value that gained most, against the larger of its share in training and in the reference: sees a default that fills in for values. */
export function gainScore(now: Profile, past: readonly Profile[], trained: (value: number) => number): Score {
  const known = new Map<number, number>()
  let total = 0
  const gains = noErrors(Math.max(0, past.length - 1))
  for (let i = 0; i < past.length; i++) {
    const profile = past[i]
    if (i > 0) gains[i - 1] = largestGain(profile, known, total, trained).z
    const { numbers, at, places } = profile
    const topCounts = at + places.topCounts
    for (let t = at + places.topValues, c = topCounts; t < topCounts; t++, c++)
      known.set(numbers[t], (known.get(numbers[t]) ?? 0) + numbers[c])
    total += profile.count
  }
  const here = largestGain(now, known, total, trained)
  const { z, phi } = centred(here.z, gains, (now.count * past.length) / total)
  const still = here.now - here.before < LEAST.share
  return { statistic: 'gain', z: still ? 0 : z, before: here.before, now: here.now, phi, value: here.value }
}

/** Share of a value in training, as far as it was counted one by one. */
export function trainedShares({ numeric }: FeatureBaseline, training: Side | null): (value: number) => number {
  const state = training?.sketch?.numeric
  if (!numeric || !state || state.count === 0) return () => 0
  const { atoms } = numeric.grid
  return value => {
    const atom = indexOf(atoms, value)
    if (atom >= 0) return state.cells[atom] / state.count
    const counted = state.exact ?? (state.heavy && { values: state.heavy.values, weights: state.heavy.counts })
    const at = counted === null ? -1 : indexOf(counted.values, value)
    return at < 0 ? 0 : counted!.weights[at] / state.count
  }
}

function largestGain(
  { numbers, at, places, count }: Profile,
  known: ReadonlyMap<number, number>,
  total: number,
  trained: (value: number) => number,
): Gain {
  let best = NO_GAIN
  const topCounts = at + places.topCounts
  for (let t = at + places.topValues, c = topCounts; t < topCounts; t++, c++) {
    const [value, came] = [numbers[t], numbers[c]]
    const share = Math.max((known.get(value) ?? 0) / total, trained(value))
    if (came / count <= (share * total + 0.5) / (total + 1)) continue // no gain: z would be at most 0
    const z = shareZ(came, count, share * total, total)
    if (z > best.z) best = { value, z, before: share, now: came / count }
  }
  return best
}
