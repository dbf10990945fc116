import { parseDuration } from '../config/duration.js'
import { DriftlineError } from '../core/error.js'
import { parseTime } from './time-option.js'

/** `2h` ago, an ISO time, `earliest`, or `now`: epoch milliseconds. */
export function parseSince(option: string, text: string, now = Date.now()): number {
  if (text === 'earliest') return Number.NEGATIVE_INFINITY
  if (text === 'now') return now
  const duration = parseDuration(text)
  if ('ms' in duration) return now - duration.ms
  if (/^\d{4}-/.test(text)) return parseTime(option, text)
  throw new DriftlineError(
    'bad-input',
    `${option} ${text}: expected a duration such as 2h, an ISO time such as 2026-01-31T12:00:00Z, earliest or now`,
  )
}
