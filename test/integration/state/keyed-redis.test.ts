import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisKeyed } from '../../../src/state/keyed-redis.js'
import { startRedis } from '../../services/launch.js'
import { keyedContract } from '../../state/keyed-contract.js'

describe('entries by key in Redis', () => {
  let service: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    service = await startRedis()
  })
  afterAll(() => service?.stop())

  keyedContract(async () => {
    const [store, other] = await Promise.all([RedisKeyed.open(service.url), RedisKeyed.open(service.url)])
    return { store, other, stop: async () => void (await Promise.all([store.close(), other.close()])) }
  })

  const change = (nextOffset: number, began: number, cleared: number[] = []) => ({
    ...{ began, nextOffset, state: Buffer.from('s'), keys: Uint32Array.from([0xabcd1234, 5]), cleared },
    entries: [{ shelf: 1, bytes: Buffer.from('x') }],
  })

  it('keeps all of a task in one slot of a cluster, for a limited time, and nothing of a shelf or beginning that is gone', async () => {
    const store = await RedisKeyed.open(service.url)
    const client = new Redis(service.url)
    const head = 'driftline:join:{g/t[1]/0}'
    await store.write('g/t[1]/0', change(1, 36))
    expect((await client.keys('driftline:join:{g/t*')).sort()).toEqual([head, `${head}:10:e:abcd`, `${head}:10:s:1`])
    for (const key of await client.keys('driftline:join:{g/t*'))
      expect(await client.ttl(key)).toBeGreaterThan(365 * 24 * 3600)
    await store.write('g/t[1]/0', change(2, 37))
    expect((await client.keys('driftline:join:{g/t*')).sort()).toEqual([head, `${head}:11:e:abcd`, `${head}:11:s:1`])
    await store.write('g/t[1]/0', change(3, 37, [1]))
    expect(await client.keys('driftline:join:{g/t*')).toEqual([head])
    client.disconnect()
    await store.close()
  })

  it('says where and why it cannot be kept', async () => {
    const store = await RedisKeyed.open(service.url)
    await service.crash()
    await expect(store.write('t', change(1, 1))).rejects.toThrow(/^pending keys cannot be kept at redis:/)
    await expect(store.read('t', { began: 1, nextOffset: 1 }, new Uint32Array(2))).rejects.toThrow(
      /see that Redis runs/,
    )
    await store.close()
  })
})
