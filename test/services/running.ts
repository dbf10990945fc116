import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DriftlineError } from '../../src/core/error.js'
import type { OwnOrigin } from './choose.js'
import { killContainer, pull, runAgain, runImage } from './docker.js'
import { type Command, type Guarded, guarded } from './guarded.js'
import { type KafkaSecurity, kafkaEnvironment, kafkaFromJars } from './kafka.js'
import type { Machine } from './machine.js'
import { type Unpacked, unpacked } from './maven.js'
import { freePort } from './port.js'
import { answersWithin } from './probe.js'
import { type RedisSettings, redisFromBinary } from './redis.js'
import { registryEnvironment, registryFromJar } from './registry.js'
import { makeClassData, type Start, withClassData } from './start.js'
import { registryPath, type ServiceName, services } from './table.js'

/**
 * A service that this process started and can take down and up again, on the same port with the same data:
 *
 *   up ── halt (asked to end) ──▶ down ── start ──▶ up ── stop ──▶ gone, with its folder
 *    └─── crash (kill -9) ─────────▲
 */
export interface OwnService {
  /** As its variable in the table takes it: `127.0.0.1:9092`, `redis://…`, `http://…/apis/ccompat/v7`. */
  readonly address: string
  halt(): Promise<void>
  crash(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

/** `port` is a wish; another one is taken where it is not free. `say` hears of downloads. `security` is for a Kafka from jars, `redis` for a Redis from them. */
export async function startOwn(
  name: ServiceName,
  origin: OwnOrigin,
  machine: Machine,
  say: (line: string) => void,
  wanted?: number,
  security?: KafkaSecurity,
  redis?: RedisSettings,
): Promise<OwnService> {
  const docker = origin.kind === 'docker' ? machine.docker! : undefined
  if (docker) await pull(docker, name, say)
  const jars = docker ? undefined : await jarsOnce(machine, say)

  const port = await freePort(wanted)
  const folder = await mkdtemp(join(tmpdir(), `driftline-${name}-`))
  const container = docker ? basename(folder) : ''
  const start: Start = docker
    ? { command: runImage(docker, services[name], container, port, containerEnvironment(name, port)) }
    : await fromMaven(name, machine.java!, jars!, folder, port, security, redis)

  const address = addressOf(name, port)
  const up = async (next: Command): Promise<Guarded> => {
    const guard = await guarded(folder, container, next)
    await answering(name, address, guard)
    guard.unref()
    return guard
  }

  if (start.prepare) await runToEnd(name, await guarded(folder, container, start.prepare))
  await makeClassData(start, async dumping => (await up(dumping)).end('keep'))
  const command = withClassData(start)
  let guard: Guarded | undefined = await up(command)
  return {
    address,
    async halt() {
      await guard?.end('keep')
      guard = undefined
    },
    async crash() {
      if (docker) await killContainer(docker, container)
      await guard?.kill()
      guard = undefined
    },
    async start() {
      guard ??= await up(docker ? runAgain(docker, container) : command)
    },
    async stop() {
      // While it is down nothing guards its folder and container; a guard with nothing to do removes them.
      guard ??= await guarded(folder, container, { run: 'true', with: [] })
      await guard.end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

let jars: Promise<Unpacked> | undefined

/** One download, whichever services ask for it at once. */
function jarsOnce(machine: Machine, say: (line: string) => void): Promise<Unpacked> {
  jars ??= unpacked(machine.maven, say)
  return jars
}

async function fromMaven(
  name: ServiceName,
  java: string,
  found: Unpacked,
  folder: string,
  port: number,
  security?: KafkaSecurity,
  redis?: RedisSettings,
): Promise<Start> {
  switch (name) {
    case 'kafka':
      return kafkaFromJars(java, found, folder, port, security)
    case 'redis':
      return redisFromBinary(found.redis, folder, port, await redis?.(folder))
    case 'registry':
      return registryFromJar(java, found, folder, port)
  }
}

function containerEnvironment(name: ServiceName, port: number): Readonly<Record<string, string>> {
  if (name === 'kafka') return kafkaEnvironment(port)
  return name === 'registry' ? registryEnvironment() : {}
}

function addressOf(name: ServiceName, port: number): string {
  if (name === 'redis') return `redis://127.0.0.1:${port}`
  return name === 'registry' ? `http://127.0.0.1:${port}${registryPath}` : `127.0.0.1:${port}`
}

async function runToEnd(name: ServiceName, guard: Guarded): Promise<void> {
  const code = await guard.ended
  if (code === 0) return guard.end('keep')
  throw await failure(name, guard, `could not be prepared: its tool ended with code ${code}`)
}

/** Until it answers, has ended, or has had its time. */
async function answering(name: ServiceName, address: string, guard: Guarded): Promise<void> {
  const giveUp = new AbortController()
  const { startWithinMs } = services[name]
  let code: number | undefined
  void guard.ended.then(ended => {
    code = ended
    giveUp.abort()
  })
  try {
    await answersWithin(name, address, startWithinMs, giveUp.signal)
  } catch (cause) {
    const what = code === undefined ? `did not answer within ${startWithinMs / 1000} s` : `ended with code ${code}`
    throw await failure(name, guard, `${what} on ${address}`, cause)
  }
}

async function failure(name: ServiceName, guard: Guarded, what: string, cause?: unknown): Promise<DriftlineError> {
  const words = await guard.lastWords()
  await guard.end()
  const { title, variable } = services[name]
  return new DriftlineError(
    'infrastructure',
    `${title} ${what}. Its last words:\n${words || '(none)'}\nRemedy what they say, or name a running one in ${variable}.`,
    { cause },
  )
}
