import { afterEach, expect, inject, test, vi } from 'vitest'
import { launch } from '../../services/launch.js'
import { freePort } from '../../services/port.js'
import { type ServiceName, services } from '../../services/table.js'

const running = inject('services')
afterEach(() => vi.unstubAllEnvs())

test('services that the environment names are used, and left alone', async () => {
  vi.stubEnv('REDIS_URL', running.redis.url)
  vi.stubEnv('KAFKA_BROKERS', running.kafka.brokers.join(','))
  vi.stubEnv('SCHEMA_REGISTRY_URL', running.registry.url)
  for (const _ of ['once', 'and again after the stop']) {
    const { addresses, origins, stop } = await launch(['kafka', 'redis', 'registry'])
    expect(addresses).toEqual(running)
    expect(Object.values(origins)).toEqual(['environment', 'environment', 'environment'])
    await stop()
  }
})

test('a variable that names nothing fails with the address and the remedy', async () => {
  const at = { KAFKA_BROKERS: '', REDIS_URL: 'redis://', SCHEMA_REGISTRY_URL: 'http://' }
  // All at once: each waits five seconds for an answer.
  await Promise.all(
    Object.entries(services).map(async ([name, { variable }]) => {
      const address = `${at[variable]}127.0.0.1:${await freePort()}`
      vi.stubEnv(variable, address)
      const message = await launch([name as ServiceName]).then(
        () => 'launched',
        (error: Error) => error.message,
      )
      expect(message).toContain(`${variable} names ${address}, but no `)
      expect(message).toMatch(/refused.* unset it to have one started here/i)
    }),
  )
})
