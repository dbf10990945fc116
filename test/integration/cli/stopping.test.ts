import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../cli-process.js'

const MAIN = join(import.meta.dirname, '../../../dist/cli/main.js')
const MONITOR = `
apiVersion: driftline/v1
model: m
serving: { topic: events, format: json, key: id, time: t, features: "features.*" }
window: { size: 1h }
`

/** Takes connections and says nothing: a broker that hangs, or a firewall in between. */
let silent: Server
let connections = 0
let folder: string
const children: ChildProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-stopping-'))
  await writeFile(join(folder, 'm.yaml'), MONITOR)
  silent = createServer(socket => {
    connections++
    socket.on('error', () => {}).resume()
  })
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  silent.close()
  await rm(folder, { recursive: true, force: true })
})

it.each([
  ['up', 'SIGTERM'],
  ['alerts', 'SIGINT'],
] as const)('%s ends within two seconds of %s, also where the broker says nothing', async (command, signal) => {
  const args = { up: ['up', join(folder, 'm.yaml'), '--http-port', '0'], alerts: ['alerts', 'tail'] }[command]
  const { port } = silent.address() as { port: number }
  const env = { KAFKA_BROKERS: `127.0.0.1:${port}`, SCHEMA_REGISTRY_URL: '', DRIFTLINE_STATE: 'none' }
  const before = connections
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } })
  children.push(child)
  let said = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', data => (said += String(data)))
  const ended = new Promise(resolve => child.on('exit', resolve))
  await until(
    async () => connections > before,
    60_000,
    () => said,
  )
  if (command === 'up')
    await until(
      async () => said.includes('still starting: looking for topic driftline.panes'),
      60_000,
      () => said,
    )
  const told = Date.now()
  child.kill(signal)
  expect(await ended, said).toBe(0)
  expect(Date.now() - told).toBeLessThan(2000)
})
