import avsc from 'avsc'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { Part } from '../../src/core/window/part.js'
import { built } from './built.js'
import type { Fetched } from './contenders.js'
import { NUMERIC, SCHEMA, WINDOW_MS } from './workload.js'

const { cdfAt, ecdf } = await built<typeof import('../../src/core/sketch/ecdf.js')>('core/sketch/ecdf')
const { mergeSketches } = await built<typeof import('../../src/core/sketch/merge.js')>('core/sketch/merge')

/** Windows that are looked at. */
const WINDOWS = 5
const QUANTILES = 1000

/**
 * Worst |estimated − exact| rank over the numeric series of some windows, their partitions merged as stage 2 does. Ranks of values, halfway
 * through their ties, at a thousand quantiles.
 */
export function rankErrors(
  batches: readonly Fetched[],
  parts: readonly Part[],
  baseline: Baseline,
): { anywhere: number; tails: number } {
  const panes = [...new Set(parts.map(({ pane }) => pane))].sort((a, b) => a - b).slice(1, 1 + WINDOWS)
  const columns = columnsOf(batches, panes)
  let anywhere = 0
  let tails = 0
  for (const pane of panes) {
    NUMERIC.forEach((name, f) => {
      const grid = baseline.features.find(feature => feature.name === name)!.numeric!.grid
      const states = parts
        .filter(part => part.pane === pane)
        .flatMap(({ leaves }) => leaves.flatMap(leaf => leaf.features.filter(({ feature }) => feature === name)))
      const curve = ecdf(mergeSketches(states, grid).numeric!, grid)
      const sorted = Float64Array.from(columns.get(pane)![f]!).sort()
      for (let q = 1; q < QUANTILES; q++) {
        const x = sorted[Math.floor((q / QUANTILES) * sorted.length)]!
        const exact = middleRank(sorted, x)
        const error = Math.abs((cdfAt(curve, x, 'left') + cdfAt(curve, x)) / 2 - exact)
        anywhere = Math.max(anywhere, error)
        if (exact <= 0.1 || exact >= 0.9) tails = Math.max(tails, error)
      }
    })
  }
  return { anywhere, tails }
}

function middleRank(sorted: Float64Array, x: number): number {
  const first = sorted.indexOf(x)
  return (first + sorted.lastIndexOf(x) + 1) / 2 / sorted.length
}

function columnsOf(batches: readonly Fetched[], panes: readonly number[]): Map<number, number[][]> {
  const type = avsc.Type.forSchema(SCHEMA as avsc.Schema)
  const columns = new Map(panes.map(pane => [pane, NUMERIC.map((): number[] => [])]))
  for (const { values } of batches)
    for (const value of values) {
      const { eventTime, features } = type.decode(value, 5).value as {
        eventTime: number
        features: Record<string, number | null>
      }
      const pane = columns.get(Math.floor(eventTime / WINDOW_MS) * WINDOW_MS)
      if (pane === undefined) continue
      NUMERIC.forEach((name, f) => {
        const x = features[name]
        if (x != null) pane[f]!.push(x)
      })
    }
  return columns
}
