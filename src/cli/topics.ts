import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { BrokerTopics } from '../config/broker-topics.js'
import { environment, replicationOverride } from '../config/environment.js'
import { loadMonitors } from '../config/monitor.js'
import { type ClusterState, planTopics, type SourceTopic, type Step, type TopicsPlan } from '../config/plan-topics.js'
import { loadTopics } from '../config/topics.js'
import { DriftlineError } from '../core/error.js'
import { inputsOf, type Monitor } from '../core/monitor.js'
import type { TimestampRule } from '../core/ports.js'
import { table } from './output.js'

interface TopicsOptions {
  readonly file?: string
  readonly monitors?: string
  readonly json?: boolean
  readonly wait?: boolean | string
}

const MONITORS = 'topology/monitors'
const WAIT_S = 60

export function topicsCommand(): Command {
  const topics = new Command('topics').description(
    'The difference between topology/topics.yaml and the broker; applies it, never deletes.',
  )
  topics.addCommand(
    subcommand('plan', 'Shows what apply would do, and how the source topics stamp their records.')
      .addHelpText('after', examples('plan'))
      .action((options: TopicsOptions) => run(options, false)),
  )
  topics.addCommand(
    subcommand('apply', 'Creates topics, adds partitions and corrects settings. Repeating it changes nothing.')
      .option(
        '--wait [seconds]',
        `how long the broker may take to answer, and to show the new topics (${WAIT_S} s unless told)`,
      )
      .addHelpText('after', examples('apply'))
      .action((options: TopicsOptions) => run(options, true)),
  )
  return topics
}

function subcommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--file <file>', 'the topics file (topology/topics.yaml here, else the one that comes with Driftline)')
    .option('--monitors <path>', `monitors whose source topics are looked at (${MONITORS} where it is there)`)
    .option('--json', 'the plan as JSON on standard output')
}

function examples(name: string): string {
  const more =
    name === 'apply' ? '\n  KAFKA_BROKERS=kafka:9092 DRIFTLINE_REPLICATION=1 driftline topics apply --wait' : ''
  return `
Examples:
  KAFKA_BROKERS=localhost:9092 driftline topics ${name}
  driftline topics ${name} --file topology/topics.yaml --monitors monitors${more}

KAFKA_BROKERS names the cluster; DRIFTLINE_REPLICATION the copies of new topics, in place of the file's.`
}

async function run(options: TopicsOptions, apply: boolean): Promise<void> {
  const waitMs = waitOf(options.wait)
  const topology = loadTopics(options.file, replicationOverride())
  const monitors = monitorsOf(options.monitors)
  const broker = await BrokerTopics.connect(environment().kafka, waitMs ?? 0)
  try {
    const names = [...topology.topics.map(({ name }) => name), ...monitors.flatMap(inputsOf).map(({ topic }) => topic)]
    const cluster = await broker.state(names)
    let plan = planTopics(topology, cluster, monitors)
    if (apply) {
      await broker.apply(plan.steps, waitMs ?? undefined)
      // What was done is as planned; of the source topics it tells how they are now.
      const { sources } = planTopics(topology, await broker.state(names), monitors)
      plan = { ...plan, sources }
    }
    process.stdout.write(`${options.json ? planJson(plan, cluster, apply) : planText(plan, cluster, apply)}\n`)
  } finally {
    await broker.close()
  }
}

function waitOf(wait: boolean | string | undefined): number | null {
  if (wait === undefined || wait === false) return null
  const seconds = wait === true ? WAIT_S : Number(wait)
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000
  throw new DriftlineError('bad-input', `--wait ${wait}: expected a number of seconds above 0, for example --wait 60`)
}

function monitorsOf(path: string | undefined): readonly Monitor[] {
  if (path !== undefined) return loadMonitors(path).monitors
  return existsSync(MONITORS) ? loadMonitors(MONITORS).monitors : []
}

export function planJson(plan: TopicsPlan, { address }: ClusterState, applied: boolean): string {
  return JSON.stringify({ cluster: address, applied, ...plan }, null, 2)
}

export function planText(plan: TopicsPlan, { address, brokers }: ClusterState, applied: boolean): string {
  const { steps, sources, warnings, unchanged } = plan
  const blocks = [`Kafka at ${address}, ${brokers === 1 ? 'one broker' : `${brokers} brokers`}`]
  if (steps.length > 0) blocks.push(table([applied ? 'done' : 'to do', 'topic', 'what'], steps.map(stepRow)))
  const same = unchanged.length === 0 ? '' : `${unchanged.length} as the file says. `
  const next = applied || steps.length === 0 ? '' : 'Nothing was changed: `driftline topics apply` does it.'
  blocks.push(`${steps.length === 0 ? 'Nothing to do. ' : ''}${same}${next}`.trim())
  if (sources.length > 0)
    blocks.push(
      table(['source topic', 'partitions', 'read by', 'event times are held against'], sources.map(sourceRow)),
    )
  if (warnings.length > 0) blocks.push(warningLines(warnings).join('\n'))
  return blocks.filter(Boolean).join('\n\n')
}

/** What is said of several topics alike is said once. */
function warningLines(warnings: TopicsPlan['warnings']): string[] {
  const topics = new Map<string, string[]>()
  for (const { topic, text } of warnings) topics.set(text, [...(topics.get(text) ?? []), topic])
  return [...topics].map(([text, names]) => `warning  ${names.join(', ')}: ${text}`)
}

function stepRow(step: Step): string[] {
  const { action, topic } = step
  if (action === 'create') {
    const configs = Object.entries(step.configs).map(([name, value]) => `${name}=${value}`)
    const copies = step.replication === 1 ? '1 copy' : `${step.replication} copies`
    const partitions = step.partitions === 1 ? '1 partition' : `${step.partitions} partitions`
    return ['create', topic, [partitions, copies, ...configs].join(', ')]
  }
  if (action === 'add-partitions') return ['add partitions', topic, `${step.from} → ${step.to}`]
  return [
    'set',
    topic,
    step.changes.map(({ name, from, to }) => `${name}: ${from ?? 'unknown here'} → ${to}`).join(', '),
  ]
}

function sourceRow({ topic, monitors, partitions, rule }: SourceTopic): string[] {
  return [topic, partitions === null ? 'none' : String(partitions), monitors.join(', ') || 'no monitor', ruleText(rule)]
}

function ruleText(rule: TimestampRule | null): string {
  if (rule === null) return 'not there yet'
  if (rule.type === 'append') return 'the broker’s clock (LogAppendTime)'
  return rule.bounded
    ? 'the producer’s clock, at most 1h ahead (CreateTime, bounded)'
    : 'the producer’s clock, however far ahead (CreateTime, unbounded)'
}
