import { parseDuration } from '../config/duration.js'
import { DriftlineError } from '../core/error.js'
import { parseTime } from './time-option.js'

/** `2h` from now, or an ISO time: epoch milliseconds. */
export function parseUntil(option: string, text: string, now = Date.now()): number {
  const duration = parseDuration(text)
  if ('ms' in duration && duration.ms > 0) return now + duration.ms
  if (/^\d{4}-/.test(text)) return parseTime(option, text)
  throw new DriftlineError(
    'bad-input',
    `${option} ${text}: expected a duration from now such as 2h, or an ISO time such as 2026-01-31T12:00:00Z`,
  )
}
