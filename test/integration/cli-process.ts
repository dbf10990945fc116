import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'

/** As built at the start of the run; from its sources every call would take two seconds more. */
export const MAIN = join(import.meta.dirname, '../../dist/cli/main.js')

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command of the real CLI in a process of its own, to its end. */
export function driftline(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  return new Promise(resolve => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 1 << 28 }
    execFile(process.execPath, [MAIN, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

/** Runs a command that is to succeed, and returns its output; fails with what it said. */
export async function succeed(env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  return outputOf(await driftline(env, ...args), args)
}

/** What a command that was to succeed has written; throws with all that it said where it has not. */
export function outputOf({ code, stdout, stderr }: Ended, args: readonly string[]): string {
  if (code !== 0) throw new Error(`driftline ${args.join(' ')} ended with code ${code}\n${stdout}\n${stderr}`)
  return stdout
}

/** `driftline up`, until it is stopped or killed. */
export class Service {
  log = ''
  readonly #child: ChildProcess
  readonly ended: Promise<number | null>

  /** @param env `MOST_FILE_KB` in it: no file may grow beyond */
  constructor(
    env: Readonly<Record<string, string>>,
    readonly port: number,
    ...args: string[]
  ) {
    const all = [MAIN, 'up', ...args, '--http-port', String(port)]
    const limit = env['MOST_FILE_KB']
    // What a full disk is to a process: a file that cannot grow.
    const [command, before] =
      limit === undefined
        ? [process.execPath, []]
        : ['bash', ['-c', `trap '' XFSZ; ulimit -f ${limit}; exec "$0" "$@"`, process.execPath]]
    this.#child = spawn(command, [...before, ...all], { env: { ...process.env, ...env } })
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.on('data', data => (this.log += String(data)))
    this.ended = new Promise(resolve => this.#child.on('exit', code => resolve(code)))
  }

  /** Resolves when `/ready` answers 200. */
  async ready(withinMs = 90_000): Promise<void> {
    await until(
      async () => (await this.#get('ready'))?.ok === true,
      withinMs,
      () => `not ready: ${this.log.slice(-2000)}`,
    )
  }

  /** The lines of these metrics, for telling why something did not come about. */
  async lines(...names: string[]): Promise<string> {
    const text = (await (await this.#get('metrics'))?.text()) ?? ''
    return text
      .split('\n')
      .filter(line => names.some(name => line.startsWith(`${name}{`)))
      .join('\n')
  }

  /** Sum of a metric over all its labels that match. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const text = (await (await this.#get('metrics'))?.text()) ?? ''
    return text
      .split('\n')
      .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter(line => Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal)
    return this.ended
  }

  /** Stands still: what others do meanwhile it sees only when it goes on. */
  stand(): void {
    this.#child.kill('SIGSTOP')
  }

  goOn(): void {
    this.#child.kill('SIGCONT')
  }

  async #get(path: string): Promise<Response | null> {
    return fetch(`http://127.0.0.1:${this.port}/${path}`).catch(() => null)
  }
}

/** A pause between two questions that are answered by a whole topic. */
export const SELDOM_MS = 1000

/** Waits until the condition holds. */
export async function until(
  condition: () => Promise<boolean>,
  withinMs: number,
  why: () => string,
  everyMs = 250,
): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(why())
    await new Promise(resolve => setTimeout(resolve, everyMs))
  }
}

export function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
