import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import avsc from 'avsc'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKafka, startRegistry } from '../services/launch.js'
import { makeTopic } from '../services/topics.js'
import { driftlineHere } from './cli-here.js'
import { driftline, freePort, Service, until } from './cli-process.js'

const monitor = (topic: string, format: 'avro' | 'json' = 'json'): string => `
apiVersion: driftline/v1
model: m
serving: { topic: ${topic}, format: ${format}, key: id, time: { path: t, unit: ms }, features: "features.*" }
window: { size: 1h }
`

describe('what is missing or wrong is told, with the address or the file and the remedy', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-faults-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }

  it('no broker: the address, exit 3', async () => {
    const env = { KAFKA_BROKERS: '127.0.0.1:1' }
    const path = await file('a.yaml', monitor('t'))
    const commands = [
      ['up', path, '--http-port', '0'],
      ['topics', 'plan'],
      ['baseline', 'list'],
      ['alerts', 'list'],
    ]
    // All at once: most of their time they wait for an answer.
    const ended = await Promise.all(
      commands.map(command => (command[0] === 'up' ? driftline : driftlineHere)(env, ...command)),
    )
    for (const [i, { code, stderr, stdout }] of ended.entries()) {
      expect(code, `${commands[i]![0]}: ${stderr}`).toBe(3)
      expect(stderr + stdout).toContain('127.0.0.1:1')
    }
  })

  it('no address at all: the variable, exit 2', async () => {
    const { code, stderr } = await driftlineHere({ KAFKA_BROKERS: '' }, 'baseline', 'list')
    expect(code).toBe(2)
    expect(stderr).toContain('KAFKA_BROKERS')
  })

  it('a monitor that is wrong: file, line and field of every fault, exit 2', async () => {
    const path = await file('b.yaml', monitor('t').replace('window: { size: 1h }', 'window: { size: soon }\nwidnow: 1'))
    const { code, stderr } = await driftline({ KAFKA_BROKERS: '127.0.0.1:1' }, 'up', path)
    expect(code).toBe(2)
    expect(stderr).toContain(`${path}:5:`)
    expect(stderr).toContain(`${path}:6:`)
    expect(stderr).toContain('Did you mean "window"?')
  })

  it.each([
    ['empty.csv', '', /empty/],
    ['headless.csv', '1,2\n3,4\n5,6\n', /header/],
    ['other.csv', 'a,b\nx,1\ny,2\n', /column|feature/],
  ])('a baseline file that cannot serve (%s): the file and the remedy, exit 2', async (name, text, words) => {
    const path = await file('c.yaml', monitor('t').replace('features: "features.*"', 'features: [wanted_*]'))
    const training = await file(name, text)
    const { code, stderr } = await driftlineHere({}, 'baseline', 'load', training, '--monitor', path, '--dry-run')
    expect(code, stderr).toBe(2)
    expect(stderr).toContain(name)
    expect(stderr).toMatch(words)
  })

  it('mixed types in a column are counted, not refused', async () => {
    const path = await file('d.yaml', monitor('t'))
    const rows = Array.from({ length: 300 }, (_, i) => `${i},${i % 100 === 7 ? 'n/a?' : i / 7}`)
    const training = await file('mixed.csv', `id,x\n${rows.join('\n')}\n`)
    const { code, stdout, stderr } = await driftlineHere(
      {},
      'baseline',
      'load',
      training,
      '--monitor',
      path,
      '--dry-run',
      '--json',
    )
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ rows: 300 })
    expect(stderr).toMatch(/mixed\.csv.*x/)
  })
})

describe('Kafka and the registry going away in mid-run', () => {
  let folder: string
  let kafka: Awaited<ReturnType<typeof startKafka>>
  let registry: Awaited<ReturnType<typeof startRegistry>>
  let env: Record<string, string>
  let service: Service

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-faults-'))
    ;[kafka, registry] = await Promise.all([startKafka(), startRegistry()])
    env = { KAFKA_BROKERS: kafka.brokers.join(), SCHEMA_REGISTRY_URL: registry.url, DRIFTLINE_REPLICATION: '1' }
    await writeFile(join(folder, 'm.yaml'), monitor('events', 'avro'))
    const rows = Array.from({ length: 2000 }, (_, i) => `r${i},${Date.UTC(2026, 0, 5) + i * 10_000},${i % 17}`)
    await writeFile(join(folder, 'events.csv'), `id,t,x\n${rows.join('\n')}\n`)
  })
  afterAll(async () => {
    service?.goOn()
    await service?.kill('SIGKILL')
    await Promise.all([kafka?.stop(), registry?.stop()])
    await rm(folder, { recursive: true, force: true })
  })

  const produce = (...range: string[]) =>
    driftlineHere(
      env,
      'produce',
      'features',
      '--from',
      join(folder, 'events.csv'),
      '--monitor',
      join(folder, 'm.yaml'),
      ...range,
    )
  const read = (): Promise<number> => service.metric('driftline_records_total', { outcome: 'aggregated' })

  it('a topic that is not there: the topic and the monitor file', async () => {
    expect((await driftlineHere(env, 'topics', 'apply')).code).toBe(0)
    const { code, stderr } = await driftline(env, 'up', join(folder, 'm.yaml'), '--http-port', '0')
    expect(code).toBe(3)
    expect(stderr).toContain('events')
    expect(stderr).toContain('m.yaml')
  })

  it('waits for the registry at start and in mid-run; no record is lost, none dead-lettered', async () => {
    const admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    await makeTopic(admin, 'events', 2)
    await registry.halt()
    service = new Service(env, await freePort(), join(folder, 'm.yaml'))
    await until(
      async () => service.log.includes('waiting for the schema registry'),
      60_000,
      () => service.log,
    )
    await registry.start()
    await service.ready()
    const said = (): string => service.log.slice(-2000)
    const letters = async (): Promise<string> => (await admin.fetchTopicOffsets('driftline.dead-letters'))[0]!.high

    // The first schema of all is new while the registry is away, and the service stands still when it goes.
    const begun = async (): Promise<boolean> => {
      const [group] = await admin.fetchOffsets({ groupId: 'driftline.summarize.events', topics: ['events'] })
      return group!.partitions.every(({ offset }) => offset !== '-1')
    }
    // What comes while it stands is not before its start.
    await until(begun, 30_000, said)
    service.stand()
    const produced = await produce('--limit', '500')
    await registry.halt()
    let mark = service.log.length
    service.goOn()
    expect(produced.code, produced.stderr).toBe(0)
    const tellsOutage = async (): Promise<boolean> =>
      /schema registry at .* does not answer/.test(service.log.slice(mark))
    await until(tellsOutage, 30_000, said)
    await new Promise(resolve => setTimeout(resolve, 2000))
    expect(await service.metric('driftline_records_total')).toBe(0)
    expect(await letters()).toBe('0')
    await registry.start()
    await until(async () => (await read()) === 500, 60_000, said)

    // A schema that the service has not met, and the registry gone before it can ask.
    const schema = {
      type: 'record',
      name: 'Other',
      fields: [
        { name: 'id', type: 'string' },
        { name: 't', type: 'long' },
        { name: 'features', type: { type: 'record', name: 'F', fields: [{ name: 'x', type: 'double' }] } },
      ],
    } as const
    const client = new SchemaRegistry({ host: registry.url })
    const { id } = await client.register(
      { type: SchemaType.AVRO, schema: JSON.stringify(schema) },
      { subject: 'other-value' },
    )
    await registry.halt()
    const head = Buffer.alloc(5)
    head.writeUInt32BE(id, 1)
    const body = avsc.Type.forSchema(schema as unknown as avsc.Schema).toBuffer({
      id: 'o',
      t: Date.UTC(2026, 0, 5, 1),
      features: { x: 1 },
    })
    const producer = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).producer()
    mark = service.log.length
    await producer.connect()
    await producer.send({ topic: 'events', messages: [{ key: 'o', value: Buffer.concat([head, body]) }] })
    await producer.disconnect()
    await until(tellsOutage, 30_000, said)
    expect(await read()).toBe(500)
    await registry.start()
    await until(async () => (await read()) === 501, 60_000, said)
    expect(await letters()).toBe('0')
    await admin.disconnect()
  })

  it('goes on where it was when Kafka comes back', async () => {
    await kafka.halt()
    await new Promise(resolve => setTimeout(resolve, 3000))
    await kafka.start()
    const { code, stderr } = await produce('--since', '2026-01-05T01:23:20Z')
    expect(code, stderr).toBe(0)
    let seen = ''
    const all = async (): Promise<boolean> => {
      seen = await service.lines('driftline_records_total', 'driftline_lag_records')
      return (await read()) === 2001
    }
    await until(all, 90_000, () => `${seen}\n${service.log.slice(-3000)}`)
    expect(await service.metric('driftline_records_total')).toBe(2001)
    expect(await service.kill('SIGTERM')).toBe(0)
  })
})
