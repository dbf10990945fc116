import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPublicEncoder } from '../../src/codec/public-encoder.js'
import { registrySchemas } from '../../src/codec/writer-schemas.js'
import { startRegistry } from './registry.js'

const SCHEMA = {
  type: 'record',
  name: 'E',
  fields: [
    { name: 'at', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }] },
    { name: 'fare', type: { type: 'bytes', logicalType: 'decimal', precision: 8, scale: 2 } },
  ],
}

let registry: Awaited<ReturnType<typeof startRegistry>>
beforeAll(async () => {
  registry = await startRegistry(
    new Map([
      [1, JSON.stringify(SCHEMA)],
      [2, '"no such type"'],
    ]),
  )
})
afterAll(() => registry.stop())

test('a schema keeps its logical types', async () => {
  expect(await registrySchemas(registry.url).get(1)).toEqual(SCHEMA)
})

test('an unknown id is null, and a schema that is none is told apart from it', async () => {
  expect(await registrySchemas(registry.url).get(77)).toBeNull()
  expect(await registrySchemas(registry.url).get(2)).toEqual({ type: 'not-avro' })
})

test('a registry that is out of order or not there is no bad schema', async () => {
  registry.fail(401)
  await expect(registrySchemas(registry.url).get(1)).rejects.toMatchObject({
    code: 'infrastructure',
    message: expect.stringContaining(registry.url),
  })
  registry.fail(null)
  const nowhere = 'http://127.0.0.1:9'
  await expect(registrySchemas(nowhere).get(1)).rejects.toMatchObject({
    code: 'infrastructure',
    message: expect.stringMatching(/127.0.0.1:9 .*ECONNREFUSED/),
  })
  await expect(createPublicEncoder({ registryUrl: nowhere })).rejects.toMatchObject({ code: 'infrastructure' })
})

test('a subject without compatibility gets one', async () => {
  registry.configs.set('driftline.alerts-value', 'NONE')
  await createPublicEncoder({ registryUrl: registry.url })
  expect(registry.configs.get('driftline.alerts-value')).toBe('BACKWARD')
})

test('a subject with another compatibility is a fault that is told', async () => {
  registry.configs.set('driftline.alerts-value', 'FULL')
  const refused = createPublicEncoder({ registryUrl: registry.url })
  await expect(refused).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringMatching(/driftline.alerts-value.*BACKWARD/),
  })
})
