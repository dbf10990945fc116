import { NumberParity } from '../join/number-parity.js'
import { Odd, type PairValue } from '../join/pair-value.js'
import { type FeatureParity, PARITY_LEVELS, type PairRows } from '../join/parity.js'
import { TextParity } from '../join/text-parity.js'
import { masked } from '../join/words.js'
import type { Offline } from '../monitor.js'
import { wilson } from '../statistic/intervals.js'
import type { FeatureCounts } from './counts.js'
import type { ParityCauseFacts, ParityFacts } from './event.js'
import type { LookedAt } from './window.js'

const CONFIDENCE = 0.99
const EXAMPLES = 10

export interface Reading {
  readonly offline: Offline
  /** Whether rows tell their entities, so that earlier values of one can be looked for. */
  readonly hasEntities: boolean
  /** Whether texts may be told that the values themselves have. */
  readonly tellsValues: boolean
}

/** One feature of a window: counts of all pairs; causes, ratios and examples from the sample. */
export function readFeature(
  counts: FeatureCounts,
  sample: readonly LookedAt[],
  { offline, hasEntities, tellsValues }: Reading,
): ParityFacts {
  const { name, pairs, matched, mismatched, nullServed, nullOffline, types, differences, difference } = counts
  const different = pairs - matched
  const rate = pairs === 0 ? 0 : different / pairs
  const outcomes = { pairs, matched, mismatched, nullServed, nullOffline, types }
  const facts = {
    ...{ ...outcomes, rate, ...wilson(different, pairs, CONFIDENCE), tolerated: offline.maxMismatch },
    meanDifference: differences === 0 ? null : difference / differences,
  }
  const nothing = { medianRatio: null, differences: null, lagMs: null, causes: [], unexplained: 0, examples: [] }
  if (different === 0) return { ...facts, ...nothing, sampled: 0 }
  const found = analysed(name, sample, { offline, hasEntities })
  if (found.pairs === 0 || found.rate === 0) return { ...facts, ...nothing, unexplained: rate, sampled: found.pairs }
  // Shares of what differs hold for all pairs; how many differ is known exactly.
  const scale = rate / found.rate
  return {
    ...facts,
    medianRatio: found.difference?.medianRatio ?? null,
    differences: found.difference && { p: PARITY_LEVELS, value: found.difference.quantiles },
    lagMs: found.lag?.ms ?? null,
    causes: found.causes.map(
      ({ code, share, sentence, numbers }): ParityCauseFacts => ({
        ...{ code, numbers, share: Math.min(1, share * scale) },
        sentence: sided(sentence, tellsValues),
      }),
    ),
    unexplained: (found.unexplained / found.pairs) * scale,
    sampled: found.pairs,
    examples: found.examples.map(({ rowA, a, b }) => {
      const [servedPartition, servedOffset, offlinePartition, offlineOffset] = sample[rowA].pair.place
      return { servedPartition, servedOffset, offlinePartition, offlineOffset, served: a, offline: b }
    }),
  }
}

/** As `compare` reads two files: served is A. */
function analysed(
  feature: string,
  sample: readonly LookedAt[],
  { offline, hasEntities }: Pick<Reading, 'offline' | 'hasEntities'>,
): FeatureParity {
  const [a, b] = [sample.map(one => one.served(feature)), sample.map(one => one.offline(feature))]
  const rows = pairRows(
    sample,
    sample.map(({ isPast }, i) => !isPast && !(a[i] === undefined && b[i] === undefined)),
    hasEntities,
  )
  const examples = offline.examples === 'none' ? 0 : EXAMPLES
  const shown = offline.examples === 'shown'
  if ([a, b].some(mostlyNumbers)) {
    const parity = new NumberParity(feature, 'number', { tolerance: offline.tolerance, examples })
    parity.add(rows, numberSide(a), numberSide(b))
    return parity.finish(shown)
  }
  const parity = new TextParity(feature, { examples })
  parity.add(rows, a.map(textIn), b.map(textIn))
  return parity.finish(shown)
}

function pairRows(sample: readonly LookedAt[], counts: readonly boolean[], hasEntities: boolean): PairRows {
  const inBoth = Uint8Array.from(counts, Number)
  const places = Float64Array.from(sample.keys())
  const entityAt = (i: number): number | undefined => sample[i]?.pair.entity
  // Rows that tell no entity have no past.
  const begins = Uint8Array.from(sample, ({ pair }, i) => Number(pair.entity === 0 || pair.entity !== entityAt(i - 1)))
  return {
    ...{ size: sample.length, inA: inBoth, inB: inBoth, rowA: places, rowB: places, keys: null },
    entities: hasEntities ? { begins, times: Float64Array.from(sample, ({ pair }) => pair.time) } : null,
  }
}

function mostlyNumbers(values: readonly PairValue[]): boolean {
  let numbers = 0
  let texts = 0
  for (const value of values) {
    if (typeof value === 'number' || value instanceof Odd) numbers++
    else if (typeof value === 'string') texts++
  }
  return numbers > texts
}

function numberSide(values: readonly PairValue[]) {
  const odd = values.map(value => (value instanceof Odd ? value.name : typeof value === 'string' ? value : null))
  return {
    numbers: Float64Array.from(values, value => (typeof value === 'number' ? value : Number.NaN)),
    valid: Uint8Array.from(values, value => Number(typeof value === 'number')),
    odd,
  }
}

function textIn(value: PairValue): string | null {
  return value === undefined || value === null ? null : value instanceof Odd ? value.name : String(value)
}

/** Sentences of `compare`, said of the two sides; what a value says stands in quotes. */
function sided(sentence: string, tellsValues: boolean): string {
  return sentence.replace(/"(?:[^"\\]|\\.)*"|\b[AB]\b/g, found =>
    found === 'A' ? 'serving' : found === 'B' ? 'offline' : tellsValues ? found : masked(found),
  )
}
