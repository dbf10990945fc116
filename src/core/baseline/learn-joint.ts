import { jointName, standardised, stepped } from '../derive/joint.js'
import type { Joint, JointTerm } from '../derive/origin.js'
import { hashBytes, utf8 } from '../dictionary.js'
import type { Monitor } from '../monitor.js'
import type { Layout } from '../row.js'
import { NumericSketch } from '../sketch/numeric-sketch.js'
import { correlations } from '../statistic/correlation.js'
import type { FeatureBaseline } from './baseline.js'
import { freezeGrid } from './freeze.js'
import { type Direction, relations } from './relations.js'
import type { RowSample } from './row-sample.js'

/** Series for relations: one for four features, so that they cost a share of what the features do; and random ones, where asked for. */
const FEATURES_A_RELATION = 4
const LEAST_RELATIONS = 2
const MOST_RELATIONS = 8
const RANDOM = 4
/** Features of a random direction: half of all, at most so many. */
const MOST_RANDOM_TERMS = 8
/** Features that are looked at: beyond, the first in name order. */
const MOST_FEATURES = 500
/** Rows that a direction must be seen in, and share of the sample that a feature must have a number in. */
const FEWEST_ROWS = 200
const LEAST_USABLE = 0.5
/** Tails beyond this many σ are not what correlations are learnt from. */
const LEARN_CLIP = 3

interface Column {
  readonly name: string
  readonly median: number
  readonly sigma: number
  /** Standard deviation of the standardised values. */
  readonly deviation: number
  /** Standardised values of the sample's rows, NaN where unusable. */
  readonly values: Float64Array
}

/**
 * The series that watch how the numeric features of a model go together: the relations that its training rows have and, where asked for,
 * seeded random directions for relations that they do not have. None where there are fewer than two features, or too few rows.
 * @param features of the baseline, frozen
 */
export function learnJoint(
  { model, joint }: Pick<Monitor, 'model' | 'joint'>,
  features: readonly FeatureBaseline[],
  sample: RowSample,
  layout: Layout,
): FeatureBaseline[] {
  const columns = features
    .flatMap(feature => columnOf(feature, sample, layout) ?? [])
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, MOST_FEATURES)
  if (columns.length < 2) return []
  const values = columns.map(column => column.values)
  const clipped = values.map(column => column.map(z => Math.max(-LEARN_CLIP, Math.min(LEARN_CLIP, z))))
  const most = Math.max(LEAST_RELATIONS, Math.min(MOST_RELATIONS, Math.ceil(columns.length / FEATURES_A_RELATION)))
  const found = relations(correlations(clipped, FEWEST_ROWS), most, values[0].length)
  const drawn = Array.from({ length: joint === 'random' ? RANDOM : 0 }, (_, index) => random(model, index + 1, columns))
  return [
    ...found.map((direction, i) => contractOf(direction, 'relation', i + 1, columns)),
    ...drawn.map((direction, i) => contractOf(direction, 'random', i + 1, columns)),
  ].filter(contract => contract !== null)
}

function columnOf({ name, numeric, origin }: FeatureBaseline, sample: RowSample, layout: Layout): Column | null {
  // Projections of one vector go together as its numbers do: that is what they are there for.
  if (numeric === null || (origin?.what === 'embedding' && origin.part > 0)) return null
  const median = numeric.fences.q50
  const { sigma } = numeric
  const values = sample.column(layout.indexOf(name)).map(x => standardised(x, { median, sigma }))
  const usable = values.filter(z => !Number.isNaN(z))
  if (usable.length < Math.max(FEWEST_ROWS, LEAST_USABLE * values.length)) return null
  const mean = usable.reduce((sum, z) => sum + z, 0) / usable.length
  const deviation = Math.sqrt(usable.reduce((sum, z) => sum + (z - mean) ** 2, 0) / usable.length)
  return deviation > 1e-6 ? { name, median, sigma, deviation, values } : null
}

/** Half of the features with signs, both by a hash of model, index and name: the same whatever order the columns have. */
function random(model: string, index: number, columns: readonly Column[]): Direction {
  const hashes = columns.map(({ name }) => {
    const bytes = utf8(JSON.stringify([model, index, name]))
    return hashBytes(bytes, 0, bytes.length)
  })
  const size = Math.max(2, Math.min(MOST_RANDOM_TERMS, Math.round(columns.length / 2)))
  const taken = [...columns.keys()].sort((a, b) => (hashes[a] >>> 1) - (hashes[b] >>> 1) || a - b).slice(0, size)
  return { columns: taken, weights: taken.map(c => ((hashes[c] & 1) === 0 ? 1 : -1) / Math.sqrt(size)) }
}

/** The direction as a feature, cut by what the sample's rows show; null where too few rows have all of it. */
function contractOf(
  direction: Direction,
  chosen: Joint['chosen'],
  index: number,
  columns: readonly Column[],
): FeatureBaseline | null {
  const taken = direction.columns.map(c => columns[c])
  const terms = taken.map(({ name, median, sigma, deviation }, t): JointTerm => {
    return { feature: name, median, sigma, weight: direction.weights[t] / deviation }
  })
  const sketch = new NumericSketch({ grid: null, countDistinct: false })
  let rows = 0
  for (let i = 0; i < taken[0].values.length; i++) {
    const p = stepped(terms.reduce((sum, { weight }, t) => sum + weight * taken[t].values[i], 0))
    if (Number.isNaN(p)) continue
    sketch.add(p)
    rows++
  }
  const state = sketch.state()
  sketch.release()
  if (rows < FEWEST_ROWS) return null
  const origin: Joint = { what: 'joint', chosen, terms }
  const name = jointName(origin, index)
  // The unit stays that of the features: a relation so tight that a tenth of its own spread is nothing must not ring at that.
  const numeric = { ...freezeGrid(state), sigma: 1 }
  return { name, kind: 'numeric', unit: null, numeric, values: [], segments: new Map(), origin }
}
