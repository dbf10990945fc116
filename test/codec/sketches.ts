import fc from 'fast-check'
import type { Baseline, Trained } from '../../src/core/baseline/baseline.js'
import type { Origin } from '../../src/core/derive/origin.js'
import { CAPS } from '../../src/core/window/caps.js'
import type { Part } from '../../src/core/window/part.js'

const count = fc.oneof(fc.nat(300), fc.nat(), fc.integer({ min: 0, max: 2 ** 52 }))
const name = fc.oneof(
  fc.constantFrom('trip_miles', 'fare', 'payment type', 'a/b', 'ü'),
  fc.string({ minLength: 1, maxLength: 12 }),
)
const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const counts = (length: number) =>
  fc.array(count, { minLength: length, maxLength: length }).map(all => Float64Array.from(all))
const doubles = (length: number) =>
  fc.array(finite, { minLength: length, maxLength: length }).map(all => Float64Array.from(all))
/** −0 is no weight: the codec writes whole weights as counts, which have none. */
const weights = (length: number) => doubles(length).map(all => all.map(x => x + 0))
const registers = fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }))
const origin: fc.Arbitrary<Origin> = fc.oneof(
  fc.record({
    what: fc.constant('joint' as const),
    chosen: fc.constantFrom('relation', 'random'),
    terms: fc.array(fc.record({ feature: name, median: finite, sigma: finite, weight: finite }), { maxLength: 4 }),
  }),
  fc.record({
    what: fc.constant('embedding' as const),
    of: name,
    part: fc.nat(4),
    dimension: fc.option(fc.nat(4096)),
  }),
  fc.record({
    what: fc.constant('text' as const),
    of: name,
    part: fc.constantFrom('length', 'tokens', 'oov'),
    vocabulary: fc.array(fc.integer()).map(all => Int32Array.from(all)),
  }),
)
const weighted = fc
  .nat(20)
  .chain(size => fc.record({ values: doubles(size), weights: fc.oneof(counts(size), weights(size)) }))

export const sketch = fc.record({
  feature: name,
  flags: counts(9),
  numeric: fc.option(
    fc.record({
      count,
      integers: count,
      zeros: count,
      negatives: count,
      outside: count,
      mean: finite,
      m2: finite,
      min: fc.oneof(finite, fc.constant(Number.POSITIVE_INFINITY)),
      max: fc.oneof(finite, fc.constant(Number.NEGATIVE_INFINITY)),
      cells: fc.nat(24).chain(counts),
      exact: fc.option(weighted),
      digest: fc.option(weighted),
      distinct: registers,
      heavy: fc.option(
        fc
          .nat(5)
          .chain(size =>
            fc.record({ values: doubles(size), counts: counts(size), errors: counts(size), floor: count }),
          ),
      ),
    }),
  ),
  categorical: fc.option(
    fc.record({
      count,
      known: fc.array(fc.tuple(name, count), { maxLength: 5 }).map(entries => new Map(entries)),
      unknown: count,
      heavy: fc.array(fc.record({ value: name, count, error: count }), { maxLength: 5 }),
      distinct: registers,
    }),
  ),
  repeatable: count,
  repeats: count,
  entityRepeatable: count,
  entityRepeats: count,
})

export const part: fc.Arbitrary<Part> = fc.record({
  model: name,
  monitor: name,
  modelVersion: name,
  pane: fc.integer({ min: 0, max: 2 ** 41 }).map(pane => pane * 1000),
  round: fc.maxSafeInteger(),
  topic: name,
  partition: fc.nat(1000),
  nextOffset: count,
  gap: fc.boolean(),
  omitted: fc.array(fc.record({ cap: fc.constantFrom(...CAPS), limit: fc.nat(), rows: fc.nat(), values: fc.nat() }), {
    maxLength: 2,
  }),
  baselines: fc.array(fc.nat(1000), { maxLength: 2 }),
  offsets: fc.record({ from: count, to: count }),
  rows: count,
  leaves: fc.array(
    fc.record({
      group: fc.nat(2),
      values: fc.array(fc.option(name), { maxLength: 2 }),
      rows: count,
      features: fc.array(sketch, { maxLength: 6 }),
    }),
    { maxLength: 6 },
  ),
  news: fc.array(fc.tuple(name, count), { maxLength: 3 }).map(entries => new Map(entries)),
  keys: fc.option(
    fc.record({
      threshold: fc.nat(32).map(halvings => 2 ** (32 - halvings)),
      keys: fc.uint32Array({ maxLength: 20 }),
      counts: fc.nat(5).chain(counts),
    }),
  ),
})

const leakage = fc.record({
  label: name,
  labelled: count,
  unlabelled: count,
  features: fc.array(
    fc.record({
      feature: name,
      measure: fc.constantFrom('auc', 'r2', 'null'),
      class: fc.option(name),
      ...{ value: finite, low: finite, high: finite, error: finite, threshold: finite },
    }),
    { maxLength: 3 },
  ),
})

const swings = fc.record({
  sizeMs: count,
  checks: fc
    .uniqueArray(fc.tuple(name, fc.record({ windows: fc.integer({ min: 3, max: 19 }), largest: finite })), {
      maxLength: 3,
      selector: ([check]) => check,
    })
    .map(entries => new Map(entries)),
})

/** With swings, or without. */
const trained: fc.Arbitrary<Trained> = fc
  .record({ rows: count, sketch, swings: fc.option(swings) })
  .map(({ swings, ...one }) => (swings === null ? one : { ...one, swings }))

const unlabelled: fc.Arbitrary<Baseline> = fc.record({
  model: name,
  version: fc.integer({ min: 1, max: 1000 }),
  modelVersion: fc.option(name),
  hash: fc.constant('0123abcd'),
  source: name,
  rows: count,
  loadedAt: count,
  from: fc.option(count),
  timeRange: fc.option(fc.record({ from: count, to: count })),
  segments: fc
    .array(fc.tuple(name, fc.array(name, { maxLength: 3 })), { maxLength: 2 })
    .map(entries => new Map(entries)),
  features: fc.uniqueArray(
    featureOf({
      name,
      kind: fc.constantFrom('numeric', 'categorical', 'boolean'),
      unit: fc.option(name),
      numeric: fc.option(
        fc.record({
          grid: fc.record({ edges: fc.nat(5).chain(doubles), atoms: fc.nat(3).chain(doubles) }),
          quantileEdges: fc.nat(4).chain(doubles),
          sigma: finite,
          fences: fc.record({ q01: finite, q50: finite, q95: finite, q99: finite }),
        }),
      ),
      values: fc.array(name, { maxLength: 3 }),
      segments: fc.array(fc.tuple(name, trained), { maxLength: 3 }).map(entries => new Map(entries)),
    }),
    { maxLength: 4, selector: feature => feature.name },
  ),
})

/** With a label, or without. */
export const baseline: fc.Arbitrary<Baseline> = fc
  .tuple(unlabelled, fc.option(leakage))
  .map(([one, leakage]) => (leakage === null ? one : { ...one, leakage }))

/** With an origin, or without. */
function featureOf<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T & { origin?: Origin }> {
  return fc.record({ ...fields, origin: fc.option(origin) }).map(({ origin: made, ...one }) => {
    return (made === null ? one : { ...one, origin: made }) as T & { origin?: Origin }
  })
}

/** Bytes of headers as a log hands them over. */
export function headerBytes(headers: Readonly<Record<string, string | Uint8Array>> = {}): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, Buffer.from(value)]))
}
