#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { software } from '../service/software.js'
import { fail } from './output.js'

/** Loaded when asked for: to list alerts no database engine is needed. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./demo.js')).demoCommand(),
  up: async () => (await import('./up.js')).upCommand(),
  replay: async () => (await import('./replay.js')).replayCommand(),
  compare: async () => (await import('./compare.js')).compareCommand(),
  infer: async () => (await import('./infer.js')).inferCommand(),
  check: async () => (await import('./check.js')).checkCommand(),
  topics: async () => (await import('./topics.js')).topicsCommand(),
  baseline: async () => (await import('./baseline.js')).baselineCommand(),
  produce: async () => (await import('./produce.js')).produceCommand(),
  alerts: async () => (await import('./alerts.js')).alertsCommand(),
  incidents: async () => (await import('./incidents.js')).incidentsCommand(),
  verdicts: async () => (await import('./verdicts.js')).verdictsCommand(),
}

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

const named = process.argv.slice(2).find(word => !word.startsWith('-')) ?? ''
const asked = Object.hasOwn(COMMANDS, named) ? [COMMANDS[named]] : Object.values(COMMANDS)
for (const load of asked) program.addCommand(exiting(await load()))

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
