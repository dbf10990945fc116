import avsc from 'avsc'
import type { Part } from '../../src/core/window/part.js'
import { built } from './built.js'
import { driftline, type Fetched, fetched, naive } from './contenders.js'
import { cpuSeconds } from './cpu.js'
import type { Figure, Piece } from './figures.js'
import { benchBaseline, benchMonitor } from './model.js'
import { type RankError, rankError } from './rank-error.js'
import { CATEGORICAL, NUMERIC, SCHEMA } from './workload.js'

const { encodePart } = await built<typeof import('../../src/codec/part.js')>('codec/part')

const VALUES = NUMERIC.length + CATEGORICAL.length
/** Windows whose ranks are looked at. */
const WINDOWS = 5

/** Stage 1 without the log, beside avsc objects alone and with npm `tdigest`. */
export async function inProcess(count: number): Promise<Piece> {
  const batches = fetched(count)
  const baseline = await benchBaseline(benchMonitor())
  const ours = await driftline(batches, baseline)
  const theirs = naive(batches)
  const best = { ours: Infinity, avsc: Infinity, theirs: Infinity }
  for (let round = 0; round < 3; round++) {
    for (let repeat = 0; repeat < 3; repeat++) best.ours = Math.min(best.ours, nsPerValue(count, ours))
    best.avsc = Math.min(best.avsc, nsPerValue(count, objects(batches)))
    if (round < 2) best.theirs = Math.min(best.theirs, nsPerValue(count, theirs))
  }
  const parts: Part[] = []
  const bytes = ours(part => parts.push(part))
  const panes = [...new Set(parts.map(({ pane }) => pane))].sort((a, b) => a - b)
  const error = (some: readonly number[]) => rankError(batches, parts, baseline, new Set(some))
  const windows = panes.slice(1, 1 + WINDOWS).flatMap(pane => error([pane]))
  const whole = error(panes)
  const named = `${count.toLocaleString('en')} records of the million, ${VALUES} values each`
  return {
    title: 'in process: what a record needs but its fetching',
    how: [
      `${named}; process.cpuUsage, least of 9 runs (naive: of 2)`,
      'driftline: wire bytes → row → windows → sketches → closed parts → encoded; naive: avsc objects, npm tdigest per series and window',
    ],
    against: 'driftline',
    figures: [
      { what: 'driftline', value: best.ours, unit: 'ns a value', ratio: 1, goal: { of: 'value', atMost: 100 } },
      { what: 'avsc objects alone', value: best.avsc, unit: 'ns a value', ratio: best.avsc / best.ours },
      {
        what: 'naive: avsc objects and npm tdigest',
        value: best.theirs,
        unit: 'ns a value',
        ratio: best.theirs / best.ours,
        goal: { of: 'ratio', atLeast: 6 },
      },
      {
        what: 'state of a numeric series in a pane, mean',
        value: bytesOfNumeric(parts),
        unit: 'bytes',
        goal: { of: 'value', atMost: 4096 },
      },
      { what: 'a part of 24 series, mean', value: bytes / parts.length / 1024, unit: 'KiB' },
      ...rankFigures(`in ${WINDOWS} windows`, windows),
      ...rankFigures('all windows as one', whole),
    ],
  }
}

/** What is usual, and the worst of all: in a window of 16,000 rows most of that is chance within a centroid. */
function rankFigures(where: string, errors: readonly RankError[]): Figure[] {
  const percent = (what: string, of: keyof RankError, atMost: number): Figure[] => {
    const all = errors.map(error => 100 * error[of])
    const goal = { of: 'value', atMost } as const
    const mean = all.reduce((sum, one) => sum + one) / all.length
    return [
      { what, value: mean, unit: '%', goal },
      { what: '    the worst of them', value: Math.max(...all), unit: '%', goal },
    ]
  }
  return [
    ...percent(`rank error of a series, ${where}, mean of ${NUMERIC.length} series`, 'anywhere', 0.2),
    ...percent('  at p ≤ .1 and ≥ .9', 'tails', 0.05),
  ]
}

function nsPerValue(count: number, run: () => unknown): number {
  const from = process.cpuUsage()
  run()
  return (cpuSeconds(from) * 1e9) / (count * VALUES)
}

function objects(batches: readonly Fetched[]): () => void {
  const type = avsc.Type.forSchema(SCHEMA as avsc.Schema)
  return () => {
    for (const { values } of batches) for (const value of values) type.decode(value, 5)
  }
}

/** What the numeric series add to the encoded parts. */
function bytesOfNumeric(parts: readonly Part[]): number {
  const sizeOf = (part: Part, keep: (isNumeric: boolean) => boolean): number => {
    const leaves = part.leaves.map(leaf => ({ ...leaf, features: leaf.features.filter(f => keep(f.numeric !== null)) }))
    return encodePart({ ...part, leaves }).reduce((sum, { value }) => sum + value!.length, 0)
  }
  const whole = parts.filter(({ rows }) => rows > 1000)
  const bytes = whole.reduce((sum, part) => sum + sizeOf(part, n => n) - sizeOf(part, () => false), 0)
  return bytes / (whole.length * NUMERIC.length)
}
