import type { Colors } from 'picocolors/types.js'
import { type Account, balances } from './account.js'
import type { FaultOutcome, Told } from './outcome.js'
import type { DemoResult } from './run.js'
import { clock, count, duration, plural, width } from './words.js'

/** What is told when the run has ended. */
export function closing(result: DemoResult, seconds: number, colours: Colors): string[] {
  const { schedule, now, stopped, outcome, account, sent, windows, verdicts } = result
  const c = colours
  const title = (text: string): string => c.bold(text)
  const found = outcome.faults.filter(({ openings }) => openings.length > 0).length
  const simulated = duration(now - schedule.start)
  const lines = [
    '',
    title(`${simulated} simulated in ${seconds.toFixed(1)} s${stopped ? ', stopped early' : ''}`) +
      `: ${count(sent.records)} records (${count(sent.records / seconds)}/s), ${windows} windows, ${count(verdicts)} verdicts`,
    '',
  ]
  if (outcome.faults.length > 0)
    lines.push(
      title(
        `What was injected, and what the alerts in driftline.alerts say (${found} of ${outcome.faults.length} found)`,
      ),
      ...table(
        ['feature', 'fault', 'from', 'until', 'found', 'by', 'after', 'windows', 'resolved'],
        outcome.faults.map(one => row(one, c)),
        c,
      ),
      '',
    )
  lines.push(...falseAlarms(outcome.falseAlarms, c), '')
  lines.push(title('What became of every record'), ...records(account, c), '')
  lines.push(...next(c))
  return lines
}

function row({ fault, openings, followers, delayMs, windows, resolvedAfterMs }: FaultOutcome, c: Colors): string[] {
  const lasts = !Number.isFinite(fault.until)
  const until = lasts ? 'lasts' : clock(fault.until)
  const checks = [...new Set(openings.map(({ alert }) => alert.check))].join(', ')
  const also = [...new Set(followers.map(({ alert }) => alert.series.feature))].map(name => `; ${name} too`).join('')
  const resolved =
    resolvedAfterMs !== null ? `after ${duration(resolvedAfterMs)}` : lasts ? 'still there' : c.yellow('not yet')
  if (delayMs === null || windows === null)
    return [fault.feature, fault.what, clock(fault.from), until, c.red('no'), '–', '–', '–', '–']
  const found = c.green('yes')
  return [
    fault.feature,
    fault.what,
    clock(fault.from),
    until,
    found,
    checks + also,
    duration(delayMs),
    String(windows),
    resolved,
  ]
}

function falseAlarms(alarms: readonly Told[], c: Colors): string[] {
  if (alarms.length === 0) return [`${c.bold('False alarms')}: none`]
  const rows = alarms.map(
    ({ alert: { series, check, window, summary } }) =>
      `  ${clock(window.end)}  ${series.modelVersion}  ${check}  ${summary}`,
  )
  return [c.bold(c.red(`False alarms: ${alarms.length}`)), ...rows]
}

function records(account: Account, c: Colors): string[] {
  const { read, aggregated, late, rejected, notSelected, gap, deadLetters, windowRows, expired } = account
  const verdict = balances(account) ? c.green('the sums are exact') : c.red('THE SUMS ARE WRONG: please report this')
  return [
    `  ${count(read)} read = ${count(aggregated)} aggregated + ${count(late)} late + ${count(rejected)} rejected + ` +
      `${count(notSelected)} of another model + ${count(gap)} lost`,
    `  ${count(aggregated)} aggregated = ${count(windowRows)} in windows + ${count(expired)} expired; ` +
      `${plural(deadLetters, 'dead letter')} (a tombstone leaves none)`,
    `  ${verdict}`,
  ]
}

function next(c: Colors): string[] {
  return [
    c.bold('What to do next'),
    ...table(
      [],
      [
        ['  driftline infer train.csv.gz --out monitor.yaml', 'a monitor from your own data'],
        [
          '  driftline replay monitor.yaml --baseline train.csv.gz --events served.csv.gz',
          'the same line over your files',
        ],
        ['  driftline up --help', 'the same line on your Kafka'],
      ],
      c,
    ),
  ]
}

/** Columns as wide as their widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[], c: Colors): string[] {
  const all = head.length === 0 ? rows : [head, ...rows]
  const widths = all[0].map((_, column) => Math.max(...all.map(cells => width(cells[column]))))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell + ' '.repeat(widths[column] - width(cell)))
      .join('  ')
      .trimEnd()
  return all.map((cells, index) => (head.length > 0 && index === 0 ? c.dim(line(cells)) : line(cells)))
}
