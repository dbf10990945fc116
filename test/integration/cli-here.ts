import { vi } from 'vitest'
import { run } from '../../src/cli/run.js'
import { type Ended, outputOf } from './cli-process.js'

let before: Promise<unknown> = Promise.resolve()

/** Runs a command in this process, one after the other: starting a process takes longer than most answers. What its logger says goes past this. */
export function driftlineHere(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  const ended = before.then(() => captured(env, args))
  before = ended.catch(() => {})
  return ended
}

async function captured(env: Readonly<Record<string, string>>, args: readonly string[]): Promise<Ended> {
  const written = { stdout: '', stderr: '' }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const spies = [
    ...(['stdout', 'stderr'] as const).map(name =>
      vi.spyOn(process[name], 'write').mockImplementation(text => {
        written[name] += text
        return true
      }),
    ),
    vi.spyOn(console, 'log').mockImplementation((text: string) => {
      written.stdout += `${text}\n`
    }),
  ]
  try {
    await run(args)
    return { code: Number(process.exitCode ?? 0), ...written }
  } finally {
    process.exitCode = undefined
    for (const spy of spies) spy.mockRestore()
    vi.unstubAllEnvs()
  }
}

/** As `succeed`, in this process. */
export async function succeedHere(env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  return outputOf(await driftlineHere(env, ...args), args)
}
