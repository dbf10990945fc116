import { number, percent } from '../core/alert/words.js'
import type { Example } from '../core/join/examples.js'
import type { FeatureParity } from '../core/join/parity.js'
import { type ComparedSide, type Comparison, zoneSentence } from '../service/compare.js'
import { colours as pc } from './colours.js'
import { table } from './output.js'

const EXAMPLES = 3
const CAUSES = 5
const CONFUSIONS = 3

/** The comparison for people: the files, a line a feature, and below it what is known of those that differ. */
export function comparisonText(found: Comparison): string {
  const { a, b, pairs, features, maxMismatch, equal } = found
  const differing = features.filter(({ rate }) => rate > 0)
  return [
    side('A', a),
    side('B', b),
    ...[onlyIn('A', found.onlyInA), onlyIn('B', found.onlyInB), inexact(found), zone(found)].filter(
      line => line !== null,
    ),
    '',
    featureTable(found),
    ...differing.flatMap(details),
    '',
    verdict(
      equal,
      `${pairs} rows compared by ${found.key.join(', ')}: ${summary(found, differing.length)}`,
      maxMismatch,
    ),
  ].join('\n')
}

function side(name: string, { source, rows, withoutKey, duplicates, unmatched }: ComparedSide): string {
  const lacks = [
    [unmatched, 'have no counterpart'],
    [duplicates, 'repeat a key (the first of each is compared)'],
    [withoutKey, 'have no key'],
  ] as const
  const told = lacks.filter(([count]) => count > 0).map(([count, what]) => pc.yellow(`${count} ${what}`))
  return `${pc.bold(name)} ${source}: ${[`${rows} rows`, ...told].join(', ')}`
}

function onlyIn(name: string, columns: readonly string[]): string | null {
  return columns.length === 0 ? null : pc.dim(`only in ${name}, not compared: ${columns.join(', ')}`)
}

function zone({ keyHours }: Comparison): string | null {
  return keyHours === null ? null : pc.yellow(zoneSentence(keyHours))
}

function inexact({ a, b }: Comparison): string | null {
  const columns = [...new Set([...a.inexact, ...b.inexact])]
  if (columns.length === 0) return null
  return pc.yellow(`whole numbers beyond 2^53 are compared to 16 digits: ${columns.join(', ')}; give ids as text`)
}

function featureTable({ features, maxMismatch }: Comparison): string {
  const count = (rows: number): string => (rows === 0 ? '–' : String(rows))
  const value = (x: number | null | undefined): string => (x == null ? '–' : number(x))
  const rows = features.map(one => [
    one.feature,
    one.rate > maxMismatch
      ? pc.red(percent(one.rate))
      : one.rate > 0
        ? pc.yellow(percent(one.rate))
        : pc.green('equal'),
    count(one.mismatched),
    count(one.nullInA),
    count(one.nullInB),
    count(one.types),
    value(one.difference?.mean),
    value(one.difference?.medianRatio),
    value(one.distributions.ks ?? one.distributions.tvd),
    one.rate === 0 ? '' : [...new Set(one.causes.map(({ code }) => code))].slice(0, CAUSES).join(', ') || 'unknown',
  ])
  const head = [
    'feature',
    'mismatch',
    'differ',
    'null in A',
    'null in B',
    'type',
    'mean a−b',
    'median a/b',
    'ks/tvd',
    'cause',
  ]
  return table(head, rows)
}

function details(one: FeatureParity): string[] {
  const lines = [`\n${pc.bold(one.feature)} differs in ${pc.red(percent(one.rate))} of the rows`]
  for (const { share, sentence } of one.causes.slice(0, CAUSES))
    lines.push(`  ${percent(share).padStart(6)}  ${sentence}`)
  const rest = one.causes.slice(CAUSES).reduce((sum, { share }) => sum + share, 0) + one.unexplained / one.pairs
  if (rest > 0)
    lines.push(
      `  ${percent(rest).padStart(6)}  ${one.causes.length > CAUSES ? 'other causes, or none known' : 'no cause known'}`,
    )
  if (one.confusions.length > 0)
    lines.push(
      pc.dim(
        `  most often ${one.confusions
          .slice(0, CONFUSIONS)
          .map(({ a, b, rows }) => `${JSON.stringify(a)} for ${JSON.stringify(b)} (${rows})`)
          .join(', ')}`,
      ),
    )
  lines.push(...one.examples.slice(0, EXAMPLES).map(example => pc.dim(`  ${exampleText(example)}`)))
  return lines
}

function exampleText({ rowA, rowB, key, a, b }: Example): string {
  return `row ${rowA} of A, ${rowB} of B${key === null ? '' : ` (${key})`}: ${a ?? 'null'} and ${b ?? 'null'}`
}

function summary({ features, unmatchedRate }: Comparison, differing: number): string {
  const keys = unmatchedRate === 0 ? '' : `, ${percent(unmatchedRate)} of the keys are in one file only`
  return `${differing} of ${features.length} features differ${keys}`
}

function verdict(equal: boolean, words: string, maxMismatch: number): string {
  const limit = maxMismatch === 0 ? '' : ` (up to ${percent(maxMismatch)} allowed)`
  return equal ? `${pc.green('equal')}${limit} · ${words}` : `${pc.red('mismatch')}${limit} · ${words}`
}
