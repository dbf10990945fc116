/** What kind of fault it is; decides the exit code. */
export type ErrorCode = 'bad-input' | 'infrastructure' | 'internal'

/**
 * The one error that is thrown on purpose. The message names the file, field or address, and says what to do next.
 * Data faults are values, not errors: see `Rejection`.
 */
export class DriftlineError extends Error {
  override readonly name = 'DriftlineError'
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }
}
