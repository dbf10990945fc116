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

/**
 * Until Ctrl-C, SIGTERM, or until nobody reads our output any more (`| head`): then the work ends in order, and the exit code is 0.
 */
export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  const torn = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error
    stop()
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  process.stdout.on('error', torn)
  try {
    return await work(stopping.signal)
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    // The listener for the torn pipe stays: what was written last may fail only now.
  }
}
