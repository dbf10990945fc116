import { randomUUID } from 'node:crypto'
import { Command } from 'commander'
import type { Action, Answer } from '../core/alert/answer.js'
import { DriftlineError } from '../core/error.js'
import { give } from '../service/answers.js'
import { wallClock } from '../service/clock.js'
import { findAlerts } from './alert-finding.js'
import { type AnswerOptions, answerOptions, scopesOf } from './answer-options.js'
import { alertTarget, known, scopeTarget } from './answer-target.js'
import { answerJson, answerLine } from './answer-text.js'
import { withKnowledge } from './baseline-table.js'
import { asideColours as aside } from './colours.js'
import { unmuteNote } from './unmute-note.js'
import { parseUntil } from './until-option.js'

const COMMANDS: readonly { action: Action; description: string; examples: readonly string[] }[] = [
  {
    action: 'ack',
    description: 'Seen: no more reminders, unless it becomes more severe. Its end is told.',
    examples: ['ack 7f3a90', 'ack 7f3a90 b81c --note "pricing team is on it"'],
  },
  {
    action: 'mute',
    description: 'Says nothing of windows that end before a time. What still fires then is told once.',
    examples: [
      'mute 7f3a90 --until 2h                            this check of this series, if it opens again too',
      'mute 7f3a90 --feature trip_miles --until 2h       every alert of the feature, in the model of this alert',
      'mute --model taxi-tips --until 2026-02-01T06:00Z  a whole model',
    ],
  },
  {
    action: 'unmute',
    description: 'Takes back mutes: those given to an alert, or all within what the options say.',
    examples: ['unmute 7f3a90', 'unmute --model taxi-tips'],
  },
  {
    action: 'expected',
    description: 'The change is wanted: resolved, and no alert again unless it goes further.',
    examples: ['expected 7f3a90 --note "new tariff since Monday"', 'expected --model taxi-tips --feature fare extra'],
  },
  {
    action: 'resolve',
    description: 'Over, by your word. The next breach is a new alert.',
    examples: ['resolve 7f3a90 --note "the feed is back"'],
  },
]

/** `driftline alerts ack|mute|unmute|expected|resolve`. */
export function answerCommands(): Command[] {
  return COMMANDS.map(({ action, description, examples }) =>
    answerOptions(new Command(action).description(description), action)
      .addHelpText('after', `\nExamples:\n${examples.map(one => `  driftline alerts ${one}`).join('\n')}`)
      .action((ids: string[], options: AnswerOptions) => answer(action, ids, options)),
  )
}

async function answer(action: Action, ids: readonly string[], options: AnswerOptions): Promise<void> {
  const { by, note = null } = options
  const until = options.until === undefined ? null : parseUntil('--until', options.until)
  const scopes = scopesOf(options, ids.length)
  if (ids.length === 0 && options.model === undefined)
    throw new DriftlineError(
      'bad-input',
      `say what it is about: an alert id (\`driftline alerts list\` shows them), or --model with --feature, --segment or --model-version`,
    )
  const found = ids.length === 0 ? [] : await findAlerts(options.topic, ids)
  const alerts = ids.map((id, i) => known(id, found[i] ?? null, action, until, options))
  await withKnowledge(async (log, knowledge) => {
    const targets =
      scopes === null
        ? ids.map((id, i) => alertTarget(action, id, alerts[i]!, options))
        : scopes.map(scope => scopeTarget(knowledge, scope, alerts, options))
    for (const target of targets) {
      const warning = action === 'unmute' ? unmuteNote(knowledge.answers(target.model), target, wallClock.now()) : null
      if (warning !== null) process.stderr.write(`${aside.yellow('note')} ${warning}\n`)
      const said: Answer = { id: randomUUID(), action, ...target, by, at: wallClock.now(), until, note }
      await give(log, said)
      process.stdout.write(`${options.json ? answerJson(said) : answerLine(said)}\n`)
    }
  })
}
