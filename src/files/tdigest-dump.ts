import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import tdigest, { type Centroid, type TDigest } from 'tdigest'
import { DriftlineError } from '../core/error.js'
import type { Weighted } from '../core/sketch/state.js'

/** One feature of a dump of npm `tdigest`. */
export interface DumpedDigest {
  readonly feature: string
  /** Observations with a value, and without. */
  readonly count: number
  readonly nulls: number
  /** Rebuilt from the dump, for quantiles by its own rule. */
  readonly digest: TDigest
  /** Its contents as points: what was one value stays one, what was a range is spread over it. */
  readonly weighted: Weighted
}

/** The library's default: no more than 4·N·δ·q(1−q) observations share a centroid, unless they are the same value. */
const DELTA = 0.01
/** Points that a centroid of a range is spread over. */
const SPREAD = 8
const SHAPE =
  '{ "feature": [{ "mean": 1.5, "n": 3 }, …] } (digest.toArray() of each) or { "feature": { "centroids": […], "nulls": 2 } }'

/** Reads a JSON file of dumps: feature → `digest.toArray()`, or → `{ centroids, nulls }`. Gzipped too. */
export async function readDigestDump(path: string): Promise<DumpedDigest[]> {
  const dump = await readJsonFile(path)
  if (typeof dump !== 'object' || dump === null || Array.isArray(dump)) throw unfit(path, 'it is no object of features')
  const features = Object.entries(dump).map(([feature, value]) => digestOf(path, feature, value))
  if (features.length === 0) throw unfit(path, 'it has no features')
  return features
}

async function readJsonFile(path: string): Promise<unknown> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (cause) {
    throw new DriftlineError('bad-input', `${path}: cannot be read (${(cause as Error).message}); check the path`, {
      cause,
    })
  }
  try {
    const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b
    return JSON.parse((gzipped ? gunzipSync(bytes) : bytes).toString('utf8'))
  } catch (cause) {
    throw new DriftlineError('bad-input', `${path}: not JSON (${(cause as Error).message}); expected ${SHAPE}`, {
      cause,
    })
  }
}

function digestOf(path: string, feature: string, value: unknown): DumpedDigest {
  const { centroids, nulls } = Array.isArray(value)
    ? { centroids: value, nulls: 0 }
    : ((value ?? {}) as Record<string, unknown>)
  if (!Array.isArray(centroids)) throw unfit(path, `${feature} has no centroids`)
  const without = nulls ?? 0
  if (typeof without !== 'number' || !Number.isInteger(without) || without < 0)
    throw unfit(path, `nulls of ${feature} is no count`)
  const list = centroids.map((one, i): Centroid => {
    const { mean, n } = (one ?? {}) as Partial<Centroid>
    // The library takes null for a value: such a centroid has no place among numbers.
    if (typeof mean !== 'number' || typeof n !== 'number' || !(n > 0))
      throw unfit(
        path,
        `centroid ${i + 1} of ${feature} is ${JSON.stringify(one)}, without a number as mean or a count above 0`,
      )
    return { mean, n }
  })
  list.sort((a, b) => a.mean - b.mean)
  // Ascending and without compression nothing merges, so that the same dump gives the same digest.
  const digest = new tdigest.TDigest(DELTA, 0, 0)
  digest.push_centroid(list)
  const count = list.reduce((sum, { n }) => sum + n, 0)
  return { feature, count, nulls: without, digest, weighted: weightedOf(list, count) }
}

function weightedOf(list: readonly Centroid[], count: number): Weighted {
  const values: number[] = []
  const weights: number[] = []
  let below = 0
  for (const [i, { mean, n }] of list.entries()) {
    const q = (below + n / 2) / count
    const isValue = n === 1 || n > 1 + 4 * count * DELTA * q * (1 - q)
    const lower = i === 0 || isValue ? mean : (list[i - 1]!.mean + mean) / 2
    const upper = i === list.length - 1 || isValue ? mean : (mean + list[i + 1]!.mean) / 2
    const points = isValue ? 1 : SPREAD
    for (let k = 0; k < points; k++) {
      // Half of the observations lie on each side of the mean.
      const at = (k + 0.5) / points
      values.push(isValue ? mean : at < 0.5 ? lower + 2 * at * (mean - lower) : mean + (2 * at - 1) * (upper - mean))
      weights.push(n / points)
    }
    below += n
  }
  return { values: Float64Array.from(values), weights: Float64Array.from(weights) }
}

function unfit(path: string, why: string): DriftlineError {
  return new DriftlineError('bad-input', `${path} is no dump of npm tdigest: ${why}; expected ${SHAPE}`)
}
