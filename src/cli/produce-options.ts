import { type Command, InvalidArgumentError, Option } from 'commander'
import type { EventOptions } from '../files/event-source.js'
import { type FileFlags, fileOptions } from './file-options.js'
import { parseTime } from './time-option.js'

export interface ProduceFlags extends FileFlags {
  readonly from: string
  readonly monitor: string
  readonly model?: string
  readonly map: string[]
  readonly rate?: number
  readonly speed?: number
  readonly partitionsBy: 'key' | 'round-robin'
  readonly format?: 'avro' | 'json'
  readonly clock: 'event' | 'now'
  readonly since?: number
  readonly until?: number
  readonly limit?: number
  readonly dryRun?: boolean
  readonly json?: boolean
}

export type What = 'features' | 'labels' | 'offline'

const ROWS: Readonly<Record<What, string>> = {
  features: 'serving events',
  labels: 'labels',
  offline: 'feature values recomputed offline',
}

/** Labels and offline values have keys of their own: their rows are not numbered. */
const EXAMPLES: Readonly<Record<What, readonly string[]>> = {
  features: [
    '--from served.csv.gz --monitor taxi.yaml --map eventTime=trip_start_timestamp:s requestId=#',
    "--from 'served/*.parquet' --monitor taxi.yaml --rate 500 --clock now",
  ],
  labels: [
    '--from labels.csv.gz --monitor taxi.yaml --map requestId=id labelledAt=paid_at:s',
    "--from 'labels/*.parquet' --monitor taxi.yaml --rate 500 --clock now",
  ],
  offline: [
    '--from offline.parquet --monitor taxi.yaml',
    '--from offline.csv.gz --monitor taxi.yaml --map featureTime=computed_for:s --speed 60',
  ],
}

/** What all kinds of produce understand. */
export function produceOptions(command: Command, what: What): Command {
  command
    .description(`Rows are ${ROWS[what]}.`)
    .requiredOption('--from <file>', 'CSV, NDJSON (also .gz) or Parquet; a pattern in quotes')
    .requiredOption('--monitor <file>', 'the monitor file that says how events look')
    .option('--model <name>', 'which monitor, where the file or folder has several')
    .option(
      '--map <field=column...>',
      'columns of fields: field=column, field=column:unit for times, field=# for the row number, field:=text',
      [],
    )
    .addOption(
      new Option('--rate <n>', 'events a second; as fast as possible where absent')
        .argParser(positive)
        .conflicts('speed'),
    )
    .addOption(new Option('--speed <x>', 'times the speed at which the events happened').argParser(positive))
    .addOption(
      new Option('--partitions-by <how>', 'what chooses the partition').choices(['key', 'round-robin']).default('key'),
    )
    .addOption(new Option('--format <format>', 'as the monitor says where absent').choices(['avro', 'json']))
    .addOption(
      new Option('--clock <clock>', 'now: the time of sending is the event time, which the file then need not have')
        .choices(['event', 'now'])
        .default('event'),
    )
    .option('--since <time>', 'events from this ISO time on', text => parseTime('--since', text))
    .option('--until <time>', 'events before this ISO time', text => parseTime('--until', text))
    .option('--limit <n>', 'at most so many', positive)
    .option('--dry-run', 'write nothing; show the schema and the first events')
    .option('--json', 'the summary as JSON')
  return fileOptions(command).addHelpText(
    'after',
    `
Examples:
${EXAMPLES[what].map(example => `  driftline produce ${what} ${example}`).join('\n')}

Brokers are named by KAFKA_BROKERS, the schema registry by SCHEMA_REGISTRY_URL.`,
  )
}

export function eventOptions({ since, until, limit, clock }: ProduceFlags): EventOptions {
  return {
    ...(since === undefined ? {} : { from: since }),
    ...(until === undefined ? {} : { to: until }),
    ...(limit === undefined ? {} : { limit }),
    ...(clock === 'now' ? { clock: Date.now } : {}),
  }
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('expected a number above 0')
  return value
}
