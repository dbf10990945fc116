import { Command } from 'commander'
import { exportOne, importOne, load } from './baseline-load.js'
import { type PromoteOptions, promote, rollback } from './baseline-promote.js'
import { diff, list, show } from './baseline-show.js'
import { addExamples } from './examples.js'
import { fileOptions } from './file-options.js'

export function baselineCommand(): Command {
  const command = new Command('baseline').description(
    'Baselines: what a model was trained on, kept as sketches in driftline.baselines.',
  )
  fileOptions(command.command('load <file>'))
    .description(
      'reads a training file (CSV, NDJSON, Parquet; gzipped too) into a new version; the first one is active at once',
    )
    .requiredOption('--monitor <file>', 'the monitor whose fields the columns are mapped to')
    .option('--map <field=column...>', 'event fields that have other names in the file', [])
    .option('--model-version <version>', 'model version that was trained on it; any when absent')
    .option('--from <time>', 'only rows from this event time on')
    .option('--to <time>', 'only rows before this event time')
    .option('--label <column>', 'tells which features know this column too well to be honest; kept in the baseline')
    .option('--tdigest', 'the file is a JSON dump of npm tdigest: feature → digest.toArray()')
    .option('--dry-run', 'build and show it, write nothing')
    .option('--json', 'the manifest as JSON')
    .action(load)
  command.command('list [model]').description('versions, and which is active').option('--json', 'as JSON').action(list)
  command
    .command('show <model> [version]')
    .description('its features, edges and quantiles')
    .option('--json', 'as JSON')
    .action(show)
  command
    .command('diff <model> <a> <b>')
    .description('distances between two versions, feature by feature')
    .option('--json', 'as JSON')
    .action(diff)
  command
    .command('promote <model> <version>')
    .description('judge against this version from a pane on (by default the first that counts at its edges)')
    .option('--at <time>', 'first window start judged against it')
    .option('--json', 'what was written, as JSON')
    .action((model: string, version: string, options: PromoteOptions) => promote(model, Number(version), options))
  command
    .command('rollback <model>')
    .description('judge against the version that was active before')
    .option('--json', 'what was written, as JSON')
    .action(rollback)
  command
    .command('export <model> <version>')
    .description('writes it as JSON')
    .option('--out <file>', 'file; stdout when absent')
    .action(exportOne)
  command
    .command('import <file>')
    .description('loads an exported baseline as a new version')
    .requiredOption('--monitor <file>', 'the monitor it is for')
    .option('--json', 'the manifest as JSON')
    .action(importOne)
  addExamples(command, [
    'driftline baseline load train.parquet --monitor monitors/taxi.yaml',
    'driftline baseline load trips.csv.gz --monitor taxi.yaml --to 2014-01-01 --map eventTime=trip_start_timestamp:s',
    'driftline baseline list taxi-tips',
    'driftline baseline diff taxi-tips 1 2',
    'driftline baseline promote taxi-tips 2',
    'driftline baseline rollback taxi-tips',
    'driftline baseline show taxi-tips',
    'driftline baseline export taxi-tips 2 --out taxi-2.ndjson',
    'driftline baseline import taxi-2.ndjson --monitor monitors/taxi.yaml',
  ])
  return command
}
