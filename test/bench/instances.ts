import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort, until } from '../integration/cli-process.js'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const TELL = new URL('./tell-usage.mjs', import.meta.url).href
const READY_WITHIN_MS = 90_000
/** As the image has it. */
const MALLOC = { MALLOC_MMAP_THRESHOLD_: '131072' }

export interface Usage {
  /** CPU-seconds, user and system, of the whole process so far. */
  readonly cpu: number
  /** Now, and the most that it has had. */
  readonly residentMb: number
  readonly mostResidentMb: number
  /** Heap and buffers. */
  readonly inUseMb: number
}

/** What timers were late by, ms: half of them by more than `p50`. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
  readonly most: number
}

/** `driftline up` as it is started, which tells what it uses. */
export class Instance {
  #log = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(
    env: Readonly<Record<string, string>>,
    private readonly port: number,
    args: readonly string[],
  ) {
    this.#child = fork(MAIN, ['up', ...args, '--http-port', String(port)], {
      env: { ...MALLOC, ...process.env, ...env },
      execArgv: ['--max-semi-space-size=64', '--expose-gc', '--import', TELL],
      silent: true,
    })
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.on('data', data => (this.#log = (this.#log + String(data)).slice(-20_000)))
    this.#ended = new Promise(resolve => this.#child.once('exit', resolve))
  }

  static async start(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Instance> {
    return new Instance(env, await freePort(), args)
  }

  async ready(): Promise<void> {
    const answers = async () => (await fetch(`http://127.0.0.1:${this.port}/ready`).catch(() => null))?.ok === true
    await until(answers, READY_WITHIN_MS, () => `not ready: ${this.#log.slice(-2000)}`)
  }

  /** @param of `collected`: after a collection */
  usage(of: 'now' | 'collected' = 'now'): Promise<Usage> {
    return this.#ask(of)
  }

  /** Of its event loop since the last call; the first begins to watch it. */
  loopDelay(): Promise<LoopDelay> {
    return this.#ask('loop-delay')
  }

  /** Sum of a metric over all its labels that match. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text()
    return text
      .split('\n')
      .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter(line => Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }

  /** One question at a time. */
  #ask<T>(question: string): Promise<T> {
    return new Promise((resolve, reject) => {
      void this.#ended.then(code => reject(new Error(`the service ended with code ${code}: ${this.log}`)))
      this.#child.once('message', answer => resolve(answer as T))
      this.#child.send(question, error => {
        if (error !== null) reject(error)
      })
    })
  }

  /** Its last words, for telling why something did not come about. */
  get log(): string {
    return this.#log.slice(-2000)
  }

  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#child.kill(signal)
    await this.#ended
  }
}
