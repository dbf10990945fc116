import type { Command } from 'commander'
import type { Action, Scope } from '../core/alert/answer.js'
import type { Segment } from '../core/baseline/baseline.js'
import { DriftlineError } from '../core/error.js'
import { ALERTS } from '../service/topics.js'
import { operator } from './baseline-table.js'

export interface AnswerOptions {
  readonly topic: string
  readonly model?: string
  readonly modelVersion?: string
  readonly segment?: string[]
  readonly feature?: string[]
  readonly until?: string
  readonly note?: string
  readonly by: string
  readonly force?: boolean
  readonly json?: boolean
}

/** Answers that may be about more than one alert. */
const WIDE: ReadonlySet<Action> = new Set<Action>(['mute', 'unmute', 'expected'])

export function answerOptions(command: Command, action: Action): Command {
  const wide = WIDE.has(action)
  command
    .argument(wide ? '[alerts...]' : '<alerts...>', 'alert ids, or their beginnings')
    .option(
      '--model <name>',
      wide ? 'all of a model, or what the options below leave of it' : 'with --force: its model',
    )
  if (wide)
    command
      .option('--model-version <version>', 'only this version')
      .option('--segment <name=value...>', 'only this segment; `all` for the rows of all segments together')
      .option('--feature <names...>', 'only these features')
  if (action === 'mute')
    command.requiredOption('--until <time>', 'windows that end before this say nothing: 2h from now, or an ISO time')
  return command
    .option('--note <text>', 'why, for whoever reads it later')
    .option('--by <name>', 'who says so', operator())
    .option('--force', 'also of what Driftline does not know, or what is over')
    .option('--topic <name>', 'topic of the alerts', ALERTS)
    .option('--json', 'the answers as NDJSON on stdout')
}

/** What the options say an answer is about, one scope a feature; null where they say nothing, and an alert must be named. */
export function scopesOf({ model, modelVersion, segment, feature }: AnswerOptions, alerts: number): Scope[] | null {
  if (modelVersion === undefined && segment === undefined && feature === undefined)
    return model === undefined || alerts > 0 ? null : [scope(undefined, undefined, null)]
  return (feature ?? [null]).map(name => scope(modelVersion, segment, name))
}

function scope(
  modelVersion: string | undefined,
  segment: readonly string[] | undefined,
  feature: string | null,
): Scope {
  return { modelVersion: modelVersion ?? null, segment: segmentOf(segment), feature, check: null }
}

function segmentOf(pairs: readonly string[] | undefined): Segment | null {
  if (pairs === undefined) return null
  if (pairs.length === 1 && pairs[0] === 'all') return {}
  return Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=')
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
      throw new DriftlineError(
        'bad-input',
        `--segment ${pair}: expected name=value, for example payment_type=Cash, or all`,
      )
    }),
  )
}
