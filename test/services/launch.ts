import { DriftlineError } from '../../src/core/error.js'
import { choose, chooseOwn, type Origin } from './choose.js'
import { lookAround } from './machine.js'
import { answersWithin } from './probe.js'
import { type OwnService, startOwn } from './running.js'
import { type ServiceName, serviceNames, services } from './table.js'

/** Where clients find them. */
export interface Addresses {
  kafka: { brokers: string[] }
  redis: { url: string }
  registry: { url: string }
}

export interface Launched<Name extends ServiceName> {
  readonly addresses: Pick<Addresses, Name>
  readonly origins: Readonly<Record<Name, Origin['kind']>>
  stop(): Promise<void>
}

export interface LaunchOptions {
  /** `usual`: the table's, where they are free. Tests take any, so that two runs do not meet. */
  readonly ports?: 'usual' | 'any'
  /** Hears of downloads; standard error unless told. */
  readonly say?: (line: string) => void
}

/** All of `which` at once, each from the environment, Docker or Maven; stops what it started if one fails. */
export async function launch<Name extends ServiceName>(
  which: readonly Name[],
  { ports = 'any', say = line => process.stderr.write(`${line}\n`) }: LaunchOptions = {},
): Promise<Launched<Name>> {
  const machine = await lookAround(process.env)
  const chosen = which.map(name => [name, choose(name, process.env, machine)] as const)
  const results = await Promise.allSettled(
    chosen.map(([name, origin]) =>
      origin.kind === 'environment'
        ? given(name, origin.address)
        : startOwn(name, origin, machine, say, ports === 'usual' ? services[name].port : undefined),
    ),
  )
  const started = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  const stop = async () => void (await Promise.all(started.map(service => service.stop())))
  const failed = results.find(result => result.status === 'rejected')
  if (failed) {
    await stop()
    throw failed.reason
  }
  const entries = which.map((name, at) => [name, asClient[name](started[at]!.address)])
  return {
    addresses: Object.fromEntries(entries) as Pick<Addresses, Name>,
    origins: Object.fromEntries(chosen.map(([name, { kind }]) => [name, kind])) as Record<Name, Origin['kind']>,
    stop,
  }
}

/** For tests: the addresses of `which`, and one `stop` for all of them. */
export async function startServices<Name extends ServiceName = ServiceName>(
  which: readonly Name[] = serviceNames as readonly Name[],
): Promise<Pick<Addresses, Name> & { stop(): Promise<void> }> {
  const { addresses, stop } = await launch(which)
  return { ...addresses, stop }
}

/** One that is the test's alone, to take down and up again; never the one that the environment names. */
export async function startKafka(): Promise<OwnService & { readonly brokers: string[] }> {
  const service = await startAlone('kafka')
  return { ...service, ...asClient.kafka(service.address) }
}

export async function startRedis(): Promise<OwnService & { readonly url: string }> {
  const service = await startAlone('redis')
  return { ...service, ...asClient.redis(service.address) }
}

export async function startRegistry(): Promise<OwnService & { readonly url: string }> {
  const service = await startAlone('registry')
  return { ...service, ...asClient.registry(service.address) }
}

async function startAlone(name: ServiceName): Promise<OwnService> {
  const machine = await lookAround(process.env)
  return startOwn(name, chooseOwn(machine), machine, line => process.stderr.write(`${line}\n`))
}

const asClient: { [Name in ServiceName]: (address: string) => Addresses[Name] } = {
  kafka: address => ({ brokers: address.split(',').map(broker => broker.trim()) }),
  redis: url => ({ url }),
  registry: url => ({ url }),
}

/** One that runs already: it must answer, and is left alone at the end. */
async function given(name: ServiceName, address: string): Promise<Pick<OwnService, 'address' | 'stop'>> {
  const { title, variable } = services[name]
  try {
    await answersWithin(name, address, 5_000)
  } catch (cause) {
    throw new DriftlineError(
      'infrastructure',
      `${variable} names ${address}, but no ${title} answers there: ${reasonOf(cause)}. ` +
        `Start it, correct ${variable}, or unset it to have one started here.`,
      { cause },
    )
  }
  return { address, stop: async () => {} }
}

/** fetch keeps the reason of «fetch failed» in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}, ${cause.message || (cause as NodeJS.ErrnoException).code}` : message
}
