#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { software } from '../service/software.js'
import { fail } from './output.js'

/** Commands are loaded when asked for: `--help` need not load a database engine. */
const COMMANDS = [
  async () => (await import('./demo.js')).demoCommand(),
  async () => (await import('./up.js')).upCommand(),
  async () => (await import('./replay.js')).replayCommand(),
  async () => (await import('./compare.js')).compareCommand(),
  async () => (await import('./infer.js')).inferCommand(),
  async () => (await import('./check.js')).checkCommand(),
  async () => (await import('./topics.js')).topicsCommand(),
  async () => (await import('./baseline.js')).baselineCommand(),
  async () => (await import('./produce.js')).produceCommand(),
  async () => (await import('./alerts.js')).alertsCommand(),
  async () => (await import('./incidents.js')).incidentsCommand(),
  async () => (await import('./verdicts.js')).verdictsCommand(),
]

const program = new Command('driftline')
  .description(
    'Watches the features that models are served with; tells when they drift or are computed otherwise than in training.',
  )
  .version(software)
  .showHelpAfterError('(add --help for the options and examples)')
  .addHelpText(
    'after',
    `
Exit codes: 0 fine · 1 a finding (only from compare and --fail-on) · 2 bad input · 3 infrastructure missing · 70 a fault of ours

First steps:
  driftline demo                                   the whole line, no infrastructure
  driftline infer train.csv.gz --out monitor.yaml  a monitor from your data
  driftline replay monitor.yaml --baseline train.csv.gz --events served.csv.gz`,
  )

for (const load of COMMANDS) program.addCommand(exiting(await load()))

/** Usage errors are bad input: exit code 2, not commander's 1. */
function exiting(command: Command): Command {
  command.exitOverride()
  command.showHelpAfterError('(add --help for the options and examples)')
  for (const child of command.commands) exiting(child)
  return command
}

// `driftline … | head` ends when the reader does; that is no fault.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw error
})

program.exitOverride()
try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else process.exitCode = fail(error, process.argv.includes('--json'))
}
