import avsc from 'avsc'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { Part } from '../../src/core/window/part.js'
import { built } from './built.js'
import type { Fetched } from './contenders.js'
import { NUMERIC, SCHEMA, WINDOW_MS } from './workload.js'

const { cdfAt, ecdf } = await built<typeof import('../../src/core/sketch/ecdf.js')>('core/sketch/ecdf')
const { mergeSketches } = await built<typeof import('../../src/core/sketch/merge.js')>('core/sketch/merge')

const QUANTILES = 1000

export interface RankError {
  readonly anywhere: number
  /** At ranks ≤ .1 and ≥ .9. */
  readonly tails: number
}

/**
 * Worst |estimated − exact| rank of each numeric series over the rows of these panes, their parts merged as stage 2 does. Ranks of values,
 * halfway through their ties, at a thousand quantiles.
 */
export function rankError(
  batches: readonly Fetched[],
  parts: readonly Part[],
  baseline: Baseline,
  panes: ReadonlySet<number>,
): RankError[] {
  const columns = columnsOf(batches, panes)
  return NUMERIC.map((name, f) => {
    let anywhere = 0
    let tails = 0
    const { grid } = baseline.features.find(feature => feature.name === name)!.numeric!
    const states = parts
      .filter(({ pane }) => panes.has(pane))
      .flatMap(({ leaves }) => leaves.flatMap(leaf => leaf.features.filter(({ feature }) => feature === name)))
    const curve = ecdf(mergeSketches(states, grid).numeric!, grid)
    const sorted = Float64Array.from(columns[f]!).sort()
    for (let q = 1; q < QUANTILES; q++) {
      const x = sorted[Math.floor((q / QUANTILES) * sorted.length)]!
      const exact = (sorted.indexOf(x) + sorted.lastIndexOf(x) + 1) / 2 / sorted.length
      const error = Math.abs((cdfAt(curve, x, 'left') + cdfAt(curve, x)) / 2 - exact)
      anywhere = Math.max(anywhere, error)
      if (exact <= 0.1 || exact >= 0.9) tails = Math.max(tails, error)
    }
    return { anywhere, tails }
  })
}

/** The numbers of each numeric feature in these panes. */
function columnsOf(batches: readonly Fetched[], panes: ReadonlySet<number>): number[][] {
  const type = avsc.Type.forSchema(SCHEMA as avsc.Schema)
  const columns = NUMERIC.map((): number[] => [])
  for (const { values } of batches)
    for (const value of values) {
      const { eventTime, features } = type.decode(value, 5).value as {
        eventTime: number
        features: Record<string, number | null>
      }
      if (!panes.has(Math.floor(eventTime / WINDOW_MS) * WINDOW_MS)) continue
      NUMERIC.forEach((name, f) => {
        const x = features[name]
        if (x != null) columns[f]!.push(x)
      })
    }
  return columns
}
