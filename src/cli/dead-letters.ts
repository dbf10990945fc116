import { Command, Option } from 'commander'
import { decipher } from '../codec/confluent-value.js'
import type { ReplayNote } from '../codec/dead-letter.js'
import { registrySchemas } from '../codec/writer-schemas.js'
import { environment } from '../config/environment.js'
import { DriftlineError } from '../core/error.js'
import { REJECTIONS } from '../core/rejection.js'
import { DEAD_LETTERS } from '../service/topics.js'
import { operator } from './baseline-table.js'
import { type Letter, type LetterOptions, letterFilter, Places, readLetters } from './dead-letter-reading.js'
import { type ReplayOptions, replay } from './dead-letter-replay.js'
import { countsText, letterTable, letterText, type Told, told } from './dead-letter-text.js'
import { withLog } from './event-reading.js'
import { addExamples } from './examples.js'
import { parseSince } from './since-option.js'
import { untilStopped } from './until-stopped.js'

interface ListOptions extends LetterOptions {
  readonly deadLetters: string
  readonly limit: string
  readonly json?: boolean
}

export function deadLettersCommand(): Command {
  const command = new Command('dead-letters').description(
    'Records that were rejected: why, their bytes, and their way back to their topic.',
  )
  command.addCommand(
    filtered(new Command('list').description('The newest dead letters, the newest last, and all counted by cause.'))
      .option('--limit <n>', 'the newest so many; the counts are of all', '100')
      .action(list),
  )
  command.addCommand(
    common(new Command('show').description('Everything about one dead letter.'))
      .argument('<id>', 'topic-partition-offset of the rejected record')
      .option('--all', 'all bytes, not the first 1024')
      .action(show),
  )
  command.addCommand(
    filtered(
      new Command('replay').description(
        'Writes rejected records back to their topics: key, value and headers as they came, each once.',
      ),
    )
      .argument('[ids...]', 'only these')
      .option('--monitors <path>', 'only what these monitors can read now; the others are told, and stay')
      .option('--dry-run', 'says what would be written, and writes nothing')
      .option(
        '--force',
        'also what was replayed before, replays that were rejected again, and what no monitor can read',
      )
      .option('--by <name>', 'who replays, for the record', operator())
      .addHelpText(
        'after',
        `
A replayed record counts like one that comes now: its row joins the windows of its event time that still take rows, else it is
counted as late. It carries the header driftline_replay_of; if it is rejected again, that dead letter is replayed only with --force.
The replay itself is noted among the dead letters, so that a second run writes nothing twice; only if a run is killed, the last
hundred records may come again.`,
      )
      .action((ids: string[], options: ReplayOptions) => replay(ids, options)),
  )
  addExamples(
    command,
    [
      'driftline dead-letters list                              the newest, and how many of each cause',
      'driftline dead-letters list --cause not-avro schema-unknown --since 1d',
      'driftline dead-letters list --topic serving-features --since 2026-01-31T12:00:00Z --until 2026-01-31T13:00:00Z',
      'driftline dead-letters show serving-features-2-1041      cause, remedy, headers, bytes, and the record where it can be read',
      'driftline dead-letters replay --cause schema-unknown --dry-run',
      'driftline dead-letters replay --cause schema-unknown     writes them back, each once',
      'driftline dead-letters replay serving-features-2-1041 --monitors topology/monitors',
    ],
    `

An id is topic-partition-offset of the rejected record.`,
  )
  return command
}

function common(command: Command): Command {
  return command
    .option('--dead-letters <name>', 'topic of the dead letters', DEAD_LETTERS)
    .option('--json', 'as NDJSON on stdout')
}

function filtered(command: Command): Command {
  return common(command)
    .addOption(new Option('--cause <causes...>', 'only of these causes').choices(REJECTIONS))
    .option('--topic <names...>', 'only records of these topics')
    .option('--since <time>', 'rejected at or after this: 2h ago, an ISO time or earliest', 'earliest')
    .option('--until <time>', 'rejected before this: 10m ago, an ISO time or now', 'now')
}

async function list(options: ListOptions): Promise<void> {
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1)
    throw new DriftlineError('bad-input', `--limit ${options.limit}: expected a whole number from 1`)
  const matches = letterFilter(options)
  const since = parseSince('--since', options.since)
  const replayed = new Places()
  const causes = new Map<string, number>()
  let newest: Told[] = []
  const onLetter = (letter: Letter): void => {
    if (!matches(letter)) return
    causes.set(letter.cause, (causes.get(letter.cause) ?? 0) + 1)
    newest.push(told(letter))
    if (newest.length >= 2 * limit) newest = newest.slice(-limit)
  }
  const onNote = (note: ReplayNote) => void replayed.add(note)
  const topic = options.deadLetters
  await untilStopped(signal => withLog(log => readLetters({ log, topic, signal, since, onLetter, onNote })))
  newest = newest.sort((a, b) => a.time.localeCompare(b.time)).slice(-limit)
  if (options.json) {
    for (const letter of newest) print(JSON.stringify({ ...letter, replayed: replayed.has(letter) }))
    print(JSON.stringify({ shown: newest.length, causes: Object.fromEntries(causes) }))
  } else if (newest.length === 0) print('no dead letters')
  else print(`${letterTable(newest, letter => replayed.has(letter))}\n\n${countsText(causes)}`)
}

async function show(
  id: string,
  { deadLetters: topic, all = false, json }: { deadLetters: string; all?: boolean; json?: boolean },
): Promise<void> {
  let found: Letter | null = null
  let note: ReplayNote | null = null
  const since = Number.NEGATIVE_INFINITY
  const onLetter = (letter: Letter): void => {
    if (letter.id === id) found = { ...letter, key: copy(letter.key), value: copy(letter.value) }
  }
  const onNote = (one: ReplayNote): void => {
    if (`${one.topic}-${one.partition}-${one.offset}` === id) note = one
  }
  await untilStopped(signal => withLog(log => readLetters({ log, topic, signal, since, onLetter, onNote })))
  if (found === null)
    throw new DriftlineError(
      'bad-input',
      `no dead letter with the id ${id} in "${topic}"; \`driftline dead-letters list\` shows those there are`,
    )
  const letter: Letter = found
  const { schemaRegistryUrl } = environment()
  const decoded = await decipher(
    letter.value ?? new Uint8Array(),
    schemaRegistryUrl === null ? null : registrySchemas(schemaRegistryUrl),
  )
  print(json ? letterJson(letter, decoded, note) : letterText(letter, decoded, note, all))
}

/** Bytes in base64, as they came. */
function letterJson(letter: Letter, decoded: Awaited<ReturnType<typeof decipher>>, note: ReplayNote | null): string {
  const base64 = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString('base64')
  const headers = Object.fromEntries(Object.entries(letter.headers).map(([name, bytes]) => [name, base64(bytes)]))
  return JSON.stringify({
    ...letter,
    ...{ key: base64(letter.key), value: base64(letter.value), headers },
    decoded: 'json' in decoded ? JSON.parse(decoded.json) : null,
    replayed: note && { at: note.at, by: note.by },
  })
}

/** Batches own their memory. */
function copy(bytes: Uint8Array | null): Uint8Array | null {
  return bytes && new Uint8Array(bytes)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
