import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Command, Option } from 'commander'
import { parseDuration } from '../config/duration.js'
import { DriftlineError } from '../core/error.js'
import { parseFieldMap } from '../files/field-map.js'
import { type InferOptions, inferMonitor } from '../files/infer-monitor.js'
import { monitorText } from '../files/monitor-text.js'
import { openTable } from '../files/table.js'
import { type FileFlags, fileOptions, tableOptions, tellUnreadable } from './file-options.js'
import { withTopicSample } from './topic-sample.js'

interface Flags extends FileFlags {
  readonly model?: string
  readonly topic: string
  readonly time?: string
  readonly key?: string
  readonly label: string[]
  readonly window?: string
  readonly out?: string
  readonly force?: boolean
  readonly json?: boolean
}

export function inferCommand(): Command {
  const command = new Command('infer')
    .description('Writes a monitor file from data: times, key, kinds, a window size, and why.')
    .argument(
      '[file]',
      'CSV, NDJSON (also .gz) or Parquet; a pattern in quotes. Without it the newest records of --topic are read from Kafka',
    )
    .option('--model <name>', 'name of the model; the name of the file where absent')
    .option('--topic <name>', 'topic of the serving events', 'serving-features')
    .option('--time <column[:unit]>', 'column of the event time; unit ms, us, ns, s or iso')
    .option('--key <column>', 'column of the request id; # for none')
    .addOption(new Option('--label <columns...>', 'columns that are labels, not features').default([], 'none'))
    .option('--window <size>', 'window size, such as 1h; proposed from the row rate where absent')
    .option('--out <file>', 'write it there instead of to the output')
    .option('--force', 'overwrite the file of --out')
    .option('--json', 'what was inferred, as JSON')
  return fileOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  driftline infer train.csv.gz --out topology/monitors/taxi.yaml
  driftline infer --topic serving-features --model taxi --out topology/monitors/taxi.yaml
  driftline infer 'events/*.parquet' --model taxi --time created_at --key request_id --label tipped`,
    )
    .action(infer)
}

async function infer(file: string | undefined, flags: Flags): Promise<void> {
  if (file !== undefined) return inferFrom(file, flags)
  await withTopicSample(flags.topic, sample => inferFrom(sample, { model: flags.topic, ...flags }, true))
}

async function inferFrom(file: string, flags: Flags, live = false): Promise<void> {
  const table = await openTable(file, tableOptions(flags))
  try {
    tellUnreadable(table)
    const inferred = await inferMonitor(table, { ...inferOptions(file, flags), live })
    const text = monitorText(inferred)
    if (flags.out) await write(flags.out, text, flags.force === true)
    if (flags.json) process.stdout.write(`${JSON.stringify({ out: flags.out ?? null, ...inferred })}\n`)
    else if (!flags.out) process.stdout.write(text)
    else {
      for (const note of inferred.notes) process.stderr.write(`note: ${note}\n`)
      process.stdout.write(
        `${flags.out}: ${inferred.features.length} features, ${inferred.ignored.length} ignored, windows of ${inferred.window.size}\n` +
          `next: driftline check ${flags.out}\n`,
      )
    }
  } finally {
    await table.close()
  }
}

function inferOptions(file: string, flags: Flags): InferOptions {
  const window = flags.window === undefined ? null : parseDuration(flags.window)
  if (window !== null && !('ms' in window && window.ms > 0))
    throw new DriftlineError(
      'bad-input',
      `--window ${flags.window}: expected a duration above zero such as 1h. ${'remedy' in window ? window.remedy : 'Write, for example, 1h.'}`,
    )
  const time = flags.time && parseFieldMap([`time=${flags.time}`]).get('time')
  return {
    model: flags.model ?? modelName(file),
    topic: flags.topic,
    labels: flags.label,
    ...(time && 'column' in time ? { time } : {}),
    ...(flags.key ? { key: flags.key } : {}),
    ...(flags.window ? { window: flags.window } : {}),
  }
}

/** `data/chicago_taxi.csv.gz` is `chicago-taxi`. */
function modelName(file: string): string {
  const stem = basename(file).replace(/\..*$/, '')
  return (
    stem
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .toLowerCase() || 'model'
  )
}

async function write(path: string, text: string, force: boolean): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { flag: force ? 'w' : 'wx' })
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    const why = exists
      ? 'exists already; add --force to overwrite it'
      : `cannot be written (${(cause as Error).message})`
    throw new DriftlineError('bad-input', `--out ${path} ${why}`, { cause })
  }
}
