import type { PairKind } from '../join/pair-accumulator.js'
import type { Monitor } from '../monitor.js'
import { ParityAccumulator, type ParityCounts } from './counts.js'

/** Served feature values against those recomputed offline; null where the monitor declares none. */
export function parityKind({ offline }: Pick<Monitor, 'offline'>): PairKind<ParityCounts> | null {
  if (offline === undefined) return null
  const { horizonMs, tolerance } = offline
  return { join: 'offline', horizonMs, open: ({ columns }) => new ParityAccumulator(columns, tolerance) }
}
