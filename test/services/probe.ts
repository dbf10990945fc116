import { connect } from 'node:net'
import { Redis } from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import type { ServiceName } from './table.js'

/** Ask a service the cheapest question that only a working one answers; throws if it does not. */
export const probe: Readonly<Record<ServiceName, (address: string) => Promise<void>>> = {
  async kafka(brokers) {
    const list = brokers.split(',').map(broker => broker.trim())
    await Promise.any(list.map(isListening)).catch(() => {
      throw new Error('connection refused')
    })
    const kafka = new Kafka({
      brokers: list,
      logLevel: logLevel.NOTHING,
      connectionTimeout: 3_000,
      retry: { retries: 0 },
    })
    const admin = kafka.admin()
    try {
      await admin.connect()
      const { brokers: alive } = await admin.describeCluster()
      if (alive.length === 0) throw new Error('no broker is registered yet')
    } finally {
      await admin.disconnect()
    }
  },
  async redis(url) {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 3_000 })
    let reason: Error | undefined
    redis.on('error', error => (reason = error))
    try {
      await redis.connect()
      await redis.ping()
    } catch (error) {
      throw reason ?? error
    } finally {
      redis.disconnect()
    }
  },
  async registry(url) {
    const answer = await fetch(`${url.replace(/\/$/, '')}/subjects`, { signal: AbortSignal.timeout(5_000) })
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`GET /subjects answered ${answer.status}`)
  },
}

function isListening(broker: string): Promise<void> {
  const colon = broker.lastIndexOf(':')
  return new Promise((resolve, reject) => {
    const socket = connect({ host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)), timeout: 3_000 })
    socket.once('connect', () => socket.destroy() && resolve())
    socket.once('timeout', () => socket.destroy(new Error('no answer within 3 s')))
    socket.once('error', reject)
  })
}

/** Probes until it answers or `ms` have passed; then throws what the last probe threw. */
export async function answersWithin(
  name: ServiceName,
  address: string,
  ms: number,
  giveUp?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + ms
  for (;;) {
    try {
      return await probe[name](address)
    } catch (error) {
      if (giveUp?.aborted || Date.now() > deadline) throw error
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}
