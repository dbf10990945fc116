import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { isCached } from './maven.js'

/** Paths of what this machine can start services with; absent where it is missing or does not work. */
export interface Machine {
  readonly docker?: string
  /** Java 17 or newer, which Kafka 4 asks for. */
  readonly java?: string
  readonly maven?: string
  /** What Maven would fetch is here already. */
  readonly cached: boolean
}

export async function lookAround(environment: NodeJS.ProcessEnv): Promise<Machine> {
  const docker = onPath('docker', environment)
  const maven = onPath('mvn', environment)
  const java = onPath('java', { PATH: join(environment['JAVA_HOME'] ?? '', 'bin') }) ?? onPath('java', environment)
  const [engine, version] = await Promise.all([
    docker && says(docker, ['info', '--format', '{{.ServerVersion}}']),
    java && says(java, ['-version']),
  ])
  return {
    ...(docker && engine?.trim() && { docker }),
    ...(java && javaMajor(version ?? '') >= 17 && { java }),
    ...(maven && { maven }),
    cached: isCached(environment),
  }
}

function onPath(command: string, environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter(folder => folder !== '')
  return folders.map(folder => join(folder, command)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What a command prints; undefined if it fails, as a client without its engine does. */
async function says(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { timeout: 10_000 })
    return stdout || stderr
  } catch {
    return undefined
  }
}

/** 17 of `openjdk version "17.0.15"`, 8 of `java version "1.8.0_392"`, 0 of anything else. */
export function javaMajor(version: string): number {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(version) ?? []
  return Number((first === '1' ? second : first) ?? 0)
}
