import { FAULTS } from './faults.js'
import { type Incident, type Judged, type Quiet, type Tally, tally } from './score.js'
import { FAMILIES, type Family } from './streams.js'

export interface SchemeFigures {
  readonly name: string
  readonly quiet: ReadonlyMap<Family, Quiet>
  readonly incidents: readonly Incident[]
  readonly trials: readonly Judged[]
}

const percent = (share: number | null): string =>
  share === null || Number.isNaN(share) ? '–' : (100 * share).toFixed(0)
const perThousand = (count: number, windows: number): string => ((1000 * count) / windows).toFixed(1)

/** Classes of faults that have a target of their own. */
export const CLASSES: readonly { readonly title: string; readonly has: (one: Judged) => boolean }[] = [
  { title: 'larger faults', has: one => one.size === 'larger' },
  { title: 'smaller, ≥ 1000 rows', has: one => one.size === 'smaller' && one.large },
  { title: 'smaller, fewer rows', has: one => one.size === 'smaller' && !one.large },
]

export function report(schemes: readonly SchemeFigures[]): string {
  return [quietTable(schemes), classTable(schemes), familyTable(schemes), faultTable(schemes)].join('\n\n')
}

function quietTable(schemes: readonly SchemeFigures[]): string {
  const rows = FAMILIES.flatMap(family =>
    schemes.flatMap(({ name, quiet }) => {
      const one = quiet.get(family)
      if (one === undefined) return []
      const { windows, incidents, merged, documented, alarmWindows } = one
      const cells = [windows, incidents, perThousand(incidents, windows), merged, documented]
      return [[family, name, ...cells.map(String), percent(alarmWindows / windows)]]
    }),
  )
  const head = [
    'without faults',
    'scheme',
    'windows',
    'incidents',
    'per 1000',
    'merged',
    'documented',
    'alarms in % of windows',
  ]
  return table(head, rows)
}

function classTable(schemes: readonly SchemeFigures[]): string {
  const rows = CLASSES.flatMap(({ title, has }) =>
    schemes.flatMap(({ name, trials }) => {
      const these = trials.filter(has)
      return these.length === 0 ? [] : [[title, name, ...tallied(tally(these))]]
    }),
  )
  return table(['faults', 'scheme', ...TALLIED], rows)
}

/** Found in percent, by family. */
function familyTable(schemes: readonly SchemeFigures[]): string {
  const rows = FAMILIES.flatMap(family =>
    (['larger', 'smaller'] as const).flatMap(size => {
      const of = ({ trials }: SchemeFigures): Tally =>
        tally(trials.filter(one => one.family === family && one.size === size))
      const { trials } = of(schemes[0]!)
      return trials === 0 ? [] : [[`${size}, ${family}`, String(trials), ...schemes.map(one => percent(of(one).rate))]]
    }),
  )
  return table(['faults by family', 'tried', ...schemes.map(({ name }) => `${name} %`)], rows)
}

function faultTable(schemes: readonly SchemeFigures[]): string {
  const [first, ...others] = schemes
  const rows = FAULTS.flatMap(({ kind, size }) => {
    const of = ({ trials }: SchemeFigures): Tally => tally(trials.filter(one => one.kind === kind))
    const mine = of(first!)
    if (mine.trials === 0) return []
    return [[kind, size, ...tallied(mine), ...others.map(other => percent(of(other).rate))]]
  })
  const head = [`faults by kind, ${first!.name}`, 'size', ...TALLIED, ...others.map(({ name }) => `${name} %`)]
  return table(head, rows)
}

const TALLIED = ['tried', 'found', '%', '95 % interval', 'median delay', 'cause right %', 'at last %', 'by chance %']
function tallied({ trials, found, rate, low, high, delay, causeRight, lastCauseRight, chance }: Tally): string[] {
  return [
    String(trials),
    String(found),
    percent(rate),
    `${percent(low)}–${percent(high)}`,
    delay === null ? '–' : String(delay),
    percent(causeRight),
    percent(lastCauseRight),
    percent(chance),
  ]
}

/** Columns of figures to the right, of words to the left. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, c) => Math.max(title.length, ...rows.map(row => row[c]!.length)))
  const words = head.map((_, c) => rows.every(row => !/^[\d–]/.test(row[c]!)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => (words[c] ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join('  ')
      .trimEnd()
  return [line(head), widths.map(width => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}
