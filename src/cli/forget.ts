import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { formatDuration } from '../config/duration.js'
import { environment, replicationOverride } from '../config/environment.js'
import { loadTopics } from '../config/topics.js'
import { DriftlineError } from '../core/error.js'
import { inputsOf, type Monitor } from '../core/monitor.js'
import type { KeyedStore, StateStore } from '../core/ports.js'
import { wallClock } from '../service/clock.js'
import {
  forget,
  forgetCheckpoints,
  forgetKeys,
  type Holdings,
  holdingsOf,
  type KeysLeft,
  keysLeft,
} from '../service/forget.js'
import type { Knowledge } from '../service/knowledge.js'
import { ALERTS, DEAD_LETTERS, JOINS, PANES, VERDICTS } from '../service/topics.js'
import { openKeyed, openStore } from '../state/open.js'
import { operator, withKnowledge } from './baseline-table.js'
import { colours as pc } from './colours.js'
import { table, time } from './output.js'

interface Options {
  readonly yes?: boolean
  readonly force?: boolean
  readonly note?: string
  readonly by: string
  readonly list?: boolean
  readonly state?: string
  readonly group: string
  readonly json?: boolean
}

/** Topics that hold a model's data until it is old. */
const EXPIRING = [PANES, JOINS, VERDICTS, ALERTS, DEAD_LETTERS]

/** Where a service has kept its state. */
interface Stores {
  readonly checkpoints: StateStore
  readonly keys: KeyedStore
}

export function forgetCommand(): Command {
  return new Command('forget')
    .description(
      'Removes what Driftline keeps of a model: baselines, decision state, histories, monitor versions, answers. On record.',
    )
    .argument('[model]', 'model name')
    .option('--yes', 'really; without it the command says what would go')
    .option('--force', 'also while a monitor watches it; a monitor file that is still there begins anew')
    .option('--note <text>', 'why, for whoever reads it later')
    .option('--by <name>', 'who says so', operator())
    .option(
      '--state <place>',
      'where a service that runs no more has kept its checkpoints and the keys that wait to be joined: removed there too (default: DRIFTLINE_STATE)',
    )
    .option('--group <prefix>', 'prefix of that service’s consumer groups', 'driftline')
    .option('--list', 'what was forgotten, when and by whom')
    .option('--json', 'as JSON on stdout')
    .addHelpText(
      'after',
      `
Examples:
  driftline forget taxi-tips                       what would go, and what goes by itself and when
  driftline forget taxi-tips --yes --note "contract ended"
  driftline forget --list                          who has had which model forgotten, and why

Take the monitor file away first: a running \`driftline up\` then ends its watch. Running instances let go of the model when they read
the word, also in their checkpoints and pending keys. What a stopped one has left is reached by --state: Redis from anywhere, lmdb on
the machine whose disk it is. Parts, rows to join, verdicts, alerts and dead letters go by the retention of their topics.`,
    )
    .action(run)
}

async function run(model: string | undefined, options: Options): Promise<void> {
  await withKnowledge(async (log, knowledge) => {
    if (options.list) return list(knowledge, options.json)
    if (model === undefined) throw new DriftlineError('bad-input', 'name the model to forget, or add --list')
    const holdings = await holdingsOf(log, model)
    const { baselines, states, words } = holdings
    await withStores(options.state, async stores => {
      const { group } = options
      const left = stores && { place: stores.keys.place, ...(await keysLeft(log, stores.keys, group, model)) }
      if (baselines.length + states.length + words.length + (left?.tasks ?? 0) === 0)
        throw new DriftlineError('bad-input', `nothing is kept of model ${model}; ${knownModels(knowledge)}`)
      const watched = knowledge.monitors(model).at(-1)?.definition != null
      if (watched && !options.force)
        throw new DriftlineError(
          'bad-input',
          `a monitor of ${model} is still watched: take its file away from the running service (\`driftline up\` ends the watch within seconds), or add --force`,
        )
      const { by, note = null } = options
      const at = wallClock.now()
      const topics = topicsOf(knowledge, model)
      if (options.yes) {
        await forget(log, holdings, { model, by, note, at })
        if (stores !== null) {
          await forgetCheckpoints(log, stores.checkpoints, group, topics)
          await forgetKeys(log, stores.keys, group, model)
        }
      }
      const expiries = EXPIRING.flatMap(topic => expiry(topic, at))
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ model, forgotten: options.yes ?? false, by, note, ...counts(holdings, left), expiries })}\n`
          : `${text(model, holdings, left, expiries, options)}\n`,
      )
      if (!options.yes) throw new DriftlineError('bad-input', 'nothing was removed: add --yes')
    })
  })
}

/** Source topics that the model's monitors have read. */
function topicsOf(knowledge: Knowledge, model: string): string[] {
  const definitions = knowledge.monitors(model).flatMap(({ definition }) => definition ?? [])
  const inputs = definitions.flatMap(one => inputsOf(JSON.parse(one) as Monitor))
  return [...new Set(inputs.map(({ topic }) => topic))]
}

/** Null unless the place is named: without a word, a folder would be made where the command is run. */
async function withStores(named: string | undefined, work: (stores: Stores | null) => Promise<void>): Promise<void> {
  const said = named ?? process.env['DRIFTLINE_STATE']
  const place = said ? environment({ ...process.env, DRIFTLINE_STATE: said }).state : null
  if (place?.kind === 'lmdb' && !existsSync(place.folder))
    throw new DriftlineError('bad-input', `there is no folder ${place.folder}: correct --state (or DRIFTLINE_STATE)`)
  const [checkpoints, keys] = place === null ? [null, null] : [await openStore(place), await openKeyed(place)]
  try {
    await work(checkpoints && keys && { checkpoints, keys })
  } finally {
    await checkpoints?.close()
    await keys?.close()
  }
}

interface Expiry {
  readonly topic: string
  readonly retentionMs: number
  /** When the newest that is there now goes, ISO. */
  readonly until: string
}

/** As topology/topics.yaml declares it. */
function expiry(topic: string, now: number): Expiry[] {
  const declared = loadTopics(undefined, replicationOverride()).topics.find(({ name }) => name === topic)
  const retentionMs = Number(declared?.configs['retention.ms'] ?? Number.NaN)
  return Number.isFinite(retentionMs) ? [{ topic, retentionMs, until: new Date(now + retentionMs).toISOString() }] : []
}

/** Null: no place was named. */
type Left = (KeysLeft & { readonly place: string }) | null

function counts({ baselines, states, words }: Holdings, left: Left) {
  const records = { baselineRecords: baselines.length, stateRecords: states.length, words: words.length }
  return { ...records, pendingKeys: left && { place: left.place, keys: left.keys } }
}

function text(
  model: string,
  holdings: Holdings,
  left: Left,
  expiries: readonly Expiry[],
  { yes, by }: Options,
): string {
  const { baselineRecords, stateRecords, words } = counts(holdings, left)
  const head = yes ? `${pc.green('forgotten')} ${model}, by ${by}` : `of ${model} would be removed`
  const rows = expiries.map(({ topic, retentionMs, until }) => [
    topic,
    formatDuration(retentionMs),
    time(Math.floor(Date.parse(until) / 60_000) * 60_000),
  ])
  return [
    `${head}: ${baselineRecords} records of baselines, ${stateRecords} of state and histories, ${words} words of control`,
    left === null
      ? 'Not looked at: checkpoints and pending keys that a stopped service has left. Name their place with --state.'
      : `in ${left.place}: ${left.keys} keys that wait to be joined. What other machines have on their disks is not reached from here.`,
    '',
    'What lies in these topics goes by their declared retention:',
    table(['topic', 'retention', 'gone by'], rows),
  ].join('\n')
}

function list(knowledge: Knowledge, json = false): void {
  const all = knowledge.forgotten()
  if (json)
    for (const one of all) process.stdout.write(`${JSON.stringify({ ...one, at: new Date(one.at).toISOString() })}\n`)
  else {
    const rows = all.map(({ model, by, note, at }) => [time(Math.floor(at / 1000) * 1000), model, by, note ?? ''])
    process.stdout.write(
      `${all.length === 0 ? 'no model was forgotten' : table(['when', 'model', 'by', 'why'], rows)}\n`,
    )
  }
}

function knownModels(knowledge: Knowledge): string {
  const all = [...new Set([...knowledge.watched(), ...knowledge.models()])].sort()
  return `models known: ${all.join(', ') || 'none'}`
}
