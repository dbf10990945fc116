import { createServer } from 'node:net'
import { DriftlineError } from '../../src/core/error.js'

const taken = new Set<number>()

/**
 * A port on 127.0.0.1 that nothing listens on, `wanted` if it is free. Others come from below the range that the system
 * gives to outgoing connections: while a broker is down there, a client that retries could connect to itself.
 */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined && (await isFree(wanted))) return claim(wanted)
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (await isFree(port)) return claim(port)
  }
  throw new DriftlineError(
    'infrastructure',
    'No free port found between 20000 and 32000 on 127.0.0.1: end what holds them.',
  )
}

function claim(port: number): number {
  taken.add(port)
  return port
}

function isFree(port: number): Promise<boolean> {
  if (taken.has(port)) return Promise.resolve(false)
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
