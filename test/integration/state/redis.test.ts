import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisStore } from '../../../src/state/redis.js'
import { startRedis } from '../../services/launch.js'
import { storeContract } from '../../state/contract.js'

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
      const deadline = Date.now() + 20_000
      for (;;) {
        const written = await store.write([{ ...one, nextOffset: 3 }]).catch(() => [])
        if (written[0] === true) break
        expect(Date.now(), 'Redis does not come back').toBeLessThan(deadline)
        await new Promise(resolve => setTimeout(resolve, 200))
      }
      // The password was set by hand, and is gone with the restart.
      expect(await stranger.read(['g/t/0'])).toMatchObject([{ nextOffset: 3 }])
    } finally {
      await Promise.all([stranger.close(), store.close()])
    }
  })
})
