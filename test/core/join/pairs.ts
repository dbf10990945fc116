import { NumberParity } from '../../../src/core/join/number-parity.js'
import type { FeatureParity, PairRows } from '../../../src/core/join/parity.js'
import { TextParity } from '../../../src/core/join/text-parity.js'
import { type Tolerance, USUAL_TOLERANCE } from '../../../src/core/join/tolerance.js'

/** One pair: undefined where a file has no such row, null where it has no value, a text where it has one of another type. */
export type Pair<V> = readonly [a: V | null | undefined, b: V | null | undefined]

export interface Way {
  readonly tolerance?: Tolerance
  readonly kind?: 'number' | 'time'
  /** Entity and time (epoch ms) of each pair, which then come by entity and time. */
  readonly of?: readonly (readonly [entity: number, time: number])[]
  readonly shown?: boolean
}

function rowsOf(pairs: readonly Pair<unknown>[], of: Way['of']): PairRows {
  const has = (side: 0 | 1): Uint8Array => Uint8Array.from(pairs, pair => (pair[side] === undefined ? 0 : 1))
  const numbers = Float64Array.from(pairs, (_, i) => i + 1)
  const begins = (of ?? []).map(([entity], i) => (i === 0 || of![i - 1]![0] !== entity ? 1 : 0))
  return {
    size: pairs.length,
    inA: has(0),
    inB: has(1),
    rowA: numbers,
    rowB: numbers,
    keys: pairs.map((_, i) => `key ${i}`),
    entities: of ? { begins: Uint8Array.from(begins), times: Float64Array.from(of, ([, time]) => time) } : null,
  }
}

export function numbers(pairs: readonly Pair<number | string>[], way: Way = {}): FeatureParity {
  const parity = new NumberParity('x', way.kind ?? 'number', {
    tolerance: way.tolerance ?? USUAL_TOLERANCE,
    examples: 10,
  })
  const side = (s: 0 | 1) => ({
    numbers: Float64Array.from(pairs, pair => (typeof pair[s] === 'number' ? pair[s] : 0)),
    valid: Uint8Array.from(pairs, pair => (typeof pair[s] === 'number' ? 1 : 0)),
    odd: pairs.map(pair => (typeof pair[s] === 'string' ? pair[s] : null)),
  })
  parity.add(rowsOf(pairs, way.of), side(0), side(1))
  return parity.finish(way.shown ?? false)
}

export function texts(pairs: readonly Pair<string>[], way: Way = {}): FeatureParity {
  const parity = new TextParity('x', { examples: 10 })
  const side = (s: 0 | 1) => pairs.map(pair => pair[s] ?? null)
  parity.add(rowsOf(pairs, way.of), side(0), side(1))
  return parity.finish(way.shown ?? false)
}
