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
  calibrate: async () => (await import('./calibrate.js')).calibrateCommand(),
  check: async () => (await import('./check.js')).checkCommand(),
  topics: async () => (await import('./topics.js')).topicsCommand(),
  baseline: async () => (await import('./baseline.js')).baselineCommand(),
  produce: async () => (await import('./produce.js')).produceCommand(),
  alerts: async () => (await import('./alerts.js')).alertsCommand(),
  incidents: async () => (await import('./incidents.js')).incidentsCommand(),
  verdicts: async () => (await import('./verdicts.js')).verdictsCommand(),
  status: async () => (await import('./status.js')).statusCommand(),
  'dead-letters': async () => (await import('./dead-letters.js')).deadLettersCommand(),
  forget: async () => (await import('./forget.js')).forgetCommand(),
}

/**
 * Runs one command to its end; what is wrong is told on standard error.
 * @param args as typed after `driftline`; the exit code is left in `process.exitCode`
 */
export async function run(args: readonly string[]): Promise<void> {
  const program = new Command('driftline')
    .description(
      'Watches the features that models are served with; tells when they drift or are computed otherwise than in training.',
    )
    .version(software)
    .showHelpAfterError('(add --help for the options and examples)')
    .addHelpText(
      'after',
      `
Exit codes: 0 fine · 1 a finding (only from compare and --fail-on) · 2 bad input · 3 infrastructure missing, or nothing judged (--fail-on) · 70 a fault of ours

First steps:
  driftline demo                                   the whole line, no infrastructure
  driftline infer train.csv.gz --out monitor.yaml  a monitor from your data
  driftline replay monitor.yaml --baseline train.csv.gz --events served.csv.gz`,
    )
  for (const load of asked(args)) program.addCommand(exiting(await load()))
  program.exitOverride()
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
    else process.exitCode = fail(error, args.includes('--json'))
  }
}

/** The command that is named; all of them where the help has to list them. */
function asked(args: readonly string[]): (() => Promise<Command>)[] {
  if (args[0] === '--version' || args[0] === '-V') return []
  const named = args.find(word => !word.startsWith('-')) ?? ''
  return Object.hasOwn(COMMANDS, named) ? [COMMANDS[named]] : Object.values(COMMANDS)
}

/** Usage errors are bad input: exit code 2, not commander's 1. Help says `none` of empty lists. */
function exiting(command: Command): Command {
  command.exitOverride()
  command.showHelpAfterError('(add --help for the options and examples)')
  for (const option of command.options)
    if (Array.isArray(option.defaultValue) && option.defaultValue.length === 0) option.defaultValueDescription = 'none'
  for (const child of command.commands) exiting(child)
  return command
}
