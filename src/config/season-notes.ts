import { formatDuration } from './duration.js'
import { readText } from './file-text.js'
import type { MonitorFile } from './monitor-schema.js'
import { YamlSource } from './yaml-source.js'

const DAY = 86_400_000
/** Two periods: a slot has to be seen twice. Weekdays and weekends both come within a week. */
const PERIODS = {
  'hour-of-week': { ms: 14 * DAY, words: 'two weeks' },
  'weekday-hour': { ms: 7 * DAY, words: 'a week, in which weekdays and the weekend come twice' },
} as const

/** What is to be told of seasons before there is history. */
export function seasonNotices({ seasons, baseline }: MonitorFile, source: YamlSource): string[] {
  if (seasons === 'auto' || seasons === 'none' || baseline !== 'first-windows') return []
  const { line } = source.position(['seasons'], 'key')
  const { words } = PERIODS[seasons]
  return [
    `${source.file}:${line} seasons: ${seasons} needs ${words}, which baseline: first-windows does not bring; ` +
      'until then windows of any hour are compared with each other',
  ]
}

/** Whether a history of training rows is too short for the seasons that a monitor file asks for; null where it is not. */
export function seasonWarning(
  file: string,
  kind: 'auto' | 'none' | 'hour-of-week' | 'weekday-hour' | undefined,
  { source, historyMs }: { readonly source: string; readonly historyMs: number | null },
): string | null {
  if (kind === undefined || kind === 'auto' || kind === 'none') return null
  const { ms, words } = PERIODS[kind]
  if (historyMs !== null && historyMs >= ms) return null
  const read = readText(file)
  const line = 'text' in read ? new YamlSource(file, read.text).position(['seasons'], 'value').line : 1
  const found =
    historyMs === null ? 'no history (a time column, and windows with rows enough)' : `${spanText(historyMs)}`
  return (
    `${file}:${line} seasons: ${kind} needs ${words}; ${source} has ${found}. Load older rows too, name the time column with --map, ` +
    'or write seasons: auto.'
  )
}

function spanText(ms: number): string {
  return ms >= DAY ? `${Math.floor(ms / DAY)} days` : formatDuration(Math.round(ms / 60_000) * 60_000)
}
