import type { Logger } from 'pino'
import { readMonitors } from '../config/monitor.js'
import { DriftlineError } from '../core/error.js'
import type { Line } from './line.js'

/** Follows a monitor file or folder: what is added, changed or removed there reaches the line without a restart. */
export class MonitorFiles {
  #models: ReadonlySet<string>
  #complaint = ''

  constructor(
    private readonly path: string,
    private readonly line: Line,
    private readonly logger: Logger,
    models: readonly string[],
  ) {
    this.#models = new Set(models)
  }

  /** Looks again. A fault is told once and changes nothing: what ran before goes on. */
  async refresh(): Promise<void> {
    try {
      const { monitors, faults } = readMonitors(this.path, true)
      if (faults.length > 0) {
        const lines = faults.map(
          ({ file, line, column, field, expected, found }) =>
            `${file}:${line}:${column} ${field}: expected ${expected}, found ${found}`,
        )
        return this.#complain(lines.join('\n'))
      }
      this.#complaint = ''
      const models = new Set(monitors.map(({ model }) => model))
      await this.line.enrol(monitors)
      await this.line.remove([...this.#models].filter(model => !models.has(model)))
      this.#models = models
    } catch (error) {
      if (!(error instanceof DriftlineError)) throw error
      this.#complain(error.message)
    }
  }

  #complain(complaint: string): void {
    if (complaint === this.#complaint) return
    this.#complaint = complaint
    this.logger.error({ path: this.path, faults: complaint }, 'monitors cannot be read; the ones before go on')
  }
}
