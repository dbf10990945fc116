import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'

export interface Command {
  readonly run: string
  readonly with: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** A command that runs under guard.sh: it ends when this process does, however that ends. */
export interface Guarded {
  /** The exit code, once the command has ended by itself or by `end` or `kill`. */
  readonly ended: Promise<number>
  /** `keep` asks it to end and leaves its folder; without it the command is killed and its folder removed. */
  end(word?: 'keep'): Promise<void>
  /** As `kill -9` of the service: no chance to write anything. Leaves its folder. */
  kill(): Promise<void>
  /** A run that forgets to stop its services can still end, and so ends them. */
  unref(): void
  /** The last lines that the command wrote. */
  lastWords(): Promise<string>
}

export async function guarded(folder: string, container: string, command: Command): Promise<Guarded> {
  await rm(join(folder, 'ended'), { force: true })
  const script = join(import.meta.dirname, 'guard.sh')
  const child = spawn('/bin/sh', [script, folder, container, command.run, ...command.with], {
    // A session of its own: Ctrl-C in the terminal reaches the run, and the run ends the services in order.
    detached: true,
    // Not standard input: Node closes that one when the script ends, before what it leaves could be looked at.
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...command.environment },
  })
  const pipe = child.stdio[3] as Socket
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 128 : 0)))
  })
  // Once the last process of the guard is gone: then all is killed and removed.
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  pipe.on('error', () => {})
  pipe.resume()

  const finish = async () => {
    child.ref()
    pipe.ref()
    await closed
  }

  return {
    ended,
    async end(word) {
      pipe.end(word ? `${word}\n` : '')
      await finish()
    },
    async kill() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await finish()
    },
    unref() {
      child.unref()
      pipe.unref()
    },
    async lastWords() {
      const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '')
      return log.trim().split('\n').slice(-15).join('\n')
    },
  }
}
