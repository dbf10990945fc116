import type { Colors } from 'picocolors/types.js'
import { isOver } from '../core/alert/event.js'
import { number } from '../core/alert/words.js'
import type { Told } from './outcome.js'
import { picture } from './picture.js'
import { clock, duration } from './words.js'

/**
 * An alert event as lines of text: one to read, and where it opens or grows two of a chart.
 *
 *     Mon 05:00  ▲ opens     trip_km            v1  major  psi 7.06 (limit 0.25)  values ≥ 31.2 rose from 1 % to 99 %
 *                  training  ▁▃▅█▅▂▁·············· median 5.4
 *                  window    ···············▁▃▅█▅▂ median 5440
 */
export class AlertLines {
  #drawn = ''

  constructor(private readonly colours: Colors) {}

  lines({ alert }: Told): string[] {
    const { series, window, status, severity, summary, reason, durationMs } = alert
    const c = this.colours
    const fires = !isOver(status)
    const colour = severity === 'major' || severity === 'critical' ? c.red : c.yellow
    const mark = fires ? colour(c.bold(status === 'firing' ? '▲ opens   ' : '▲ grows   ')) : c.green(`▼ ${status}`)
    const name = `${series.feature}: `
    const sentence = summary.startsWith(name) ? summary.slice(name.length) : summary
    const head = [
      clock(window.end),
      ` ${mark}`,
      c.bold(series.feature.padEnd(15)),
      series.modelVersion,
      severity.padEnd(8),
      ` ${measured(alert).padEnd(28)}`,
      fires ? sentence : c.dim(`${reason}; it lasted ${duration(durationMs)}`),
    ].join(' ')
    return [head, ...(fires ? this.#chart(alert) : [])]
  }

  /** Checks of one series that open together and would show the same shape are drawn once. */
  #chart(alert: Told['alert']): string[] {
    const drawing = picture(alert)
    if (drawing === null) return []
    const { series, window } = alert
    const key = [series.modelVersion, series.feature, window.end, drawing.window].join('|')
    if (key === this.#drawn) return []
    this.#drawn = key
    const c = this.colours
    const indent = ' '.repeat(13)
    return [
      `${indent}${c.dim('training  ')}${c.cyan(drawing.baseline)}`,
      `${indent}${c.dim('window    ')}${c.yellow(drawing.window)}`,
    ]
  }
}

/** The number that decided, and what it was held against. */
function measured({ check, evidence: [decided] }: Told['alert']): string {
  if (decided === undefined) return check
  const { statistic, value, threshold } = decided
  if (check === 'new-feature') return 'new feature'
  if (!statistic.startsWith('share')) return `${check} ${number(value)} (limit ${number(threshold)})`
  return `${check} Δ${points(value)} points (limit ${points(threshold)})`
}

function points(share: number): string {
  const hundredths = 100 * share
  return hundredths >= 10 ? hundredths.toFixed(0) : String(Number(hundredths.toFixed(1)))
}
