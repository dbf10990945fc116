/** One line of the table. */
export interface Figure {
  /** What was measured, in words. */
  readonly what: string
  readonly value: number
  readonly unit: string
  /** Against the contender that the piece names. */
  readonly ratio?: number
  /** PERFORMANCE.md's column "first", on the ratio where there is one and the goal says so. */
  readonly goal?: Goal
}

export interface Goal {
  readonly of: 'value' | 'ratio'
  readonly atMost?: number
  readonly atLeast?: number
}

/** The figures of one piece, measured in one run. */
export interface Piece {
  readonly title: string
  /** How it was measured. */
  readonly how: readonly string[]
  /** What the ratios are against. */
  readonly against?: string
  readonly figures: readonly Figure[]
}

export function write({ title, how, against, figures }: Piece): string {
  const rows = figures.map(({ what, value, unit, ratio, goal }) => [
    what,
    `${short(value)} ${unit}`,
    ratio === undefined ? '' : `× ${short(ratio)}`,
    goal === undefined ? '' : `${goal.of === 'ratio' ? '× ' : ''}${words(goal)}`,
    goal === undefined ? '' : isMet(goal, value, ratio) ? 'met' : 'not met',
  ])
  const head = ['measured', 'figure', against === undefined ? '' : `× ${against}`, 'goal', '']
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map(row => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd()
  return [`\n${title}`, ...how.map(one => `  ${one}`), '', ...[head, ...rows].map(row => `  ${line(row)}`)].join('\n')
}

function words({ atMost, atLeast }: Goal): string {
  return atMost !== undefined ? `≤ ${short(atMost)}` : `≥ ${short(atLeast!)}`
}

function isMet(
  { of, atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY }: Goal,
  value: number,
  ratio?: number,
): boolean {
  const measured = of === 'ratio' ? ratio! : value
  return measured <= atMost && measured >= atLeast
}

function short(x: number): string {
  if (Math.abs(x) >= 1000) return Math.round(x).toLocaleString('en')
  return String(Number(x.toPrecision(3)))
}
