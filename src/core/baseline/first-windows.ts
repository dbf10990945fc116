import { companionsAmong } from '../derive/companions.js'
import type { Monitor } from '../monitor.js'
import { mergeSketches } from '../sketch/merge.js'
import { projectSketch } from '../sketch/project.js'
import { NO_REPEATS } from '../sketch/repeats.js'
import type { SketchState } from '../sketch/state.js'
import type { Baseline } from './baseline.js'
import { contractOf, segmentsOf } from './build.js'

/** Windows with enough rows that become a baseline where none was loaded. */
export const FIRST_WINDOWS = 14

/** What has been gathered so far: sketches of all rows, without a grid. */
export interface Gathered {
  readonly windows: number
  readonly rows: number
  readonly from: number
  /** End of the newest window in it; windows that overlap it are passed over. */
  readonly to: number
  readonly sketches: readonly SketchState[]
}

/** Adds a window that does not overlap those before. */
export function gather(
  gathered: Gathered | null,
  window: { readonly start: number; readonly end: number; readonly rows: number },
  sketches: readonly SketchState[],
): Gathered {
  if (gathered === null) return { windows: 1, rows: window.rows, from: window.start, to: window.end, sketches }
  if (window.start < gathered.to) return gathered
  const all = new Map(gathered.sketches.map(sketch => [sketch.feature, sketch]))
  for (const sketch of sketches) {
    const known = all.get(sketch.feature)
    all.set(sketch.feature, known === undefined ? sketch : mergeSketches([known, sketch], null))
  }
  const { windows, rows, from } = gathered
  return { windows: windows + 1, rows: rows + window.rows, from, to: window.end, sketches: [...all.values()] }
}

/**
 * The baseline of the windows gathered, for all rows (segments have no baseline of their own until one is loaded). Its bins are estimates
 * of the digests' accuracy: the values themselves are gone.
 */
export function baselineOf(
  monitor: Monitor,
  gathered: Gathered,
  modelVersion: string,
): Omit<Baseline, 'version' | 'hash' | 'loadedAt' | 'from'> {
  const companions = companionsAmong(gathered.sketches.map(({ feature }) => feature))
  const features = gathered.sketches.flatMap(sketch =>
    contractOf(monitor, sketch, companions).map(contract => {
      const counted = projectSketch(sketch, null, contract.numeric?.grid ?? null)
      const named = counted.categorical && {
        ...counted.categorical,
        ...nameValues(counted.categorical, contract.values),
      }
      return {
        ...contract,
        segments: new Map([['', { rows: gathered.rows, sketch: { ...counted, categorical: named, ...NO_REPEATS } }]]),
      }
    }),
  )
  const { rows, from, to } = gathered
  const source = `first ${gathered.windows} windows of model version ${modelVersion}`
  return {
    model: monitor.model,
    modelVersion: null,
    source,
    rows,
    timeRange: { from, to },
    segments: segmentsOf(monitor, features, gathered.sketches),
    features,
  }
}

/** Counts of values that Space-Saving had found, as those of known values. */
function nameValues(state: NonNullable<SketchState['categorical']>, values: readonly string[]) {
  const wanted = new Set(values)
  const known = new Map(state.known)
  for (const { value, count, error } of state.heavy)
    if (wanted.has(value)) known.set(value, (known.get(value) ?? 0) + count - error)
  const sum = [...known.values()].reduce((total, count) => total + count, 0)
  return { known, unknown: Math.max(0, state.count - sum), heavy: [], distinct: null }
}
