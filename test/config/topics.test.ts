import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatFault } from '../../src/config/fault.js'
import { loadTopics, OWN_TOPICS, parseTopics, topologyFile } from '../../src/config/topics.js'
import * as names from '../../src/service/topics.js'

const text = readFileSync('topology/topics.yaml', 'utf8')

function faultsOf(edited: string): string[] {
  return parseTopics(edited, 'topics.yaml').faults.map(fault => `${fault.kind} ${formatFault(fault)}`)
}

function lineOf(part: string, from = ''): number {
  const at = text.indexOf(part, text.indexOf(from))
  expect(at).toBeGreaterThan(0)
  return text.slice(0, at).split('\n').length
}

describe('topology/topics.yaml', () => {
  const { topics } = loadTopics()
  const topic = (name: string) => topics.find(one => one.name === name)!

  it('has every topic that the service uses', () => {
    expect(Object.values(names).sort()).toEqual([...OWN_TOPICS].sort())
    expect(topics.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.values(names)))
  })

  it('keeps what must not be lost: baselines, words of control and state are compacted, for good', () => {
    for (const name of ['driftline.baselines', 'driftline.control', 'driftline.state']) {
      expect(topic(name).configs['cleanup.policy']).toBe('compact')
      expect(topic(name).configs).not.toHaveProperty('retention.ms')
      expect(topic(name).fixed).toBe(true)
    }
  })

  it('has as many partitions for state as for panes', () => {
    expect(topic('driftline.state').partitions).toBe(topic('driftline.panes').partitions)
  })

  it('names schemas that are there', () => {
    for (const { schemas } of topics)
      for (const file of schemas) expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('name')
    expect(topic('driftline.alerts')).toMatchObject({
      format: 'avro',
      schemas: ['schemas/alert.avsc', 'schemas/incident.avsc'],
    })
  })

  it('may be overridden in the copies of each topic', () => {
    expect(topics.every(({ replication, replicationMeant }) => replication === 3 && !replicationMeant)).toBe(true)
    expect(loadTopics(topologyFile(), 1).topics.every(({ replication }) => replication === 1)).toBe(true)
  })
})

describe('a topics file', () => {
  it('is refused with all its faults', () => {
    const edited = text
      .replace('direction: internal', 'direction: inward')
      .replace('partitions: 4', 'partitons: 4')
      .replace('format: bytes', 'format: binary')
    expect(faultsOf(edited)).toEqual([
      expect.stringMatching(
        `bad-value topics.yaml:${lineOf('direction: internal')}:16 topics.driftline.panes.direction: expected one of send`,
      ),
      expect.stringMatching(
        `bad-value topics.yaml:${lineOf('format: bytes')}:13 topics.driftline.panes.format: .*found "binary"`,
      ),
      expect.stringMatching(
        `unknown-key topics.yaml:${lineOf('partitions: 4')}:5 topics.driftline.panes.partitons: .* Did you mean "partitions"\\?`,
      ),
    ])
  })

  it('needs every topic of the line', () => {
    expect(faultsOf(text.replace('driftline.control:', 'driftline.controls:'))).toEqual([
      expect.stringMatching(
        /^missing topics\.yaml:\d+:\d+ topics\.driftline\.control: expected a topic of the line, found nothing\./,
      ),
    ])
  })

  it('needs equal partitions of panes and state', () => {
    const line = lineOf('partitions: 4', 'driftline.state:')
    const [panes, ...rest] = text.split('driftline.state:')
    const edited = [panes, rest.join('driftline.state:').replace('partitions: 4', 'partitions: 8')].join(
      'driftline.state:',
    )
    expect(faultsOf(edited)).toEqual([
      `conflict topics.yaml:${line}:17 topics.driftline.state.partitions: expected as many partitions as driftline.panes (4), found 8. Give both the same number.`,
    ])
  })

  it('needs a number of partitions where a topic is created', () => {
    const edited = text.replace('    direction: send\n    partitions: 4\n', '    direction: send\n')
    expect(faultsOf(edited)).toEqual([
      expect.stringMatching(
        /^missing .* topics\.driftline\.verdicts\.partitions: .* Add it, for example partitions: 4$/,
      ),
    ])
  })

  it('that is not there is told', () => {
    expect(() => loadTopics('nowhere.yaml')).toThrow(
      /^nowhere\.yaml:1:1 expected a file, found none\. Check that it is there/,
    )
  })
})
