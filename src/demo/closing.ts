import type { Colors } from 'picocolors/types.js'
import { number, percent } from '../core/alert/words.js'
import { type Account, balances } from './account.js'
import { type Estimated, estimated } from './estimates.js'
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
  lines.push(...labelled(result, c))
  lines.push(...falseAlarms(outcome.falseAlarms, c), '')
  lines.push(title('What became of every record'), ...records(account, c), '')
  lines.push(...next(c))
  return lines
}

function row(
  { fault, openings, followers, effects, delayMs, windows, resolvedAfterMs }: FaultOutcome,
  c: Colors,
): string[] {
  const lasts = !Number.isFinite(fault.until)
  const until = lasts ? 'lasts' : clock(fault.until)
  const checks = [...new Set(openings.map(({ alert }) => alert.check))].join(', ')
  const also = [...new Set(followers.map(({ alert }) => alert.series.feature))].map(name => `; ${name} too`).join('')
  const cost = [...new Set(effects.map(({ alert }) => alert.kind))].map(kind => `; ${kind}`).join('')
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
    checks + also + cost,
    duration(delayMs),
    String(windows),
    resolved,
  ]
}

/** What the estimate made of scores alone had said, and what labels said later: in a quiet window, and in the worst that a fault has cost. */
function labelled({ outcome, performances, labels, sent }: DemoResult, c: Colors): string[] {
  const all = estimated(performances, 'log-loss')
  if (all.length === 0) return []
  const cost = outcome.faults.filter(({ effects }) => effects.length > 0)
  const isHit = ({ start, end }: Estimated): boolean =>
    cost.some(({ fault }) => end > fault.from && start < fault.until)
  const quiet = all.filter(one => !isHit(one))
  const apart = quiet.map(({ estimate, measured }) => Math.abs(estimate - measured.value))
  const worst = cost.flatMap(one =>
    all
      .filter(({ start, end }) => end > one.fault.from && start < one.fault.until)
      .sort((a, b) => b.measured.value - a.measured.value)
      .slice(0, 1)
      .map(window => ({ ...one, window })),
  )
  const lines = [
    c.bold(
      `What labels say of the score (${count(labels)} of ${count(sent.rides)} rides have one, minutes to hours later)`,
    ),
    `  log loss, estimated when the window ended and measured when its labels were in: ${number(mean(apart))} apart in ` +
      `${plural(quiet.length, 'quiet window')}`,
    ...worst.map(({ fault, effects, window: { end, estimate, measured, coverage } }) =>
      [
        `  ${fault.feature}: in the window until ${clock(end)} ${number(measured.value)} (usual ${number(measured.reference ?? Number.NaN)}),`,
        `with ${percent(coverage)} of its rides labelled, and told at ${clock(effects[0].at)};`,
        `the estimate said ${number(estimate)}: it takes a score at its word`,
      ].join(' '),
    ),
  ]
  return [...lines, '']
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length
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
