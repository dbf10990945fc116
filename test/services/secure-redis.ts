import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { lookAround } from './machine.js'
import { freePort } from './port.js'
import type { RedisSettings } from './redis.js'
import { type OwnService, startOwn } from './running.js'

export interface SecureRedis extends OwnService {
  /** Over TLS, with user and password. */
  readonly url: string
  /** The authority behind its certificate, as PEM text. */
  readonly ca: string
  /** Without TLS, with all rights. */
  readonly inside: string
}

/** A Redis of the test's own, from the binary whatever else there is, that takes one user over TLS. */
export async function startSecureRedis(user: { name: string; password: string }): Promise<SecureRedis> {
  const port = await freePort()
  let ca = ''
  const service = await startFromBinary(async folder => {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const subject = ['-subj', '/CN=driftline-test', '-addext', 'subjectAltName=IP:127.0.0.1']
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    await promisify(execFile)('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert])
    ca = await readFile(cert, 'utf8')
    return ['--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no']
  })
  const inside = service.address.replace('//', '//inside:way-in@')
  const client = new Redis(service.address)
  await client.call('ACL', 'SETUSER', 'inside', 'on', '>way-in', '~*', '&*', '+@all')
  await client.call('ACL', 'SETUSER', user.name, 'on', `>${user.password}`, '~driftline:*', '+@all', '-@admin')
  await client.call('ACL', 'SETUSER', 'default', 'off')
  client.disconnect()
  return { ...service, inside, ca, url: `rediss://${user.name}:${user.password}@127.0.0.1:${port}` }
}

export interface RedisCluster {
  readonly ports: readonly number[]
  /** Of one node; the others are known through it. */
  readonly url: string
  stop(): Promise<void>
}

const NODES = 3
const SLOTS = 16_384

/** Three nodes without replicas, each with a third of the slots. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes: OwnService[] = []
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map(node => node.stop())))
  try {
    for (let n = 0; n < NODES; n++)
      nodes.push(await startFromBinary(async () => ['--cluster-enabled', 'yes'], await portWithBus()))
    const ports = nodes.map(({ address }) => Number(new URL(address).port))
    const clients = nodes.map(({ address }) => new Redis(address))
    const slots = Array.from({ length: SLOTS }, (_, slot) => slot)
    for (const [n, client] of clients.entries()) {
      await client.cluster('ADDSLOTS', ...slots.filter(slot => Math.floor((slot * NODES) / SLOTS) === n))
      if (n > 0) await client.cluster('MEET', '127.0.0.1', ports[0]!)
    }
    // Each node has to hear of all slots from the others.
    for (const client of clients)
      for (const deadline = Date.now() + 60_000; !String(await client.cluster('INFO')).includes('cluster_state:ok'); ) {
        if (Date.now() > deadline) throw new Error(`the nodes do not meet: ${await client.cluster('NODES')}`)
        await sleep(100)
      }
    for (const client of clients) client.disconnect()
    return { ports, url: `redis://127.0.0.1:${ports[0]}/?cluster=true`, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startFromBinary(settings: RedisSettings, port?: number): Promise<OwnService> {
  const machine = await lookAround(process.env)
  const say = (line: string) => process.stderr.write(`${line}\n`)
  return startOwn('redis', { kind: 'maven' }, machine, say, port, undefined, settings)
}

/** The nodes talk to each other at a port that is 10,000 higher, which shall be free too. */
async function portWithBus(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 2_700)
    if ((await freePort(port + 10_000)) === port + 10_000) return port
  }
}
