import { expect, test } from 'vitest'
import { runImage } from './docker.js'
import { kafkaEnvironment } from './kafka.js'
import { services } from './table.js'

test('a container is published on the loopback address only', () => {
  const { run, with: args } = runImage('/usr/bin/docker', services.redis, 'driftline-redis-x', 23456, { A: 'b' })
  expect([run, ...args].join(' ')).toBe(
    '/usr/bin/docker run --name driftline-redis-x --publish 127.0.0.1:23456:6379 --env A=b redis:7.4-alpine',
  )
})

test('Kafka in a container tells clients the port on the host', () => {
  expect(kafkaEnvironment(23456)).toMatchObject({
    KAFKA_LISTENERS: 'PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093',
    KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://127.0.0.1:23456',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
  })
})
