import type { TimeUnit } from '../core/monitor.js'
import { timeRange } from './column-facts.js'
import type { InferredMonitor } from './infer-monitor.js'
import type { Table } from './table.js'

const SIZES = { '5m': 5 / 1440, '15m': 15 / 1440, '1h': 1 / 24, '6h': 0.25, '1d': 1, '7d': 7, '30d': 30 }
const ENOUGH_ROWS = 300
/** Windows that a file must have for a history, and rows that each should have at least rather than there being none. */
const HISTORY = 20
const FEWEST_ROWS = 100

/** The smallest usual window that holds about 300 rows at the rate of the file, or fewer where the file has too few windows of that for a history. */
export async function proposeWindow(
  table: Table,
  time: { path: string; unit: TimeUnit } | null,
  rows: number,
  asked: string | undefined,
): Promise<InferredMonitor['window']> {
  const range = time && (await timeRange(table, time.path, time.unit))
  const days = range ? (range.to - range.from) / 86_400_000 : 0
  if (asked) return { size: asked, comment: 'as --window says' }
  if (days === 0) return { size: '1h', comment: 'no times to tell from; a window should hold 300 rows or more' }
  const perDay = rows / days
  const sizes = Object.entries(SIZES)
  const usual = sizes.find(([, length]) => perDay * length >= ENOUGH_ROWS) ?? (['30d', 30] as const)
  const shorter = sizes.filter(([, length]) => perDay * length >= FEWEST_ROWS && days / length >= HISTORY).at(-1)
  const [size, length] = days / usual[1] >= HISTORY ? usual : (shorter ?? usual)
  const holds = Math.round(perDay * length)
  return {
    size,
    comment: `about ${holds} rows at ${Number(perDay.toPrecision(3))} a day${holds < FEWEST_ROWS ? ': few, many windows will be insufficient-data' : ''}`,
  }
}
