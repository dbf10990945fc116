/** `npm run services`: what Driftline needs around it, for local work. */
import { parseArgs } from 'node:util'
import { DriftlineError } from '../../src/core/error.js'
import { type Addresses, type Launched, launch } from './launch.js'
import { type ServiceName, serviceNames, services } from './table.js'

const help = `npm run services -- [kafka] [redis] [registry] [--json]

Starts Kafka, Redis and a schema registry (or those named) and keeps them until Ctrl-C. Each is taken from

  1. its variable, if set (${Object.values(services)
    .map(({ variable }) => variable)
    .join(', ')}): it is checked, and left alone at the end
  2. Docker, if an engine answers
  3. Maven Central, with a JDK (17 or newer) and Maven: no root and no Docker; fetched once, about 190 MB

on ports ${Object.values(services)
  .map(({ port }) => port)
  .join(', ')} where they are free. What they hold is gone at the end.

  --json   print one line of JSON when all answer
  --help   print this
`

async function main(): Promise<number> {
  const { values, positionals } = readArguments()
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const which = positionals.length > 0 ? serviceNames.filter(name => positionals.includes(name)) : serviceNames
  const launched = await launch(which, { ports: 'usual' })
  const asked = signal()
  process.stdout.write(values.json ? `${JSON.stringify(described(which, launched))}\n` : table(which, launched))
  await asked
  if (!values.json) process.stdout.write('\nEnding…\n')
  await launched.stop()
  return 0
}

function readArguments() {
  const options = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const
  try {
    const given = parseArgs({ options, allowPositionals: true })
    const unknown = given.positionals.find(name => !(name in services))
    if (unknown !== undefined) throw new Error(`Unknown service '${unknown}'`)
    return given
  } catch (cause) {
    const reason = (cause as Error).message
    throw new DriftlineError('bad-input', `${reason}. Run npm run services -- --help to see what there is.`, { cause })
  }
}

type Described = Partial<{ [Name in ServiceName]: Addresses[Name] & { origin: string } }>

function described(which: readonly ServiceName[], { addresses, origins }: Launched<ServiceName>): Described {
  return Object.fromEntries(which.map(name => [name, { ...addresses[name], origin: origins[name] }]))
}

function table(which: readonly ServiceName[], { addresses, origins }: Launched<ServiceName>): string {
  const from = { environment: 'given by the environment', docker: 'Docker', maven: 'Maven Central' }
  const shown = (name: ServiceName) => Object.values(addresses[name]).flat().join(',')
  const rows = which.map(name => [services[name].title, shown(name), from[origins[name]]] as const)
  const widest = Math.max(...rows.map(([, address]) => address.length))
  return [
    '',
    ...rows.map(([title, address, origin]) => `  ${title.padEnd(17)}${address.padEnd(widest + 2)}${origin}`),
    '',
    'Tell Driftline, in the terminal that it runs in:',
    '',
    ...which.map(name => `export ${services[name].variable}=${shown(name)}`),
    '',
    'Ctrl-C ends them.',
    '',
  ].join('\n')
}

/** Keeps the process alive until it is asked to end, which is in force before anybody can read that it runs; npm and the terminal may both pass on one Ctrl-C. */
function signal(): Promise<void> {
  return new Promise(resolve => {
    const alive = setInterval(() => {}, 1 << 30)
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        clearInterval(alive)
        resolve()
      })
    }
  })
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof DriftlineError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.code === 'bad-input' ? 2 : 3
}
