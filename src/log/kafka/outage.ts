import { isRefusal } from './faults.js'
import type { LogLines } from './logger.js'

/** What does not work at present; one line when an outage begins, one when it ends, and one for each other refusal in between. */
export class Outages {
  readonly #since = new Map<string, number>()
  readonly #refusals = new Map<string, string>()

  constructor(private readonly logger: LogLines) {}

  get none(): boolean {
    return this.#since.size === 0
  }

  began(what: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    // Whoever has given one right that was missing waits for word of the next.
    const isNews = isRefusal(error) && this.#refusals.get(what) !== reason
    if (this.#since.has(what) && !isNews) return
    if (isNews) this.#refusals.set(what, reason)
    if (!this.#since.has(what)) this.#since.set(what, Date.now())
    this.logger.warn({ reason }, `${what} does not work at present; trying again until it does`)
  }

  ended(what: string): void {
    const since = this.#since.get(what)
    if (since === undefined) return
    this.#since.delete(what)
    this.#refusals.delete(what)
    this.logger.info({ outageMs: Date.now() - since }, `${what} works again`)
  }
}

/** Doubling pauses between attempts, epoch-free: 200 ms, 400 ms … 10 s. */
export function backoffMs(attempt: number): number {
  return Math.min(10_000, 200 * 2 ** Math.min(attempt, 10))
}

export function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
