import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs, { type Admin } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { checkCommand } from '../../../src/cli/check.js'
import { topicsCommand } from '../../../src/cli/topics.js'
import { BrokerTopics, requireSources } from '../../../src/config/broker-topics.js'
import { parseMonitor } from '../../../src/config/monitor.js'
import { planTopics } from '../../../src/config/plan-topics.js'
import { loadTopics, type Topology, topologyFile } from '../../../src/config/topics.js'
import { startKafka } from '../../services/launch.js'
import { makeTopics } from '../../services/topics.js'

const { brokers } = inject('services').kafka
const access = { brokers }
const prefix = `t${randomBytes(4).toString('hex')}.`

/** The file's topics under names of this run's own. */
function own(
  replication: number | null,
  change: (topics: Topology['topics']) => Topology['topics'] = topics => topics,
): Topology {
  const { file, topics } = loadTopics(topologyFile(), replication)
  return { file, topics: change(topics).map(topic => ({ ...topic, name: prefix + topic.name })) }
}

function namesOf(topology: Topology): string[] {
  return topology.topics.map(({ name }) => name)
}

let admin: Admin
let broker: BrokerTopics
let folder: string

beforeAll(async () => {
  admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  broker = await BrokerTopics.connect(access)
  folder = mkdtempSync(join(tmpdir(), 'driftline-topics-'))
})

afterAll(async () => {
  const topics = (await admin.listTopics()).filter(name => name.startsWith(prefix))
  if (topics.length > 0) await admin.deleteTopics({ topics })
  await Promise.all([admin.disconnect(), broker.close()])
  rmSync(folder, { recursive: true })
})

describe('topics on a real broker', () => {
  it('are created as the file says, and applying again finds nothing to do', async () => {
    const topology = own(1)
    const { steps } = planTopics(topology, await broker.state(namesOf(topology)))
    expect(steps.map(({ action, topic }) => [action, topic])).toEqual(namesOf(topology).map(name => ['create', name]))
    await broker.apply(steps)
    const cluster = await broker.state(namesOf(topology))
    expect(cluster.topics.get(`${prefix}driftline.panes`)).toMatchObject({ partitions: 4, replication: 1 })
    const again = planTopics(topology, cluster)
    expect(again.steps).toEqual([])
    expect(again.warnings).toEqual([])
    await broker.apply(steps)
    // Others make topics on this broker meanwhile.
    expect((await broker.state(namesOf(topology))).topics).toEqual(cluster.topics)
  })

  it('of a file for three copies are made with one on a single broker, with a warning', async () => {
    const topology = own(null, topics =>
      topics.filter(({ name }) => name === 'driftline.alerts').map(topic => ({ ...topic, name: 'few' })),
    )
    const { steps, warnings } = planTopics(topology, await broker.state(namesOf(topology)))
    expect(warnings).toMatchObject([{ text: expect.stringContaining('created with one copy, not 3') }])
    await broker.apply(steps)
    expect((await broker.state(namesOf(topology))).topics.get(`${prefix}few`)?.replication).toBe(1)
  })

  it('grow and are corrected; settings that the file does not name stay', async () => {
    const topic = `${prefix}driftline.verdicts`
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: [
            { name: 'retention.ms', value: '1000' },
            { name: 'segment.ms', value: '3600000' },
          ],
        },
      ],
    })
    const topology = own(1, topics =>
      topics.map(one => (one.name === 'driftline.verdicts' ? { ...one, partitions: 6 } : one)),
    )
    const { steps } = planTopics(topology, await broker.state(namesOf(topology)))
    expect(steps).toMatchObject([
      { action: 'add-partitions', topic, from: 4, to: 6 },
      { action: 'set-configs', topic, changes: [{ name: 'retention.ms', from: '1000', to: '7776000000' }] },
    ])
    await broker.apply(steps)
    const cluster = await broker.state([topic])
    expect(cluster.topics.get(topic)?.partitions).toBe(6)
    expect(cluster.topics.get(topic)?.own.get('segment.ms')).toBe('3600000')
    expect(cluster.topics.get(topic)?.own.get('retention.ms')).toBe('7776000000')
    // The file as it was now asks for fewer: told, not done.
    const back = planTopics(own(1), await broker.state(namesOf(own(1))))
    expect(back.steps).toEqual([])
    expect(back.warnings).toMatchObject([{ topic, text: expect.stringContaining('Kafka cannot take partitions away') }])
  })

  it('that are sources are told with their timestamp rule', async () => {
    const topics = [
      {
        topic: `${prefix}create`,
        configEntries: [{ name: 'message.timestamp.after.max.ms', value: '9223372036854775807' }],
      },
      { topic: `${prefix}bounded`, configEntries: [{ name: 'message.timestamp.after.max.ms', value: '60000' }] },
    ]
    await makeTopics(admin, topics)
    const monitors = ['create', 'bounded', 'serving-features'].map(name => monitorOn(prefix + name))
    const cluster = await broker.state(monitors.map(({ serving }) => serving.topic))
    const { sources, warnings } = planTopics({ file: 'none', topics: [] }, cluster, monitors)
    expect(sources.map(({ topic, rule }) => [topic.slice(prefix.length), rule])).toEqual([
      ['create', { type: 'create', bounded: false }],
      ['bounded', { type: 'create', bounded: true }],
      ['serving-features', { type: 'append' }],
    ])
    expect(warnings.map(({ topic }) => topic)).toEqual([`${prefix}create`])
  })

  it('that are missing are named with the address, what was meant, and the remedy; asking does not create them', async () => {
    const topic = `${prefix}serving-featurs`
    await expect(requireSources([monitorOn(topic)], access)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(
        new RegExp(
          `^m\\.yaml serving\\.topic: Kafka at ${brokers[0]} has no topic "${topic}"\\. Did you mean "${prefix}serving-features"\\? Correct`,
        ),
      ),
    })
    expect(await admin.listTopics()).not.toContain(topic)
  })
})

describe('the commands', () => {
  // A broker of their own: they create topics by the names that a real cluster has.
  let kafka: Awaited<ReturnType<typeof startKafka>>
  beforeAll(async () => {
    kafka = await startKafka()
  })
  afterAll(() => kafka.stop())

  it('plan, apply, and check against the broker', async () => {
    const file = join(folder, 'topics.yaml')
    const entry = (name: string) => {
      const compact = /state|control|baselines/.test(name) ? 'compact' : 'delete'
      return `  ${name}: { description: d, direction: internal, partitions: 1, key: k, format: bytes, configs: { cleanup.policy: ${compact} } }\n`
    }
    const topics = ['panes', 'joins', 'state', 'baselines', 'control', 'verdicts', 'alerts', 'dead-letters']
    writeFileSync(
      file,
      `apiVersion: driftline/v1\ntopics:\n${topics.map(name => entry(`driftline.${name}`)).join('')}${entry(`${prefix}rides`)}`,
    )
    const monitors = join(folder, 'm.yaml')
    writeFileSync(monitors, `apiVersion: driftline/v1\nmodel: m\nserving: { topic: ${prefix}rides, key: k, time: t }\n`)
    const common = ['--file', file, '--monitors', monitors, '--json']
    const planned = await run(kafka.brokers, topicsCommand(), 'plan', ...common)
    expect(planned).toMatchObject({ applied: false })
    expect(planned.steps).toContainEqual(
      expect.objectContaining({ action: 'create', topic: `${prefix}rides`, replication: 1 }),
    )
    // What it says of the source topics is how they are by then.
    expect(await run(kafka.brokers, topicsCommand(), 'apply', '--wait', '30', ...common)).toMatchObject({
      steps: planned.steps,
      sources: [{ partitions: 1 }],
    })
    expect(await run(kafka.brokers, topicsCommand(), 'apply', ...common)).toMatchObject({
      applied: true,
      steps: [],
      sources: [{ partitions: 1 }],
    })
    const checked = await run(kafka.brokers, checkCommand(), monitors, '--broker', '--json')
    expect(checked.sources).toEqual({
      [`${prefix}rides`]: expect.stringContaining(`1 partition at ${kafka.brokers[0]}`),
    })
  })

  it('say which address was tried where no broker answers', async () => {
    vi.stubEnv('KAFKA_BROKERS', '127.0.0.1:1')
    await expect(topicsCommand().parseAsync(['plan'], { from: 'user' })).rejects.toMatchObject({
      code: 'infrastructure',
      message: expect.stringContaining('127.0.0.1:1'),
    })
    vi.unstubAllEnvs()
  })
})

async function run(on: readonly string[], command: ReturnType<typeof topicsCommand>, ...args: string[]) {
  vi.stubEnv('KAFKA_BROKERS', on.join(','))
  let out = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    out += text
    return true
  })
  try {
    await command.parseAsync(args, { from: 'user' })
    return JSON.parse(out)
  } finally {
    write.mockRestore()
    vi.unstubAllEnvs()
  }
}

function monitorOn(topic: string) {
  const { monitors } = parseMonitor(
    `{ apiVersion: driftline/v1, model: m, serving: { topic: ${topic}, key: k, time: t } }`,
    'm.yaml',
  )
  return monitors[0]!
}
