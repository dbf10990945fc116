import { DriftlineError } from '../core/error.js'
import { NumberParity } from '../core/join/number-parity.js'
import type { FeatureParity } from '../core/join/parity.js'
import { TextParity } from '../core/join/text-parity.js'
import type { Tolerance } from '../core/join/tolerance.js'
import { masked } from '../core/join/words.js'
import type { PairNames } from '../files/pair-columns.js'
import type { Pairs, SideCounts } from '../files/pairs.js'

export interface CompareOptions {
  readonly tolerance: (feature: string) => Tolerance
  /** Example rows a feature. */
  readonly examples: number
  /** False: examples are masked. */
  readonly showValues: boolean
  /** Share of rows that may differ, of each feature and of the keys. */
  readonly maxMismatch: number
  /** Told the share done, 0 to 1, and what is being done. */
  readonly onProgress?: (done: number, what: string) => void
}

/** Rows of one file: rows = withoutKey + duplicates + unmatched + pairs. */
export interface ComparedSide extends SideCounts {
  readonly source: string
  /** Keys that the other file does not have. */
  readonly unmatched: number
}

/** Two files of the same rows through two pipelines; the public form of `compare --json`. */
export interface Comparison {
  readonly a: ComparedSide
  readonly b: ComparedSide
  readonly key: readonly string[]
  readonly pairs: number
  /** Share of the keys of both files that only one has. */
  readonly unmatchedRate: number
  /** Where most keys do not meet: by how many hours A's times must be moved back for them to; null: by none. */
  readonly keyHours: number | null
  readonly onlyInA: readonly string[]
  readonly onlyInB: readonly string[]
  /** Highest rate first. */
  readonly features: readonly FeatureParity[]
  readonly maxMismatch: number
  /** Whether no rate is above `maxMismatch`. */
  readonly equal: boolean
}

/** Compares row by row, in one pass over the joined rows; memory does not grow with them. */
export async function compare(pairs: Pairs, names: PairNames, options: CompareOptions): Promise<Comparison> {
  const { columns } = pairs
  const { onProgress } = options
  onProgress?.(0, `reading ${pairs.a.source}`)
  const a = await take(pairs, 'a')
  onProgress?.(0.3, `reading ${pairs.b.source}`)
  const b = await take(pairs, 'b')
  onProgress?.(0.6, 'joining')
  const features = columns.compared.map(({ name, kind }) =>
    kind === 'text'
      ? new TextParity(name, options)
      : new NumberParity(name, kind, { tolerance: options.tolerance(name), examples: options.examples }),
  )
  const keysOf = (side: SideCounts): number => side.rows - side.withoutKey - side.duplicates
  const most = Math.max(keysOf(a), keysOf(b))
  let rows = 0
  let matched = 0
  for await (const chunk of pairs.scan(options.showValues)) {
    for (const [c, values] of chunk.columns.entries()) {
      const feature = features[c]!
      if (values.kind === 'text' && feature instanceof TextParity) feature.add(chunk.rows, values.a, values.b)
      else if (values.kind === 'number' && feature instanceof NumberParity) feature.add(chunk.rows, values.a, values.b)
    }
    for (let i = 0; i < chunk.rows.size; i++) matched += chunk.rows.inA[i]! & chunk.rows.inB[i]!
    rows += chunk.rows.size
    onProgress?.(0.6 + 0.4 * Math.min(1, rows / most), `${rows} rows`)
  }
  const keyHours = 2 * matched < most ? await pairs.hoursBetweenKeys() : null
  if (matched === 0) throw await noPairs(pairs, names, keyHours)
  const found = features.map(feature => feature.finish(options.showValues))
  found.sort((x, y) => y.rate - x.rate)
  const unmatchedRate = (rows - matched) / rows
  return {
    a: { source: pairs.a.source, ...a, unmatched: keysOf(a) - matched },
    b: { source: pairs.b.source, ...b, unmatched: keysOf(b) - matched },
    key: names.key,
    pairs: matched,
    unmatchedRate,
    keyHours,
    onlyInA: columns.onlyInA,
    onlyInB: columns.onlyInB,
    features: found,
    maxMismatch: options.maxMismatch,
    equal: unmatchedRate <= options.maxMismatch && found.every(({ rate }) => rate <= options.maxMismatch),
  }
}

/** A key that most rows share is none. */
async function take(pairs: Pairs, side: 'a' | 'b'): Promise<SideCounts> {
  const counts = await pairs.take(side)
  const { source } = pairs[side]
  const key = pairs.columns.key.map(([a, b]) => (side === 'a' ? a : b).name).join(', ')
  if (counts.withoutKey === counts.rows)
    throw new DriftlineError('bad-input', `${source}: no row has a value in ${key}; name another --key`)
  if (2 * counts.duplicates > counts.rows - counts.withoutKey)
    throw new DriftlineError(
      'bad-input',
      `${source}: ${key} is not a key, ${counts.duplicates} of ${counts.rows} rows repeat one; name all columns that tell rows apart, --key A B`,
    )
  return counts
}

async function noPairs(pairs: Pairs, names: PairNames, hours: number | null): Promise<DriftlineError> {
  const [a, b] = [await pairs.firstKey('a'), await pairs.firstKey('b')].map(masked)
  const why =
    hours === null
      ? `${names.key.join(', ')} reads like ${a} there and ${b} here; name a key that both write alike, or --map A=B`
      : zoneSentence(hours)
  return new DriftlineError('bad-input', `no key of ${pairs.a.source} is in ${pairs.b.source}: ${why}`)
}

/** Keys of two time zones. */
export function zoneSentence(hours: number): string {
  return `the times in A's keys are ${Math.abs(hours)} h ${hours > 0 ? 'later' : 'earlier'} than B's, as of another time zone; write both in UTC`
}
