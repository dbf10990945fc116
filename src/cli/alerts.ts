import { Command } from 'commander'
import { castAlert } from '../codec/alert.js'
import { TO_JSON } from '../codec/form.js'
import type { AlertEvent } from '../core/alert/event.js'
import { alertLine, alertTable, alertText } from './alert-text.js'
import { answerCommands } from './alerts-answer.js'
import { answersCommand } from './alerts-answers.js'
import { addExamples } from './examples.js'
import { common, filtered, type Life, type LifeOptions, list, show, tail } from './life-reading.js'

const ALERT: Life<AlertEvent> = {
  type: 'alert',
  idOf: ({ alertId }) => alertId,
  line: alertLine,
  table: alertTable,
  text: alertText,
  json: alert => castAlert(alert, TO_JSON),
}

export function alertsCommand(): Command {
  const command = new Command('alerts').description(
    'What Driftline sees, read from the alerts topic at KAFKA_BROKERS (and SCHEMA_REGISTRY_URL), and what you answer.',
  )
  command.addCommand(
    filtered(new Command('tail').description('Alerts as they come, one line each.'))
      .option('--since <time>', 'begin with windows that end after this: 2h, an ISO time, earliest or now', 'now')
      .option('--no-follow', 'end where the topic ends now')
      .action((options: LifeOptions) => tail(ALERT, options)),
  )
  command.addCommand(
    filtered(new Command('list').description('The latest state of each alert, the newest last.'))
      .option(
        '--since <time>',
        'only alerts with a window that ends after this: 2h, an ISO time or earliest',
        'earliest',
      )
      .action((options: LifeOptions) => list(ALERT, options)),
  )
  command.addCommand(
    common(
      new Command('show').description(
        'Everything about one alert: what moved, evidence, window, baseline, runbook, history.',
      ),
    )
      .argument('<id>', 'alert id, or its beginning')
      .action((id: string, options: LifeOptions) => show(ALERT, id, options)),
  )
  addExamples(command, [
    'driftline alerts tail                               one line an alert, as they come, until Ctrl-C',
    'driftline alerts tail --since 2h --severity major critical',
    'driftline alerts list --status firing ongoing       what is open now',
    'driftline alerts show 7f3a90                        everything about one alert; the beginning of its id will do',
    'driftline alerts ack 7f3a90 --note "looking into it"',
    'driftline alerts mute 7f3a90 --until 2h',
    'driftline alerts answers                            who said what of which alert, and why',
    'driftline alerts tail --json | jq .summary',
  ])
  for (const answer of answerCommands()) command.addCommand(answer)
  command.addCommand(answersCommand())
  return command
}
