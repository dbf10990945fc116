import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { planJson, planText, topicsCommand } from '../../src/cli/topics.js'
import type { ClusterState, TopicsPlan } from '../../src/config/plan-topics.js'

const cluster: ClusterState = { address: 'b:9092', brokers: 1, topics: new Map(), names: [], asUser: false }

const plan: TopicsPlan = {
  steps: [
    {
      action: 'create',
      topic: 'driftline.control',
      partitions: 1,
      replication: 1,
      configs: { 'cleanup.policy': 'compact' },
    },
    { action: 'add-partitions', topic: 'driftline.alerts', from: 2, to: 4 },
    {
      action: 'set-configs',
      topic: 'driftline.panes',
      changes: [{ name: 'retention.ms', from: '5', to: '9' }],
      configs: { 'retention.ms': '9' },
    },
  ],
  warnings: [
    { topic: 'driftline.control', text: 'created with one copy, not 3: the cluster has one broker' },
    { topic: 'driftline.panes', text: 'keeps records for too short' },
    { topic: 'driftline.alerts', text: 'created with one copy, not 3: the cluster has one broker' },
  ],
  sources: [
    { topic: 'serving-features', monitors: ['a', 'b'], partitions: 4, rule: { type: 'append' } },
    { topic: 'rides', monitors: [], partitions: 2, rule: { type: 'create', bounded: false } },
    { topic: 'labels', monitors: [], partitions: null, rule: null },
  ],
  unchanged: ['driftline.state'],
}

const plain = (text: string) => stripVTControlCharacters(text).replaceAll(/ +$/gm, '')

describe('driftline topics', () => {
  it('shows steps, source topics with their timestamps, and warnings', () => {
    expect(plain(planText(plan, cluster, false))).toBe(`Kafka at b:9092, one broker

to do           topic              what
create          driftline.control  1 partition, 1 copy, cleanup.policy=compact
add partitions  driftline.alerts   2 → 4
set             driftline.panes    retention.ms: 5 → 9

1 as the file says. Nothing was changed: \`driftline topics apply\` does it.

source topic      partitions  read by     event times are held against
serving-features  4           a, b        the broker’s clock (LogAppendTime)
rides             2           no monitor  the producer’s clock, however far ahead (CreateTime, unbounded)
labels            none        no monitor  not there yet

warning  driftline.control, driftline.alerts: created with one copy, not 3: the cluster has one broker
warning  driftline.panes: keeps records for too short`)
  })

  it('says what was done, without a gap where nothing is as it was', () => {
    const { steps } = plan
    const done = planText({ steps, warnings: [], sources: [], unchanged: [] }, cluster, true)
    expect(
      plain(done)
        .split('\n\n')
        .map(block => block.split('\n').length),
    ).toEqual([1, 1 + steps.length])
  })

  it('says when there is nothing to do', () => {
    const nothing = { steps: [], warnings: [], sources: [], unchanged: ['driftline.state', 'driftline.panes'] }
    expect(plain(planText(nothing, cluster, false))).toBe(
      'Kafka at b:9092, one broker\n\nNothing to do. 2 as the file says.',
    )
    expect(JSON.parse(planJson(nothing, cluster, true))).toEqual({ cluster: 'b:9092', applied: true, ...nothing })
  })

  it('has examples in the help of each of its commands', () => {
    for (const name of ['plan', 'apply']) {
      const command = topicsCommand().commands.find(one => one.name() === name)!
      let help = ''
      command.configureOutput({ writeOut: text => void (help += text) })
      command.outputHelp()
      expect(help).toContain(`KAFKA_BROKERS=localhost:9092 driftline topics ${name}`)
    }
  })
})
