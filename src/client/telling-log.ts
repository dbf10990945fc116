import { DriftlineError } from '../core/error.js'
import type { LogLines } from '../log/kafka/logger.js'
import type { OutageNotices } from './outage-notices.js'

const READING = 'reading alerts'

/**
 * The Kafka log writes one line when something stops working and one when it works again; a service has them in its log, a caller of the
 * client in its functions.
 */
export class TellingLog implements LogLines {
  /** Faults that the caller has heard of, with their causes, and that the log may say once more. */
  readonly #told = new Set<string>()
  /** A broker that is gone stops several things, and is one outage. */
  readonly #out = new Set<string>()

  constructor(private readonly notices: OutageNotices) {}

  tellsItself(error: DriftlineError): void {
    if (this.#told.size > 100) this.#told.clear()
    this.#told.add(error.message)
  }

  isLevelEnabled(): boolean {
    return false
  }

  debug(): void {}

  warn(fields: object, message: string): void {
    const { reason = message } = fields as { reason?: string }
    if (this.#told.has(reason)) return
    const error = new DriftlineError('infrastructure', reason)
    const what = outageOf(message)
    if (what !== null) {
      this.#out.add(what)
      this.notices.began(READING, error)
    } else this.notices.tell(error)
  }

  info(_fields: object, message: string): void {
    const what = outageOf(message)
    if (what !== null && this.#out.delete(what) && this.#out.size === 0) this.notices.ended(READING)
  }

  /** Told by the log's `onFailure`. */
  error(): void {}
}

/** What the line is about, where it tells of an outage's beginning or end. */
function outageOf(message: string): string | null {
  return /^(.*?) (?:does not work at present|works again)/.exec(message)?.[1] ?? null
}
