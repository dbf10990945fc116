import type { Monitor } from '../monitor.js'
import { parityKind } from '../parity/kind.js'
import type { PairKind } from './pair-accumulator.js'

/** The joins of pairs that a monitor declares. */
export function pairKindsOf(monitor: Monitor): PairKind<unknown>[] {
  return [parityKind(monitor)].flatMap(kind => (kind === null ? [] : [kind as PairKind<unknown>]))
}
