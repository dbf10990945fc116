import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyOf, RedisStore } from '../../../src/state/redis.js'
import { startRedis } from '../../services/launch.js'
import {
  type RedisCluster,
  type SecureRedis,
  startRedisCluster,
  startSecureRedis,
} from '../../services/secure-redis.js'
import { storeContract } from '../../state/contract.js'
import { until } from '../cli-process.js'

describe('checkpoints in Redis', () => {
  let service: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    service = await startRedis()
  })
  afterAll(() => service?.stop())

  storeContract(async () => {
    const [store, other] = await Promise.all([RedisStore.open(service.url), RedisStore.open(service.url)])
    return { store, other, stop: async () => void (await Promise.all([store.close(), other.close()])) }
  })

  const one = { task: 'g/t/0', began: 1, state: Buffer.from('x') }

  it('keeps all of a task in one slot of a cluster, and forgets tasks that ended', async () => {
    const store = await RedisStore.open(service.url)
    const client = new Redis(service.url)
    expect(await store.write([{ ...one, nextOffset: 1 }])).toEqual([true])
    const key = 'driftline:checkpoint:{g/t/0}'
    expect(await client.exists(key)).toBe(1)
    expect(await client.ttl(key)).toBeGreaterThan(29 * 24 * 3600)
    client.disconnect()
    await store.close()
  })

  it('says where and why it cannot be kept, without the password, and works when Redis is back', async () => {
    const url = service.url.replace('redis://', 'redis://default:secret@')
    const admin = new Redis(service.url)
    await admin.config('SET', 'requirepass', 'secret')
    admin.disconnect()
    const stranger = await RedisStore.open(service.url)
    const store = await RedisStore.open(url)
    try {
      await expect(stranger.read(['g/t/0'])).rejects.toThrow(/NOAUTH/)
      expect(await store.write([{ ...one, nextOffset: 2 }])).toEqual([true])
      await service.crash()
      const said = store.write([{ ...one, nextOffset: 3 }]).then(String, error => String(error.message))
      expect(await said).toMatch(/^checkpoints cannot be kept at redis:\/\/(127\.0\.0\.1|localhost):\d+/)
      expect(await said).not.toContain('secret')
      await service.start()
      const isBack = async (asked: Promise<unknown>): Promise<boolean> =>
        asked.then(
          () => true,
          () => false,
        )
      await until(
        () => isBack(store.write([{ ...one, nextOffset: 3 }])),
        20_000,
        () => 'Redis does not come back',
      )
      // The password was set by hand, and is gone with the restart. Each client comes back by itself.
      await until(
        () => isBack(stranger.read(['g/t/0'])),
        20_000,
        () => 'the stranger does not come back',
      )
      expect(await stranger.read(['g/t/0'])).toMatchObject([{ nextOffset: 3 }])
    } finally {
      await Promise.all([stranger.close(), store.close()])
    }
  })
})

describe('checkpoints in a Redis over TLS', () => {
  let redis: SecureRedis
  beforeAll(async () => {
    redis = await startSecureRedis({ name: 'driftline', password: 'secret-of-redis' })
  })
  afterAll(() => redis?.stop())

  const refusal = async (url: string): Promise<string> => {
    const store = await RedisStore.open(url)
    try {
      return await store.read(['g/t/0']).then(String, error => String(error.message))
    } finally {
      await store.close()
    }
  }

  // That it works where the authority is known is shown by the service, in security.test.ts: Node reads the authorities at its start.
  it('are not given to a server that nobody vouches for, nor to a user with a wrong password, and no secret is told', async () => {
    const untrusted = await refusal(redis.url)
    expect(untrusted).toMatch(/^checkpoints cannot be kept at rediss:\/\/127\.0\.0\.1:\d+ \(self-signed certificate\)/)
    expect(untrusted).toMatch(/NODE_EXTRA_CA_CERTS$/)
    const wrong = await refusal(redis.inside.replace('way-in', 'secret-of-nobody'))
    expect(wrong).toMatch(/WRONGPASS/)
    expect(untrusted + wrong).not.toMatch(/secret-of/)
  })
})

describe('checkpoints in a Redis Cluster', () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startRedisCluster()
  })
  afterAll(() => cluster?.stop())

  storeContract(async () => {
    const [store, other] = await Promise.all([RedisStore.open(cluster.url), RedisStore.open(cluster.url)])
    return { store, other, stop: async () => void (await Promise.all([store.close(), other.close()])) }
  })

  it('say so where no node answers, and do not wait for one', async () => {
    const store = await RedisStore.open('redis://driftline:secret-of-redis@127.0.0.1:1/?cluster=true')
    const said = await store.read(['g/t/0']).then(String, error => String(error.message))
    expect(said).toMatch(/^checkpoints cannot be kept at redis:\/\/127\.0\.0\.1:1\/ \(.+\); see that Redis runs there/)
    await store.close()
  })

  it('lie in the slot that their task names, on all nodes', async () => {
    const store = await RedisStore.open(cluster.url)
    const tasks = Array.from({ length: 48 }, (_, partition) => `driftline/slots/${partition}`)
    const state = Buffer.from('x')
    const written = await store.write(tasks.map(task => ({ task, began: 1, nextOffset: 1, state })))
    expect(written).toEqual(tasks.map(() => true))
    await store.close()
    const nodes = cluster.ports.map(port => new Redis(port, '127.0.0.1'))
    const slotOf = async (key: string): Promise<number> => Number(await nodes[0]!.cluster('KEYSLOT', key))
    for (const task of tasks) expect(await slotOf(keyOf(task))).toBe(await slotOf(task))
    for (const node of nodes) {
      expect((await node.keys('driftline:checkpoint:{driftline/slots/*')).length).toBeGreaterThan(0)
      node.disconnect()
    }
  })
})
