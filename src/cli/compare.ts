import { writeFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { DriftlineError } from '../core/error.js'
import { nearest } from '../files/nearest.js'
import { Pairs } from '../files/pairs.js'
import { type Comparison, compare } from '../service/compare.js'
import { type CompareFlags, pairNames, parseCount, parseShare, tolerances, toleratedNames } from './compare-options.js'
import { comparisonText } from './compare-text.js'
import { fileOptions, tableOptions, tellUnreadable } from './file-options.js'
import { EXIT } from './output.js'
import { Progress } from './progress.js'

const MOST_EXAMPLES = 1000

export function compareCommand(): Command {
  const command = new Command('compare')
    .description('Two files of the same rows through two pipelines: where they differ, row by row, and why.')
    .argument('<a>', 'what was served: CSV(.gz), NDJSON(.gz) or Parquet; a pattern in quotes')
    .argument('<b>', 'what it should be, such as the same rows recomputed offline')
    .requiredOption('--key <columns...>', 'columns that together tell rows apart; # for the number of the row')
    .option('--entity <column>', 'whose values they are, with --time: tells values that are late')
    .option('--time <column[:unit]>', 'when the row was; unit ms, us, ns, s or iso, told by the values where absent')
    .addOption(
      new Option(
        '--tolerance <tolerances...>',
        'numbers are equal if |a − b| ≤ max(abs, rel · |b|): abs:0.01,rel:1e-6 for all, fare=abs:0.01 for one',
      ).default([], 'rel:1e-6'),
    )
    .option('--features <columns...>', 'compare only these; all that both files have where absent')
    .option('--ignore <columns...>', 'columns to leave out', [])
    .option('--map <a=b...>', 'columns that B calls otherwise: name in A = name in B', [])
    .option(
      '--max-mismatch <share>',
      'of the rows, for each feature and for keys that one file lacks: 0.001 or 0.1%',
      '0',
    )
    .option('--examples <n>', 'rows that differ to keep of each feature; the text shows the first three', '10')
    .option('--show-values', 'show keys and values of the examples; else digits read 9 and letters a')
    .option('--json [file]', 'the whole comparison as JSON: to stdout, or to the file beside the text')
  return fileOptions(command)
    .addHelpText(
      'after',
      `
Exit codes: 0 equal · 1 a feature, or the keys, differ in more rows than --max-mismatch · 2 bad input

Examples:
  driftline compare served.parquet offline.parquet --key request_id
  driftline compare served.csv.gz offline.csv.gz --key taxi day --entity taxi --time day --tolerance fare=abs:0.01
  driftline compare old.ndjson new.ndjson --key id --map tripMiles=trip_miles --max-mismatch 0.1% --json diff.json`,
    )
    .action(run)
}

async function run(a: string, b: string, flags: CompareFlags): Promise<void> {
  const names = pairNames(flags)
  const options = {
    tolerance: tolerances(flags.tolerance),
    examples: parseCount('--examples', flags.examples, MOST_EXAMPLES),
    showValues: flags.showValues === true,
    maxMismatch: parseShare('--max-mismatch', flags.maxMismatch),
  }
  const progress = new Progress('{bar} {percentage}% · {what}', flags.json === true)
  progress.update(0, { what: 'looking at the files' })
  try {
    const pairs = await Pairs.open(a, b, names, tableOptions(flags))
    try {
      for (const table of [pairs.a, pairs.b]) tellUnreadable(table)
      checkTolerated(pairs, flags.tolerance)
      const found = await compare(pairs, names, {
        ...options,
        onProgress: (done, what) => progress.update(done, { what }),
      })
      progress.stop()
      await tell(found, flags.json)
      if (!found.equal) process.exitCode = EXIT.finding
    } finally {
      await pairs.close()
    }
  } finally {
    progress.stop()
  }
}

function checkTolerated({ columns: { compared } }: Pairs, options: readonly string[]): void {
  const names = compared.map(({ name }) => name)
  const unknown = toleratedNames(options).find(name => !names.includes(name))
  if (unknown === undefined) return
  const near = nearest(unknown, names)
  const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : `compared are ${names.slice(0, 30).join(', ')}`
  throw new DriftlineError('bad-input', `--tolerance names ${unknown}, which is not compared; ${hint}`)
}

async function tell(found: Comparison, json: boolean | string | undefined): Promise<void> {
  const text = JSON.stringify(found)
  if (json === true) {
    process.stdout.write(`${text}\n`)
    return
  }
  if (json !== undefined && json !== false)
    await writeFile(json, `${text}\n`).catch(cause => {
      throw new DriftlineError('bad-input', `--json ${json} cannot be written (${(cause as Error).message})`, { cause })
    })
  process.stdout.write(`${comparisonText(found)}\n`)
}
