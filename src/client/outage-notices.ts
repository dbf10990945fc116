import { DriftlineError } from '../core/error.js'

export interface NoticeOptions {
  /**
   * What does not work, with the address: once when an outage begins, whatever is tried meanwhile; and each event that is lost or cannot be
   * written. A process warning unless told.
   */
  readonly onError?: (error: DriftlineError) => void
  /** An outage that was told has ended. */
  readonly onRecovery?: (message: string, outageMs: number) => void
}

/** Tells the caller of outages, once when they begin and once when they end; what the caller's functions throw stays with them. */
export class OutageNotices {
  readonly #since = new Map<string, number>()

  constructor(private readonly options: NoticeOptions) {}

  /** What does not work at present; null when everything does. */
  get current(): string | null {
    return [...this.#since.keys()].join(' and ') || null
  }

  began(what: string, error: DriftlineError): void {
    if (this.#since.has(what)) return
    this.#since.set(what, performance.now())
    this.tell(error)
  }

  ended(what: string): void {
    const since = this.#since.get(what)
    if (since === undefined) return
    this.#since.delete(what)
    const outageMs = Math.round(performance.now() - since)
    const { onRecovery = warn } = this.options
    attempt(() => onRecovery(`${what} works again, after ${(outageMs / 1000).toFixed(1)} s`, outageMs))
  }

  tell(error: DriftlineError): void {
    const { onError = ({ message }) => warn(message) } = this.options
    attempt(() => onError(error))
  }
}

/** Any thrown thing as a DriftlineError with this beginning. */
export function asDriftlineError(what: string, error: unknown): DriftlineError {
  if (error instanceof DriftlineError) return error
  return new DriftlineError('internal', `${what}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  })
}

function warn(message: string): void {
  process.emitWarning(message, 'DriftlineWarning')
}

function attempt(call: () => void): void {
  try {
    call()
  } catch {
    // A fault in a notice must not stop what it is about.
  }
}
