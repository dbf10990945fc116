import { Presets, SingleBar } from 'cli-progress'

/** A bar on stderr while someone looks on; nothing in a pipe or with `--json`. */
export class Progress {
  readonly #bar: SingleBar | null

  /** @param format cli-progress's: {bar} {percentage} {eta_formatted} and the fields given to `update` */
  constructor(format: string, quiet = false) {
    const shown = !quiet && process.stderr.isTTY
    this.#bar = shown
      ? new SingleBar(
          { format, stream: process.stderr, hideCursor: true, clearOnComplete: true },
          Presets.shades_classic,
        )
      : null
    this.#bar?.start(1, 0, { rows: 0, what: '' })
  }

  /** @param done share, 0 to 1 */
  update(done: number, fields: Readonly<Record<string, string | number>> = {}): void {
    this.#bar?.update(done, { ...fields })
  }

  stop(): void {
    this.#bar?.stop()
  }
}
