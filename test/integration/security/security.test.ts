import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import kafkajs, { type Admin } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOUR, rides, usual } from '../../service/rides.js'
import { type SecureKafka, startSecureKafka } from '../../services/secure-kafka.js'
import { type SecureRedis, startSecureRedis } from '../../services/secure-redis.js'
import { driftline, type Ended, freePort, SELDOM_MS, Service, until } from '../cli-process.js'
import { published } from '../published.js'
import { labelsOf, MONITOR, offlineOf, servedOf, trainingOf } from './rides-joined.js'
import { givenBy, grant, leastRights, named } from './rights.js'

const START = Math.floor(Date.now() / HOUR - 48) * HOUR
const users = [
  { username: 'topics', password: 'secret-of-topics', mechanism: 'scram-sha-512' },
  { username: 'load', password: 'secret-of-load', mechanism: 'scram-sha-512' },
  { username: 'up', password: 'secret-of-up', mechanism: 'scram-sha-512' },
  { username: 'produce', password: 'secret-of-produce', mechanism: 'plain' },
  { username: 'alerts', password: 'secret-of-alerts', mechanism: 'scram-sha-256' },
] as const
type User = (typeof users)[number]['username']

describe('on a Kafka with SASL, TLS and ACLs, and a Redis with TLS and users', () => {
  let folder: string
  let kafka: SecureKafka
  let redis: SecureRedis
  let admin: Admin
  let readme: string
  let service: Service | null = null
  /** All that any process has said to anybody. */
  let outputs = ''
  const file = (name: string): string => join(folder, name)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-security-'))
    readme = await readFile(join(import.meta.dirname, '../../../README.md'), 'utf8')
    ;[kafka, redis] = await Promise.all([
      startSecureKafka(users),
      startSecureRedis({ name: 'up', password: 'secret-of-redis' }),
    ])
    admin = new kafkajs.Kafka({ brokers: kafka.inside, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    await writeFile(file('ca.pem'), kafka.ca)
    await writeFile(file('redis.pem'), redis.ca)
    await writeFile(file('monitor.yaml'), MONITOR)
    const training = rides({ seed: 1, from: START - 100 * HOUR, hours: 20, perHour: 100 })
    await writeFile(file('training.csv'), trainingOf(training))
    const dearer = rides({
      seed: 3,
      from: START,
      hours: 6,
      perHour: 400,
      features: (random, time) => ({ ...usual(random), ...(time >= START + 2 * HOUR ? { fare: 900 } : {}) }),
    })
    const closing = rides({ seed: 4, from: START + 9 * HOUR, hours: 1, perHour: 60 })
    const all = [...dearer, ...closing]
    await writeFile(file('features.csv'), servedOf(all))
    await writeFile(file('labels.csv'), labelsOf(all))
    await writeFile(file('offline.csv'), offlineOf(all))
  })

  afterAll(async () => {
    await service?.kill('SIGKILL')
    await admin?.disconnect()
    await Promise.all([kafka?.stop(), redis?.stop()])
    await rm(folder, { recursive: true, force: true })
  })

  function as(user: User, password?: string): Record<string, string> {
    const known = users.find(({ username }) => username === user)!
    return {
      KAFKA_BROKERS: kafka.brokers.join(),
      KAFKA_SSL_CA: file('ca.pem'),
      KAFKA_SASL_MECHANISM: known.mechanism,
      KAFKA_USERNAME: user,
      KAFKA_PASSWORD: password ?? known.password,
      SCHEMA_REGISTRY_URL: '',
      DRIFTLINE_REPLICATION: '1',
      DRIFTLINE_STATE: 'none',
    }
  }

  async function run(env: Record<string, string>, ...args: string[]): Promise<Ended> {
    const ended = await driftline(env, ...args)
    outputs += ended.stdout + ended.stderr
    return ended
  }

  /** Gives a right only when a message has asked for it, until the command ends well. @returns what was given */
  async function walk(user: User, ...args: string[]): Promise<string[]> {
    const rules = leastRights(readme, user)
    const given = new Set<string>()
    for (;;) {
      const { code, stderr } = await run(as(user), ...args)
      if (code === 0) return [...given].sort()
      expect(code, stderr).toBe(3)
      await give(user, rules, given, named(stderr)[0] ?? stderr)
    }
  }

  async function give(user: User, rules: readonly string[], given: Set<string>, asked: string): Promise<void> {
    const [next] = givenBy(rules, asked).filter(rule => !given.has(rule))
    expect(next, `asked for "${asked}", of what README lists for ${user} these are given: ${[...given]}`).toBeDefined()
    given.add(next!)
    await grant(admin, user, [next!])
  }

  it('rights that README lists are enough to make topics and load a baseline, and what is missing is named', async () => {
    const apply = ['topics', 'apply', '--monitors', file('monitor.yaml')]
    const refused = await run(as('topics'), ...apply)
    expect(refused.code).toBe(3)
    expect(named(refused.stderr)[0]).toMatch(/^Create topic driftline\./)
    const rights = leastRights(readme, 'topics')
    const last = 'DescribeConfigs topic offline-features'
    await grant(
      admin,
      'topics',
      rights.filter(rule => rule !== last),
    )
    const without = await run(as('topics'), ...apply)
    expect([without.code, named(without.stderr)]).toEqual([3, [last]])
    await grant(admin, 'topics', [last])
    const applied = await run(as('topics'), ...apply)
    expect(applied.code, applied.stderr).toBe(0)

    const load = ['baseline', 'load', file('training.csv'), '--monitor', file('monitor.yaml')]
    await grant(admin, 'load', leastRights(readme, 'load'))
    const loaded = await run(as('load'), ...load)
    expect(loaded.code, loaded.stderr).toBe(0)
  })

  it('up says which right it waits for, stops at once when told to, and runs with those that README lists', async () => {
    const { KAFKA_PASSWORD: password, ...env } = as('up')
    await writeFile(file('password'), `${password}\n`)
    const state = { DRIFTLINE_STATE: redis.url, NODE_EXTRA_CA_CERTS: file('redis.pem') }
    const begin = async (): Promise<Service> =>
      new Service({ ...env, ...state, KAFKA_PASSWORD_FILE: file('password') }, await freePort(), file('monitor.yaml'))
    const rights = leastRights(readme, 'up')
    const groups = rights.filter(rule => rule.includes(' group '))
    const joining = rights.filter(rule => /driftline\.joins|labels|offline-features/.test(rule))

    // Without the right to its groups it begins, and waits.
    await grant(
      admin,
      'up',
      rights.filter(rule => !groups.includes(rule) && !joining.includes(rule)),
    )
    service = await begin()
    const said = (): string => service!.log.slice(-3000)
    await until(async () => named(service!.log).length > 0, 60_000, said)
    expect(givenBy(groups, named(service.log)[0]!)).toEqual(groups)
    await until(async () => service!.log.includes('still starting: reading driftline.baselines'), 30_000, said)
    const told = Date.now()
    expect(await service.kill('SIGTERM')).toBe(0)
    expect(Date.now() - told).toBeLessThan(4000)
    outputs += service.log

    // A monitor that does not join would run with these.
    await grant(admin, 'up', groups)
    service = await begin()
    expect(await service.ended).toBe(3)
    outputs += service.log
    expect(givenBy(joining, named(service.log)[0] ?? service.log)).not.toEqual([])

    await grant(admin, 'up', joining)
    service = await begin()
    await service.ready()
  })

  it('what is produced is joined and rings an alert, which is read with the rights to the alerts alone', async () => {
    const produce = (what: string) => [
      'produce',
      what,
      '--from',
      file(`${what}.csv`),
      '--monitor',
      file('monitor.yaml'),
    ]
    const rules = leastRights(readme, 'produce')
    expect(await walk('produce', ...produce('features'))).toEqual(['Write topic serving-features'])
    await grant(admin, 'produce', rules)
    for (const what of ['labels', 'offline']) {
      const produced = await run(as('produce'), ...produce(what))
      expect(produced.code, produced.stderr).toBe(0)
    }
    const producer = new kafkajs.Kafka({ brokers: kafka.inside, logLevel: kafkajs.logLevel.NOTHING }).producer()
    await producer.connect()
    await producer.send({ topic: 'serving-features', messages: [{ value: 'no JSON' }] })
    await producer.disconnect()
    const isEmpty = async (name: string): Promise<boolean> =>
      (await admin.fetchTopicOffsets(`driftline.${name}`)).every(({ offset }) => offset === '0')
    for (const name of ['dead-letters', 'joins', 'verdicts', 'alerts', 'state'])
      await until(
        async () => !(await isEmpty(name)),
        60_000,
        () => `${name} is empty\n${service!.log.slice(-3000)}`,
      )
    let told: object[] = []
    await until(
      async () => {
        told = await published(kafka.inside, 'driftline.verdicts')
        return ['measures', 'parity', 'champion'].every(of => told.some(event => of in event))
      },
      60_000,
      () =>
        `of ${told.length} verdicts none by labels, offline values, or of two versions\n${service!.log.slice(-3000)}`,
      SELDOM_MS,
    )

    const tail = ['alerts', 'tail', '--since', 'earliest', '--no-follow']
    const unread = await run(as('alerts'), ...tail)
    expect(unread.code, unread.stderr).toBe(3)
    const rights = leastRights(readme, 'alerts')
    expect(givenBy(rights, named(unread.stderr)[0] ?? unread.stderr)).toEqual(['Read topic driftline.alerts'])
    await grant(admin, 'alerts', rights)
    const read = await run(as('alerts'), ...tail)
    expect(read.code, read.stderr).toBe(0)
    expect(read.stdout).toMatch(/fare/)
  })

  it('says what to look at when the password or the certificate is wrong', async () => {
    const wrong = await run(as('alerts', 'secret-of-nobody'), 'alerts', 'list')
    expect(wrong.code).toBe(3)
    expect(wrong.stderr).toMatch(/Check KAFKA_USERNAME, KAFKA_PASSWORD/)
    const { KAFKA_SSL_CA: _, ...stranger } = as('alerts')
    const untrusted = await run({ ...stranger, KAFKA_SSL: 'true' }, 'alerts', 'list')
    expect(untrusted.code).toBe(3)
    expect(untrusted.stderr).toMatch(/KAFKA_SSL_CA/)
  })

  it('tells nobody a password: no output, log, metric or answer of the service has one', async () => {
    for (const path of ['health', 'ready', 'metrics'])
      outputs += await (await fetch(`http://127.0.0.1:${service!.port}/${path}`)).text()
    expect(await service!.kill('SIGTERM'), service!.log.slice(-3000)).toBe(0)
    outputs += service!.log
    const keys = new Redis(redis.inside)
    const kept = await keys.keys('*')
    expect(kept).toContain('driftline:checkpoint:{driftline/serving-features/0}')
    expect(kept.some(key => key.startsWith('driftline:join:{driftline/driftline.joins/'))).toBe(true)
    keys.disconnect()
    expect(outputs).toMatch(/driftline_records_total/)
    expect(outputs).toMatch(/checkpoints in rediss:\/\/127\.0\.0\.1/)
    expect(outputs).toMatch(/no right/)
    expect(outputs).not.toMatch(/secret-of/)
  })
})
