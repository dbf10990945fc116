import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Fault, faultsError } from './fault.js'
import { readText } from './file-text.js'
import { type TopicsFile, topicsSchema } from './topics-schema.js'
import { validate } from './validate.js'
import { YamlSource } from './yaml-source.js'

/** Stage 2 finds the state of panes partition p in state partition p. */
const SAME_PARTITIONS = ['driftline.panes', 'driftline.state'] as const

/** Without one of these the line does not run; driftline.joins only where labels are declared. */
export const OWN_TOPICS = [
  ...SAME_PARTITIONS,
  'driftline.joins',
  'driftline.baselines',
  'driftline.control',
  'driftline.verdicts',
  'driftline.alerts',
  'driftline.dead-letters',
] as const

/** topology/topics.yaml, checked and with every default filled in. */
export interface Topology {
  readonly file: string
  readonly topics: readonly TopicSpec[]
}

export interface TopicSpec {
  readonly name: string
  readonly description: string
  /** Belongs to the users: read, never changed; created only where `create` says so. */
  readonly external: boolean
  readonly create: boolean
  /** From Driftline's side. */
  readonly direction: 'send' | 'receive' | 'internal'
  readonly partitions: number
  /** Must not grow: a key's records would move to another partition. */
  readonly fixed: boolean
  readonly replication: number
  /** Whether the environment said so: then it is meant, whatever the number of brokers. */
  readonly replicationMeant: boolean
  readonly key: string
  readonly format: 'avro' | 'json' | 'bytes'
  /** Avro schema files, as paths from the working directory. */
  readonly schemas: readonly string[]
  readonly configs: Readonly<Record<string, string>>
}

/** The file of the working directory; else the one that comes with Driftline. */
export function topologyFile(): string {
  const here = join('topology', 'topics.yaml')
  return existsSync(here) ? here : fileURLToPath(new URL('../../topology/topics.yaml', import.meta.url))
}

/**
 * Throws one DriftlineError that names every fault.
 * @param replication copies of each topic in place of the file's (`replicationOverride`)
 */
export function loadTopics(file: string = topologyFile(), replication: number | null = null): Topology {
  const read = readText(file)
  if ('fault' in read) throw faultsError([read.fault])
  const { topology, faults } = parseTopics(read.text, file, replication)
  if (topology === null) throw faultsError(faults)
  return topology
}

/** As `loadTopics`, of a text, with the faults as values. */
export function parseTopics(
  text: string,
  file: string,
  replication: number | null = null,
): { readonly topology: Topology | null; readonly faults: readonly Fault[] } {
  const source = new YamlSource(file, text)
  const { value, faults: syntax } = source.read()
  if (syntax.length > 0) return { topology: null, faults: syntax }
  const { data, faults: invalid } = validate(topicsSchema, source, value)
  if (data === null) return { topology: null, faults: invalid }
  const faults = conflicts(data, source)
  if (faults.length > 0) return { topology: null, faults }
  const topics = Object.entries(data.topics).map(([name, { schema, ...topic }]): TopicSpec => {
    const partitions = topic.partitions ?? 1
    const schemas = (schema ?? []).map(path => join(dirname(dirname(file)), path))
    const copies = replication ?? topic.replication ?? data.replication
    return { name, ...topic, partitions, replication: copies, replicationMeant: replication !== null, schemas }
  })
  return { topology: { file, topics }, faults: [] }
}

function conflicts(data: TopicsFile, source: YamlSource): Fault[] {
  const faults: Fault[] = []
  const missing = OWN_TOPICS.filter(name => !Object.hasOwn(data.topics, name))
  for (const name of missing) {
    const remedy = `Take it over from the topology/topics.yaml that comes with Driftline.`
    faults.push(
      source.fault('missing', ['topics', name], 'key', { expected: 'a topic of the line', found: 'nothing', remedy }),
    )
  }
  const [panes, state] = SAME_PARTITIONS.map(name => data.topics[name]?.partitions)
  if (panes !== undefined && state !== undefined && panes !== state) {
    const expected = `as many partitions as driftline.panes (${panes})`
    const text = { expected, found: String(state), remedy: 'Give both the same number.' }
    faults.push(source.fault('conflict', ['topics', 'driftline.state', 'partitions'], 'value', text))
  }
  for (const [name, { external, create, partitions }] of Object.entries(data.topics)) {
    if (external && !create) continue
    if (partitions !== undefined) continue
    const text = { expected: 'a number of partitions for a topic that is created', found: 'nothing' }
    const remedy = 'Add it, for example partitions: 4'
    faults.push(source.fault('missing', ['topics', name, 'partitions'], 'key', { ...text, remedy }))
  }
  return faults
}
