import type { Logger } from 'pino'
import { DriftlineError } from '../core/error.js'

/** Whether a store answers: told once when it stops, and once when it is back. */
export class StoreHealth {
  #fault: string | null = null

  /** @param says what the log is told when it is lost, and when it is back */
  constructor(
    private readonly place: string,
    private readonly logger: Logger,
    private readonly says: { readonly lost: string; readonly back: string },
  ) {}

  /** Why it does not answer now; null while it does. */
  get fault(): string | null {
    return this.#fault
  }

  /** Does the work; throws what it throws. */
  async watch<T>(work: () => Promise<T>): Promise<T> {
    const { logger, says, place } = this
    try {
      const result = await work()
      if (this.#fault !== null) logger.info({ store: place }, says.back)
      this.#fault = null
      return result
    } catch (error) {
      if (isInfrastructure(error)) {
        if (this.#fault === null) logger.warn({ err: error.message }, says.lost)
        this.#fault = error.message
      }
      throw error
    }
  }
}

export function isInfrastructure(error: unknown): error is DriftlineError {
  return error instanceof DriftlineError && error.code === 'infrastructure'
}
