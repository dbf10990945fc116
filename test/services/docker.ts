import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { DriftlineError } from '../../src/core/error.js'
import type { Command } from './guarded.js'
import { type Service, type ServiceName, services } from './table.js'

/** A container that `docker run` starts in the foreground, reachable from this machine only. */
export function runImage(
  docker: string,
  service: Service,
  container: string,
  port: number,
  environment: Readonly<Record<string, string>>,
): Command {
  const variables = Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`])
  const ports = ['--publish', `127.0.0.1:${port}:${service.containerPort}`]
  return { run: docker, with: ['run', '--name', container, ...ports, ...variables, service.image] }
}

/** The same container again, with what it had written. */
export function runAgain(docker: string, container: string): Command {
  return { run: docker, with: ['start', '--attach', container] }
}

/** Before the clock of the start runs: a first download may take minutes. */
export async function pull(docker: string, name: ServiceName, say: (line: string) => void): Promise<void> {
  const { image } = services[name]
  const run = promisify(execFile)
  try {
    await run(docker, ['image', 'inspect', image])
  } catch {
    say(`Pulling ${image}`)
    await run(docker, ['pull', '--quiet', image]).catch(cause => {
      throw new DriftlineError('infrastructure', `docker pull ${image} failed: run it by hand to see why.`, { cause })
    })
  }
}

export async function killContainer(docker: string, container: string): Promise<void> {
  await promisify(execFile)(docker, ['kill', container]).catch(() => {})
}
