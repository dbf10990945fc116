import { Command } from 'commander'
import { answerJson, answerTable } from './answer-text.js'
import { withKnowledge } from './baseline-table.js'

interface Options {
  readonly model?: string
  readonly json?: boolean
}

/** `driftline alerts answers`: the audited list. */
export function answersCommand(): Command {
  return new Command('answers')
    .description(
      'What operators have said of alerts: who, when, what, until when and why. Read from driftline.control.',
    )
    .argument('[alert]', 'only answers given to this alert; the beginning of its id will do')
    .option('--model <name>', 'only about this model')
    .option('--json', 'the answers as NDJSON on stdout')
    .addHelpText(
      'after',
      `
Examples:
  driftline alerts answers
  driftline alerts answers 7f3a90
  driftline alerts answers --model taxi-tips --json | jq 'select(.action == "mute")'`,
    )
    .action(answers)
}

async function answers(alert: string | undefined, { model, json }: Options): Promise<void> {
  await withKnowledge(async (_log, knowledge) => {
    const all = knowledge
      .answers(model)
      .filter(({ alertId }) => alert === undefined || alertId?.startsWith(alert) === true)
    if (json) for (const one of all) process.stdout.write(`${answerJson(one)}\n`)
    else process.stdout.write(`${all.length === 0 ? 'nothing has been said' : answerTable(all)}\n`)
  })
}
