import type { PairValue } from '../core/join/pair-value.js'
import { flagOf, pairValue } from '../core/join/pair-value.js'
import type { FeatureCounts, ParityCounts } from '../core/parity/counts.js'
import type { SampledPair } from '../core/parity/sample.js'
import { NUMBER, TEXT } from '../core/row.js'
import { packBytes, packCounts, packWords, unpackCounts, unpackWords } from './packed.js'
import { RecordType } from './record-type.js'

/** One feature's values of one side of the sample, by pair. */
interface ColumnRecord {
  readonly flags: Uint8Array
  readonly values: Uint8Array
  readonly texts: readonly string[]
}

/** As schemas/parity-counts.avsc has it: the sample column by column. */
interface ParityCountsRecord extends Omit<ParityCounts, 'quarters' | 'sample'> {
  readonly quarters: readonly { readonly quarters: number; readonly pairs: number }[]
  readonly below: number
  readonly size: number
  readonly units: Uint8Array
  readonly entities: Uint8Array
  readonly times: Uint8Array
  readonly places: Uint8Array
  readonly negative: Uint8Array
  readonly sampleServed: readonly ColumnRecord[]
  readonly sampleOffline: readonly ColumnRecord[]
}

const PARITY_COUNTS = new RecordType<ParityCountsRecord>(['parity-counts.avsc'])

export const PARITY_COUNTED = {
  encode(counted: ParityCounts): Uint8Array {
    return Buffer.concat([Buffer.of(PARITY_COUNTS.version), PARITY_COUNTS.encode(recordOf(counted))])
  },
  decode(bytes: Uint8Array): ParityCounts | null {
    const record = PARITY_COUNTS.decode(bytes.subarray(1), bytes[0])
    return record && countsOf(record)
  },
}

function recordOf({ quarters, sample, ...counts }: ParityCounts): ParityCountsRecord {
  const { below, pairs } = sample
  const columns = counts.features.length
  const side = (values: (pair: SampledPair) => readonly PairValue[]): ColumnRecord[] =>
    Array.from({ length: columns }, (_, c) => columnRecord(pairs.map(pair => values(pair)[c])))
  return {
    ...counts,
    quarters: [...quarters].map(([quarters, pairs]) => ({ quarters, pairs })),
    ...{ below, size: pairs.length },
    units: packWords(Uint32Array.from(pairs, ({ unit }) => unit)),
    entities: packWords(Uint32Array.from(pairs, ({ entity }) => entity)),
    times: packCounts(Float64Array.from(pairs, ({ time }) => time)),
    places: packCounts(Float64Array.from(pairs.flatMap(({ place }) => place))),
    negative: packBytes(Uint8Array.from(pairs, ({ count }) => (count < 0 ? 1 : 0))),
    sampleServed: side(({ served }) => served),
    sampleOffline: side(({ offline }) => offline),
  }
}

function countsOf(record: ParityCountsRecord): ParityCounts {
  const { served, pairs, duplicatesServed, duplicatesOffline, quarters, features, below } = record
  return {
    ...{ served, pairs, duplicatesServed, duplicatesOffline },
    features: features.map((feature): FeatureCounts => ({ ...feature })),
    quarters: new Map(quarters.map(({ quarters, pairs }) => [quarters, pairs])),
    // Stage 2 holds many parts, and looks at the samples of few: they stay bytes until then.
    get sample() {
      return { below, pairs: pairsOf(record) }
    },
  }
}

function pairsOf(record: ParityCountsRecord): SampledPair[] {
  const { size, units, entities, times, places, negative, sampleServed, sampleOffline } = record
  const [unitOf, entityOf] = [unpackWords(units), unpackWords(entities)]
  const [timeOf, placeOf] = [unpackCounts(times), unpackCounts(places)]
  const [served, offline] = [sampleServed.map(valuesOf), sampleOffline.map(valuesOf)]
  return Array.from({ length: size }, (_, i): SampledPair => {
    const [a, b, c, d] = placeOf.subarray(4 * i, 4 * i + 4)
    return {
      ...{ unit: unitOf[i], entity: entityOf[i], time: timeOf[i], place: [a, b, c, d] },
      ...{ served: served.map(column => column[i]), offline: offline.map(column => column[i]) },
      count: negative[i] === 1 ? -1 : 1,
    }
  })
}

function columnRecord(values: readonly PairValue[]): ColumnRecord {
  const flags = Uint8Array.from(values, flagOf)
  const places = new Map<string, number>()
  const numbers = Float64Array.from(values, (value, i) => {
    if (flags[i] === NUMBER) return value as number
    if (flags[i] !== TEXT) return 0
    const known = places.get(value as string)
    if (known !== undefined) return known
    places.set(value as string, places.size)
    return places.size - 1
  })
  return { flags: packBytes(flags), values: packCounts(numbers), texts: [...places.keys()] }
}

function valuesOf({ flags, values, texts }: ColumnRecord): PairValue[] {
  const numbers = unpackCounts(values)
  return Array.from(numbers, (number, i) => pairValue(flags[i], flags[i] === TEXT ? texts[number] : number))
}
