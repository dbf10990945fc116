import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { upCommand } from '../../src/cli/up.js'
import { serveHttp } from '../../src/service/http.js'
import { Metrics } from '../../src/service/metrics.js'

const server = await serveHttp({
  host: '127.0.0.1',
  port: 0,
  metrics: new Metrics(),
  readiness: async () => ({ ready: true, checks: {} }),
})
afterEach(() => server.close())

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

it('listens on loopback unless told', () => {
  const option = upCommand().options.find(({ long }) => long === '--http-host')
  expect(option?.defaultValue).toBe(process.env['DRIFTLINE_HTTP_HOST'] ?? '127.0.0.1')
})
