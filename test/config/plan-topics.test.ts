import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseMonitor } from '../../src/config/monitor.js'
import { type ClusterState, planTopics, type TopicState, timestampRule } from '../../src/config/plan-topics.js'
import { loadTopics, type TopicSpec, type Topology, topologyFile } from '../../src/config/topics.js'
import type { Monitor } from '../../src/core/monitor.js'

const spec: TopicSpec = {
  name: 'driftline.alerts',
  description: 'Alerts',
  external: false,
  create: false,
  direction: 'send',
  partitions: 4,
  fixed: false,
  replication: 3,
  replicationMeant: false,
  key: 'model',
  format: 'avro',
  schemas: [],
  configs: { 'cleanup.policy': 'delete', 'retention.ms': '1000' },
}

function topology(...topics: Partial<TopicSpec>[]): Topology {
  return { file: 'topics.yaml', topics: topics.map(topic => ({ ...spec, ...topic })) }
}

function state(topic: Partial<Omit<TopicState, 'configs' | 'own'>> & { configs?: object; own?: object }): TopicState {
  const { configs = {}, own = {}, ...rest } = topic
  const all = { ...spec.configs, ...configs }
  return {
    name: spec.name,
    partitions: 4,
    led: 4,
    replication: 3,
    configs: new Map(Object.entries(all)),
    own: new Map(Object.entries(own)),
    ...rest,
  }
}

function cluster(brokers: number, ...topics: TopicState[]): ClusterState {
  const names = topics.map(({ name }) => name)
  return { address: 'b:9092', brokers, topics: new Map(topics.map(topic => [topic.name, topic])), names, asUser: false }
}

function monitor(text = '', serving = ''): Monitor {
  const { monitors, faults } = parseMonitor(
    `{ apiVersion: driftline/v1, model: m, serving: { topic: source, key: k, time: t${serving} }${text} }`,
    'm.yaml',
  )
  expect(faults).toEqual([])
  return monitors[0]!
}

describe('the difference between the file and a cluster', () => {
  it('is nothing when they agree', () => {
    const plan = planTopics(topology({}), cluster(3, state({})))
    expect(plan).toEqual({ steps: [], warnings: [], sources: [], unchanged: ['driftline.alerts'] })
  })

  it('creates what is missing', () => {
    const { steps, warnings } = planTopics(topology({}), cluster(3))
    expect(steps).toEqual([
      { action: 'create', topic: 'driftline.alerts', partitions: 4, replication: 3, configs: spec.configs },
    ])
    expect(warnings).toEqual([])
  })

  it('makes as many copies as there are brokers, and says so; the environment’s number is taken as it is', () => {
    const few = planTopics(topology({}), cluster(1))
    expect(few.steps).toMatchObject([{ replication: 1 }])
    expect(few.warnings).toEqual([
      { topic: spec.name, text: 'created with one copy, not 3: the cluster has one broker' },
    ])
    const meant = planTopics(topology({ replication: 2, replicationMeant: true }), cluster(1))
    expect(meant.steps).toMatchObject([{ replication: 2 }])
    expect(meant.warnings).toEqual([])
  })

  it('adds partitions, and never takes any away', () => {
    const more = planTopics(topology({ partitions: 6 }), cluster(3, state({})))
    expect(more.steps).toEqual([{ action: 'add-partitions', topic: spec.name, from: 4, to: 6 }])
    const fewer = planTopics(topology({ partitions: 2 }), cluster(3, state({})))
    expect(fewer.steps).toEqual([])
    expect(fewer.warnings).toMatchObject([{ text: expect.stringContaining('Kafka cannot take partitions away') }])
  })

  it('adds none where keys would move', () => {
    const { steps, warnings } = planTopics(topology({ partitions: 6, fixed: true }), cluster(3, state({})))
    expect(steps).toEqual([])
    expect(warnings).toMatchObject([{ text: expect.stringContaining('keys would move to other partitions') }])
  })

  it('warns of copies that differ', () => {
    expect(planTopics(topology({}), cluster(3, state({ replication: 1 }))).warnings).toEqual([])
    const meant = topology({ replicationMeant: true })
    const { steps, warnings } = planTopics(meant, cluster(3, state({ replication: 1 })))
    expect(steps).toEqual([])
    expect(warnings).toMatchObject([
      { text: expect.stringContaining('has one copy, the file or DRIFTLINE_REPLICATION says 3') },
    ])
  })

  it('corrects settings and keeps those that the file does not name', () => {
    const own = { 'retention.ms': '5', 'segment.ms': '7' }
    const { steps } = planTopics(topology({}), cluster(3, state({ configs: { 'retention.ms': '5' }, own })))
    const changes = [{ name: 'retention.ms', from: '5', to: '1000' }]
    expect(steps).toEqual([
      {
        action: 'set-configs',
        topic: spec.name,
        changes,
        configs: { 'cleanup.policy': 'delete', 'retention.ms': '1000', 'segment.ms': '7' },
      },
    ])
  })

  it('takes 0.10 for 0.1 and compact,delete for delete, compact', () => {
    const wanted = { 'min.cleanable.dirty.ratio': '0.1', 'cleanup.policy': 'delete, compact' }
    const has = { 'min.cleanable.dirty.ratio': '0.10', 'cleanup.policy': 'compact,delete' }
    expect(planTopics(topology({ configs: wanted }), cluster(3, state({ configs: has }))).steps).toEqual([])
  })

  it('leaves the users’ topics alone; creates one only where the file says so', () => {
    const external = { external: true, direction: 'receive' as const, name: 'source', partitions: 9 }
    const there = cluster(
      3,
      state({ name: 'source', configs: { 'retention.ms': '1', 'message.timestamp.type': 'LogAppendTime' } }),
    )
    expect(planTopics(topology(external), there).steps).toEqual([])
    expect(planTopics(topology(external), cluster(3)).steps).toEqual([])
    expect(planTopics(topology({ ...external, create: true }), cluster(3)).steps).toMatchObject([
      { action: 'create', topic: 'source' },
    ])
  })

  it('is nothing more after its steps were done', () => {
    const file = loadTopics(topologyFile(), 1)
    const { steps } = planTopics(file, cluster(1))
    const done = steps.map(step => {
      if (step.action !== 'create') throw new Error('only creates on an empty cluster')
      const { topic: name, partitions, replication, configs } = step
      return {
        name,
        partitions,
        led: partitions,
        replication,
        configs: new Map(Object.entries(configs)),
        own: new Map(Object.entries(configs)),
      }
    })
    const again = planTopics(file, cluster(1, ...done))
    expect(again.steps).toEqual([])
    expect(again.warnings).toEqual([])
    expect(again.unchanged).toEqual(file.topics.map(({ name }) => name))
  })
})

describe('source topics', () => {
  it.each([
    [{ 'message.timestamp.type': 'LogAppendTime' }, { type: 'append' }],
    [
      { 'message.timestamp.type': 'CreateTime', 'message.timestamp.after.max.ms': '3600000' },
      { type: 'create', bounded: true },
    ],
    [{ 'message.timestamp.after.max.ms': '9223372036854775807' }, { type: 'create', bounded: false }],
    [{ 'message.timestamp.difference.max.ms': '60000' }, { type: 'create', bounded: true }],
    [{}, { type: 'create', bounded: false }],
  ])('%j is %j', (configs, rule) => {
    expect(timestampRule(new Map(Object.entries(configs)))).toEqual(rule)
  })

  it('are those of the monitors, with their rule and a warning where nothing bounds it', () => {
    const configs = { 'message.timestamp.type': 'CreateTime' }
    const { sources, warnings } = planTopics(topology(), cluster(1, state({ name: 'source', configs })), [monitor()])
    expect(sources).toEqual([
      { topic: 'source', monitors: ['m'], partitions: 4, rule: { type: 'create', bounded: false } },
    ])
    expect(warnings).toMatchObject([
      { topic: 'source', text: expect.stringContaining('message.timestamp.type=LogAppendTime') },
    ])
  })

  it('that are not there are told with the address, and what was meant', () => {
    const { warnings } = planTopics(topology(), cluster(1, state({ name: 'sources' })), [monitor()])
    expect(warnings).toEqual([
      {
        topic: 'source',
        text: expect.stringMatching(/^Kafka at b:9092 has no topic "source"\. Did you mean "sources"\? .*topics apply/),
      },
    ])
    const hidden = planTopics(topology(), { ...cluster(1), asUser: true }, [monitor()])
    expect(hidden.warnings[0]!.text).toMatch(/If it is there, give the user Describe on it/)
  })
})

describe('retention of panes', () => {
  const panes = { name: 'driftline.panes', configs: { 'retention.ms': '604800000' } }
  const warningsFor = (window: string) =>
    planTopics(topology(panes), cluster(3), [monitor(`, window: ${window}`)]).warnings.filter(
      ({ topic }) => topic === 'driftline.panes',
    )

  it('must hold the longest window with its revisions', () => {
    expect(warningsFor('{ size: 1d }')).toEqual([])
    expect(warningsFor('{ size: 30d }')).toEqual([
      {
        topic: 'driftline.panes',
        text: expect.stringMatching(
          /^keeps records 7d, but monitor m needs 60d 5m \(size \+ grace \+ reviseFor\).*Raise retention\.ms/,
        ),
      },
    ])
  })
})

describe('retention of joins', () => {
  const joins = { name: 'driftline.joins', configs: { 'retention.ms': '1209600000' } }
  const labels = (horizon: string) =>
    `, task: { type: binary, outputs: { main: score } }, labels: { topic: labels, key: k, time: at, value: y, horizon: ${horizon} }`
  const planFor = (text: string) => planTopics(topology(joins), cluster(3, state({ name: 'source' })), [monitor(text)])
  const warningsFor = (text: string) => planFor(text).warnings.filter(({ topic }) => topic === 'driftline.joins')

  it('must hold predictions until their labels come, where there are labels', () => {
    expect(warningsFor('')).toEqual([])
    expect(warningsFor(labels('7d'))).toEqual([])
    expect(warningsFor(labels('30d'))).toEqual([
      {
        topic: 'driftline.joins',
        text: expect.stringMatching(
          /^keeps records 14d, but monitor m needs 30d 5m \(labels\.horizon \+ grace\).*Raise retention\.ms/,
        ),
      },
    ])
  })

  it('must hold the rows of two versions until both are there', () => {
    const shadow = (within: string) =>
      `, task: { type: binary, outputs: { main: score } }, shadow: { champion: a, challenger: b, within: ${within} }`
    const versioned = (text: string) => {
      const one = monitor(text, ', version: v')
      return planTopics(topology(joins), cluster(3, state({ name: 'source' })), [one]).warnings
    }
    expect(versioned(shadow('1h')).filter(({ topic }) => topic === 'driftline.joins')).toEqual([])
    expect(versioned(shadow('20d'))).toContainEqual({
      topic: 'driftline.joins',
      text: expect.stringMatching(/monitor m needs 20d 5m \(shadow\.within \+ grace\)/),
    })
  })

  it('goes with a topic of labels, which must be there', () => {
    const { sources, warnings } = planFor(labels('7d'))
    expect(sources.map(({ topic, monitors }) => [topic, monitors])).toEqual([
      ['source', ['m']],
      ['labels', ['m']],
    ])
    expect(warnings).toContainEqual({ topic: 'labels', text: expect.stringMatching(/has no topic "labels"/) })
  })
})

it('the file comes with the package', () => {
  expect(readFileSync(topologyFile(), 'utf8')).toContain('driftline.panes')
})
