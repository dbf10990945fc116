import { Command } from 'commander'
import { TO_JSON } from '../codec/form.js'
import { castIncident } from '../codec/incident.js'
import type { IncidentEvent } from '../core/alert/incident-event.js'
import { addExamples } from './examples.js'
import { incidentLine, incidentTable, incidentText } from './incident-text.js'
import { common, filtered, type Life, type LifeOptions, list, show, tail } from './life-reading.js'

const INCIDENT: Life<IncidentEvent> = {
  type: 'incident',
  idOf: ({ incidentId }) => incidentId,
  line: incidentLine,
  table: incidentTable,
  text: incidentText,
  json: incident => castIncident(incident, TO_JSON),
}

export function incidentsCommand(): Command {
  const command = new Command('incidents').description(
    'Alerts that one event brought about, with their likely cause, read from the alerts topic at KAFKA_BROKERS.',
  )
  command.addCommand(
    filtered(new Command('tail').description('Incidents as they open, grow and resolve, one line each.'))
      .option('--since <time>', 'begin with windows that end after this: 2h, an ISO time, earliest or now', 'now')
      .option('--no-follow', 'end where the topic ends now')
      .action((options: LifeOptions) => tail(INCIDENT, options)),
  )
  command.addCommand(
    filtered(new Command('list').description('The latest state of each incident, the newest last.'))
      .option(
        '--since <time>',
        'only incidents with a window that ends after this: 2h, an ISO time or earliest',
        'earliest',
      )
      .action((options: LifeOptions) => list(INCIDENT, options)),
  )
  command.addCommand(
    common(
      new Command('show').description(
        'Everything about one incident: cause, where, its features ranked, its alerts, runbook, history.',
      ),
    )
      .argument('<id>', 'incident id, or its beginning')
      .action((id: string, options: LifeOptions) => show(INCIDENT, id, options)),
  )
  addExamples(command, [
    'driftline incidents tail                            one line an incident, as they come, until Ctrl-C',
    'driftline incidents tail --since 2h --severity major critical',
    'driftline incidents list --status firing ongoing    what is open now',
    'driftline incidents show 41c0d2                     everything about one; the beginning of its id will do',
    'driftline incidents list --json | jq .cause',
  ])
  return command
}
