import type { AddressInfo } from 'node:net'
import { afterAll, expect, it } from 'vitest'
import { upCommand } from '../../src/cli/up.js'
import { serveHttp } from '../../src/service/http.js'
import { Metrics } from '../../src/service/metrics.js'

const metrics = new Metrics()
metrics.watchProcess()
const server = await serveHttp({
  host: '127.0.0.1',
  port: 0,
  metrics,
  readiness: async () => ({ ready: true, checks: {} }),
})
afterAll(() => server.close())

it('nothing changes state by HTTP: every path can only be read', async () => {
  const { port } = server.addresses()[0] as AddressInfo
  const ask = async (method: string, path: string) =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method })).status
  for (const path of ['/health', '/ready', '/metrics']) {
    expect(await ask('GET', path), path).toBe(200)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) expect(await ask(method, path), path).toBe(404)
  }
  const routes = server.printRoutes({ commonPrefix: false })
  expect([...routes.matchAll(/\(([A-Z, ]+)\)/g)].map(([, methods]) => methods)).toEqual(Array(3).fill('GET, HEAD'))
})

it('/metrics tells of the process what somebody on call asks first: CPU, memory, the delay of the event loop', async () => {
  const { port } = server.addresses()[0] as AddressInfo
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const value = (name: string): number => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1])
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e7)
  expect(value('process_cpu_seconds_total')).toBeGreaterThan(0)
  // Timers of 10 ms, so never less; before the first has fired it is not a number.
  const delayed = async () => /^nodejs_eventloop_lag_p99_seconds 0\.\d+$/m.test(await metrics.text())
  await expect.poll(delayed).toBe(true)
})

it('listens on loopback unless told', () => {
  const option = upCommand().options.find(({ long }) => long === '--http-host')
  expect(option?.defaultValue).toBe(process.env['DRIFTLINE_HTTP_HOST'] ?? '127.0.0.1')
})
