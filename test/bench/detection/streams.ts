import { seeded } from '../../random.js'
import { documented } from './documented.js'
import { seasonal, wide } from './seasonal.js'
import { type Half, type Table, tables } from './tables.js'
import { type Column, type Feature, seedOf, shuffled } from './values.js'

export type Family = 'row-shuffled' | 'window-shuffled' | 'ordered' | 'seasonal' | 'wide'
export const FAMILIES: readonly Family[] = ['row-shuffled', 'window-shuffled', 'ordered', 'seasonal', 'wide']

/**
 * A baseline, then windows one after the other: `history` of them are only learned from, the `serving` ones are judged.
 *
 *     baseline rows │ window 0 … history − 1 │ history … history + serving − 1
 */
export interface Stream {
  readonly name: string
  readonly family: Family
  /** Data set, or the generator. */
  readonly source: string
  readonly features: readonly Feature[]
  /** Windows that the baseline rows would have been, right before window 0. */
  readonly training: number
  readonly history: number
  readonly serving: number
  readonly windowMs: number
  /** Start of window 0, epoch ms. */
  readonly start: number
  /** IANA zone that its days follow; null where times are made up. */
  readonly zone: string | null
  /** One column a feature. */
  baseline(): readonly Column[]
  /** One column a feature; the same values at every call. */
  window(index: number): readonly Column[]
  /** A real change of the feature that the data's notes tell of. */
  documented(feature: string, index: number): boolean
}

const HOUR = 3_600_000
/** Times of the tables' windows are made up: an hour each, from a Monday on. */
const START = Date.UTC(2024, 0, 1)
const BASELINE_SHARE = 0.2
/** Rows of a window; the two halves differ. */
const WINDOW_ROWS: Readonly<Record<Half, readonly number[]>> = { development: [150, 300], judgement: [120, 250] }

export interface StreamChoice {
  readonly half: Half
  /** Row-shuffled copies of each table and window size; a third of them window-shuffled. */
  readonly seeds: number
  readonly families: readonly Family[]
  /** A folder of tables to take instead of the three; null: these. */
  readonly folder: string | null
  /** Shorter generated streams. */
  readonly quick: boolean
}

/** Made one after the other: a generated stream is large. */
export function* streams({ half, seeds, families, quick, folder }: StreamChoice): Generator<Stream> {
  const wanted = new Set(families)
  const all = [...wanted].some(family => family !== 'seasonal' && family !== 'wide') ? tables(half, folder) : []
  for (const table of all) {
    for (const rows of WINDOW_ROWS[half]) {
      const name = `${table.name}/${rows}`
      const order = Array.from({ length: table.rows }, (_, i) => i)
      const copy = (family: Family, seed: number): Stream => {
        const random = seeded(seedOf(half, name, family, seed)).next
        const moved = family === 'row-shuffled' ? shuffled(order, random) : blocks(order, rows, random)
        return cut(`${name} ${family} ${seed}`, family, table, moved, rows)
      }
      if (wanted.has('ordered')) yield cut(`${name} ordered`, 'ordered', table, order, rows)
      for (let seed = 1; seed <= seeds; seed++) {
        if (wanted.has('row-shuffled')) yield copy('row-shuffled', seed)
        if (wanted.has('window-shuffled') && seed <= Math.ceil(seeds / 3)) yield copy('window-shuffled', seed)
      }
    }
  }
  if (wanted.has('seasonal')) yield seasonal(half, quick)
  if (wanted.has('wide')) yield wide(half, quick)
}

/** Runs of `rows` rows in random order, what is left over last. */
function blocks(order: readonly number[], rows: number, random: () => number): number[] {
  const whole = Array.from({ length: Math.floor(order.length / rows) }, (_, b) => order.slice(b * rows, (b + 1) * rows))
  return [...shuffled(whole, random).flat(), ...order.slice(whole.length * rows)]
}

function cut(name: string, family: Family, table: Table, order: readonly number[], rows: number): Stream {
  const baselineRows = rows * Math.round((BASELINE_SHARE * table.rows) / rows)
  const windows = Math.floor((table.rows - baselineRows) / rows)
  const history = Math.max(30, Math.min(60, Math.floor(windows / 2)))
  const pick = (from: number, to: number): Column[] =>
    table.columns.map(column => order.slice(from, to).map(row => column[row]))
  const kept: (readonly Column[])[] = []
  return {
    name,
    family,
    source: table.name,
    features: table.features,
    training: baselineRows / rows,
    history,
    serving: windows - history,
    windowMs: HOUR,
    start: START,
    zone: null,
    baseline: () => pick(0, baselineRows),
    window: index => (kept[index] ??= pick(baselineRows + index * rows, baselineRows + (index + 1) * rows)),
    documented: (feature, index) => {
      const share = (baselineRows + index * rows) / table.rows
      return family === 'ordered' && documented(table.name, feature, share)
    },
  }
}
