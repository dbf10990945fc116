import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { guarded } from '../../services/guarded.js'
import { services } from '../../services/table.js'

// Every command line and every file of what a test starts has this folder in it.
let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'driftline-end-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function processes(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args'])
  return stdout.split('\n').filter(line => line.includes(folder))
}

/** `npm run services` with its own folder for temporary files, and nothing given by the environment. */
function runServices(...names: string[]): ChildProcess {
  const main = join(import.meta.dirname, '..', '..', 'services', 'main.ts')
  const given = Object.fromEntries(Object.values(services).map(({ variable }) => [variable, '']))
  return spawn(process.execPath, ['--import', 'tsx', main, ...names, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...given, TMPDIR: folder },
  })
}

/** What it prints when all answer. */
async function printed(run: ChildProcess): Promise<object> {
  const failed = once(run, 'exit').then(([code]) => Promise.reject(new Error(`ended with code ${code}`)))
  const [line] = await Promise.race([once(createInterface(run.stdout!), 'line'), failed])
  failed.catch(() => {})
  return JSON.parse(line)
}

const leavesNothing = () =>
  vi.waitFor(
    async () => {
      expect(await processes()).toEqual([])
      // tsx keeps a folder of its own beside ours.
      expect(readdirSync(folder).filter(name => name.startsWith('driftline-'))).toEqual([])
    },
    { timeout: 5_000, interval: 100 },
  )

test('kill -9 of a run takes its services with it', async () => {
  const run = runServices('kafka', 'redis', 'registry')
  expect(Object.keys(await printed(run))).toEqual(['kafka', 'redis', 'registry'])
  expect((await processes()).join('\n')).toMatch(/kafka\.Kafka/)

  run.kill('SIGKILL')
  await leavesNothing()
})

test('kill -9 while Kafka starts leaves no half of it', async () => {
  const run = runServices('kafka')
  const starts = async () => expect((await processes()).join('\n')).toMatch(/kafka\.Kafka/)
  await vi.waitFor(starts, { timeout: 30_000, interval: 20 })

  run.kill('SIGKILL')
  await leavesNothing()
})

test('Ctrl-C ends all in order, even twice', async () => {
  const run = runServices('redis')
  await printed(run)
  const exit = once(run, 'exit')
  run.kill('SIGINT')
  run.kill('SIGINT')
  expect(await exit).toEqual([0, null])
  await leavesNothing()
})

test('a service that ends by itself leaves its last words, then nothing', async () => {
  const guard = await guarded(folder, '', { run: 'sh', with: ['-c', 'echo no space left; exit 7'] })
  expect(await guard.ended).toBe(7)
  expect(await guard.lastWords()).toBe('no space left')
  await guard.end()
  expect(existsSync(folder)).toBe(false)
})

test('a service that is asked to end has time to', async () => {
  const guard = await guarded(folder, '', {
    run: 'sh',
    with: ['-c', 'trap "echo saved >$0/saved; exit 0" TERM; echo up; while :; do sleep 0.1; done', folder],
  })
  await vi.waitFor(async () => expect(await guard.lastWords()).toBe('up'))
  await guard.end('keep')
  expect(readFileSync(join(folder, 'saved'), 'utf8')).toBe('saved\n')
})

test('the container of a run that is killed is removed', async () => {
  // There may be no Docker where this runs: the client is a script that notes what it is asked.
  const notes = mkdtempSync(join(tmpdir(), 'driftline-notes-'))
  const docker = join(notes, 'docker')
  writeFileSync(docker, `#!/bin/sh\necho "$@" >>${notes}/asked\n[ "$1" = run ] && exec sleep 60\n`)
  chmodSync(docker, 0o755)
  const PATH = `${notes}:${process.env['PATH']}`
  const guard = await guarded(folder, 'driftline-redis-x', {
    run: docker,
    with: ['run', folder],
    environment: { PATH },
  })
  const asked = () => readFileSync(join(notes, 'asked'), 'utf8')
  await vi.waitFor(() => expect(asked()).toBe(`run ${folder}\n`))
  await guard.end()
  expect(asked()).toBe(`run ${folder}\nrm --force --volumes driftline-redis-x\n`)
  rmSync(notes, { recursive: true })
})
