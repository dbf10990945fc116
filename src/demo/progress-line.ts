import type { Colors } from 'picocolors/types.js'
import { isOver } from '../core/alert/event.js'
import type { Told } from './outcome.js'
import type { Progress } from './run.js'
import { clock, count, width } from './words.js'

const BAR = 16
/** Redrawing more often than this only costs. */
const REDRAW_MS = 80
const ERASE = '\r\u001b[2K'

/** A line at the foot of a terminal that says how far the run is; other lines scroll above it. */
export class ProgressLine {
  readonly #firing = new Map<string, string>()
  readonly #began = performance.now()
  #drawnAt = Number.NEGATIVE_INFINITY
  #line = ''

  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly colours: Colors,
  ) {}

  /** Alerts that are open, as the events from the log tell. */
  note({ alert: { alertId, status, series } }: Told): void {
    if (isOver(status)) this.#firing.delete(alertId)
    else this.#firing.set(alertId, series.feature)
  }

  /** Lines that stay. */
  print(lines: readonly string[]): void {
    this.out.write(`${ERASE}${lines.join('\n')}\n${this.#line}`)
  }

  update({ schedule: { start, end }, now, records, windows }: Progress): void {
    const at = performance.now()
    if (at - this.#drawnAt < REDRAW_MS) return
    this.#drawnAt = at
    const done = (now - start) / (end - start)
    const full = Math.round(done * BAR)
    const rate = records / Math.max(0.001, (at - this.#began) / 1000)
    const features = [...new Set(this.#firing.values())]
    const firing = features.length === 0 ? 'nothing firing' : `firing: ${features.join(', ')}`
    const c = this.colours
    const line = [
      `${c.cyan('█'.repeat(full))}${'░'.repeat(BAR - full)} ${clock(now)}`,
      `${count(records)} records`,
      `${count(rate)}/s`,
      `${windows} windows judged`,
      features.length === 0 ? c.dim(firing) : c.yellow(firing),
    ].join(' · ')
    this.#line = cut(line, (this.out.columns || 80) - 1)
    this.out.write(ERASE + this.#line)
  }

  stop(): void {
    this.#line = ''
    this.out.write(ERASE)
  }
}

/** A line that wraps cannot be erased: what is too long is cut, without its colours. */
function cut(line: string, columns: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with a control character
  return width(line) <= columns ? line : `${line.replace(/\u001b\[[0-9;]*m/g, '').slice(0, columns - 1)}…`
}
