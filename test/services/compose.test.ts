import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  asKafkaEnvironment,
  kafkaSettings,
  order,
  registryPath,
  registrySettings,
  serviceNames,
  services,
} from './table.js'

const root = join(import.meta.dirname, '..', '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

interface ComposeService {
  image: string
  ports?: string[]
  environment?: Record<string, string>
  command?: string[]
  entrypoint?: string[]
  healthcheck?: { test?: string[]; disable?: boolean }
  depends_on?: Record<string, { condition: string }>
  volumes?: string[]
}
const compose = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, ComposeService> }

/** Compose reads `$$` as one dollar. */
const unescaped = (words: readonly string[] = []) => words.map(word => word.replaceAll('$$', '$'))

test('docker-compose.yml fits the published Compose schema', () => {
  // dclint carries the schema of compose-spec/compose-spec as it is; ajv knows its dialect under another address.
  const dclint = dirname(createRequire(import.meta.url).resolve('dclint/package.json'))
  const { $schema: _, ...schema } = JSON.parse(readFileSync(join(dclint, 'schemas', 'compose.schema.json'), 'utf8'))
  const fits = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema)

  fits(compose)
  expect(fits.errors).toBeNull()
  fits({ services: { kafka: { imagee: 'apache/kafka' } } })
  expect(fits.errors).not.toBeNull()
})

test.each(serviceNames)('%s is in docker-compose.yml as in the table', name => {
  const { image, port, containerPort, health } = services[name]
  const composed = compose.services[name]

  expect(composed?.image).toBe(image)
  expect(composed?.ports).toEqual([`127.0.0.1:${port}:${containerPort}`])
  expect(unescaped(composed?.healthcheck?.test)).toEqual(health)
})

test('Kafka and the registry have the settings of the table', () => {
  expect(compose.services['kafka']?.environment).toMatchObject(asKafkaEnvironment(kafkaSettings))
  expect(compose.services['registry']?.environment).toMatchObject(registrySettings('/tmp/registry'))
})

test('services start in the order of the table', () => {
  const dependencies = Object.entries(compose.services).map(([name, { depends_on = {} }]) => [
    name,
    Object.fromEntries(Object.entries(depends_on).map(([on, { condition }]) => [on, condition])),
  ])
  expect(Object.fromEntries(dependencies)).toEqual(order)
})

test('what waits for a healthy service waits for one that has a health check', () => {
  const ofTheImage = /^HEALTHCHECK /m.test(read('Dockerfile'))
  for (const dependencies of Object.values(order)) {
    for (const [name, condition] of Object.entries(dependencies)) {
      if (condition !== 'service_healthy') continue
      const { image, healthcheck } = compose.services[name]!
      const checked = healthcheck?.test !== undefined || (image === 'driftline:local' && ofTheImage)
      expect(checked && !healthcheck?.disable, name).toBe(true)
    }
  }
})

test('Driftline is told where the services are inside the network', () => {
  for (const name of ['topics', 'driftline', 'producer']) {
    expect(compose.services[name]?.environment).toMatchObject({
      KAFKA_BROKERS: 'kafka:19092',
      SCHEMA_REGISTRY_URL: `http://registry:${services.registry.containerPort}${registryPath}`,
      REDIS_URL: `redis://redis:${services.redis.containerPort}`,
    })
  }
  expect(compose.services['kafka']?.environment?.['KAFKA_ADVERTISED_LISTENERS']).toBe(
    `HOST://localhost:${services.kafka.port},INSIDE://kafka:19092`,
  )
})

test('the last service prints every address that the host can use', () => {
  const printed = compose.services['ready']?.entrypoint?.join('\n')
  for (const { port } of Object.values(services)) expect(printed).toContain(`localhost:${port}`)
  expect(printed).toContain('http://localhost:8080')
})

test('Driftline runs without root, on a file system that it cannot write, with no right of the kernel’s', () => {
  const [, image] = read('Dockerfile').split(/^FROM (?!.* AS )/m)
  const lines = image!.split('\n')
  const user = lines.findLastIndex(line => line.startsWith('USER '))
  expect(lines[user]).toBe('USER node')
  expect(lines.slice(user).some(line => /^(RUN|COPY|ADD)/.test(line))).toBe(false)
  const ours = Object.values(compose.services).filter(({ image }) => image === 'driftline:local')
  expect(ours.length).toBeGreaterThan(0)
  for (const one of ours)
    expect(one).toMatchObject({
      read_only: true,
      tmpfs: ['/tmp'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
  for (const one of ours) expect(one).not.toHaveProperty('user')
})

test('the Dockerfile copies only what .dockerignore lets through', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) =>
    sources!.split(' '),
  )
  const letThrough = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path]) => path)
  expect(copied.map(path => path.replace(/^\.\//, '')).sort()).toEqual(letThrough.sort())
})

test('the coordinates are those of the pom', () => {
  const artifacts = read('test/services/pom.xml').matchAll(
    /<groupId>(.+)<\/groupId>\s*<artifactId>(.+)<\/artifactId>\s*<version>(.+)<\/version>/g,
  )
  const inPom = [...artifacts].map(([, ...coordinates]) => coordinates.join(':'))
  for (const { coordinates } of Object.values(services)) expect(inPom).toContain(coordinates)
})
