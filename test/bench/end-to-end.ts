import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import kafkajs from 'kafkajs'
import pino from 'pino'
import { startServices } from '../services/launch.js'
import { built } from './built.js'
import type { Measured } from './consumer.js'
import { PARTITIONS } from './contenders.js'
import type { Figure, Piece } from './figures.js'
import { ACTIVATION, benchBaseline, benchMonitor } from './model.js'
import { records } from './workload.js'

const { KafkaLog } = await built<typeof import('../../src/log/kafka/kafka-log.js')>('log/kafka/kafka-log')
const { encodeBaseline } = await built<typeof import('../../src/codec/baseline.js')>('codec/baseline')
const { encodeControl } = await built<typeof import('../../src/codec/control.js')>('codec/control')
const topics = await built<typeof import('../../src/service/topics.js')>('service/topics')

const ROUNDS = 4
const AT_ONCE = 4000
const SEMI_SPACE = '--max-semi-space-size=64'

interface Contender {
  readonly name: string
  readonly consumer: 'bare' | 'driftline'
  readonly flags: readonly string[]
}

const CONTENDERS: readonly Contender[] = [
  { name: 'bare kafkajs consumer, counts only', consumer: 'bare', flags: [] },
  { name: `the same, ${SEMI_SPACE}`, consumer: 'bare', flags: [SEMI_SPACE] },
  { name: 'driftline, stage 1', consumer: 'driftline', flags: [] },
  { name: `the same, ${SEMI_SPACE}, as it is started`, consumer: 'driftline', flags: [SEMI_SPACE] },
]

/** On a broker: from the fetch to parts, markers and commits acknowledged, beside a consumer that only counts. */
export async function endToEnd(count: number): Promise<Piece> {
  const services = await startServices(['kafka'])
  try {
    const { brokers } = services.kafka
    const topic = `bench-${randomBytes(4).toString('hex')}`
    await fill(brokers, topic, count)
    const runs = new Map<Contender, Measured[]>(CONTENDERS.map(contender => [contender, []]))
    for (let round = 0; round < ROUNDS; round++)
      for (const contender of CONTENDERS) runs.get(contender)!.push(await run(contender, brokers, topic, count))
    return report(count, [...runs.values()])
  } finally {
    await services.stop()
  }
}

/** @param runs by contender, in their order, by round */
function report(count: number, runs: readonly Measured[][]): Piece {
  const best = runs.map(all => all.reduce((least, one) => (one.cpu < least.cpu ? one : least)))
  const [bare, bare64, ours, ours64] = best as [Measured, Measured, Measured, Measured]
  const ratios = runs[3]!.map(({ cpu: one }, round) => one / runs[0]![round]!.cpu).sort((a, b) => a - b)
  const cpu = (name: string, { cpu: value }: Measured, goal?: Figure['goal']): Figure => ({
    what: name,
    value,
    unit: 'CPU-s per million',
    ratio: value / bare.cpu,
    ...(goal && { goal }),
  })
  const [first, second, third, fourth] = CONTENDERS.map(({ name }) => name) as [string, string, string, string]
  const quoted = (what: string, value: number): Figure => ({
    what: `quoted: ${what}`,
    value,
    unit: 'CPU-s per million',
    ratio: value / 3.6,
  })
  return {
    title: 'end to end on a broker',
    how: [
      `${count.toLocaleString('en')} records of 277 bytes in ${PARTITIONS} partitions; user and system time of the whole process over the second half`,
      `${ROUNDS} rounds in turn, each contender's run with the least CPU; all through the loader of TypeScript, which holds some 35 MB`,
      'quoted: measured for PERFORMANCE.md, not in this run; × its own bare consumer (3.6)',
    ],
    against: 'bare',
    figures: [
      cpu(first, bare),
      cpu(second, bare64),
      cpu(third, ours),
      cpu(fourth, ours64, { of: 'ratio', atMost: 1.5 }),
      {
        what: '  and its ratio to bare round by round, the median',
        value: runs[3]!.length,
        unit: 'rounds',
        ratio: ratios[ratios.length >> 1]!,
      },
      {
        what: `driftline against bare, both ${SEMI_SPACE}`,
        value: ours64.cpu - bare64.cpu,
        unit: 'CPU-s more',
        ratio: ours64.cpu / bare64.cpu,
      },
      { what: 'bare, records elapsed', value: bare.speed, unit: 'records/s' },
      { what: 'driftline, records elapsed', value: ours64.speed, unit: 'records/s' },
      {
        what: `driftline, resident at most, ${SEMI_SPACE}`,
        value: ours64.residentMb,
        unit: 'MB',
        goal: { of: 'value', atMost: 300 },
      },
      { what: 'driftline, resident at most', value: ours.residentMb, unit: 'MB', goal: { of: 'value', atMost: 300 } },
      { what: `bare, resident at most, ${SEMI_SPACE}`, value: bare64.residentMb, unit: 'MB' },
      quoted('Java consumer, counts only', 1.3),
      quoted('Kafka Streams Processor, Java t-digest', 8.7),
      quoted('kafkajs, avsc, npm tdigest', 32),
    ],
  }
}

async function fill(brokers: readonly string[], topic: string, count: number): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  const own = Object.values(topics).map(name => ({ topic: name, numPartitions: name === topics.PANES ? 4 : 1 }))
  const there = await admin.listTopics()
  await admin.createTopics({
    topics: [...own, { topic, numPartitions: PARTITIONS }].filter(wanted => !there.includes(wanted.topic)),
    waitForLeaders: true,
  })
  await admin.disconnect()
  const log = new KafkaLog({ brokers, logger: pino({ level: 'error' }, pino.destination(2)) })
  await log.append(topics.BASELINES, encodeBaseline(await benchBaseline(benchMonitor(topic))))
  await log.append(topics.CONTROL, [encodeControl({ activation: ACTIVATION })])
  let some: { key: null; partition: number; value: Buffer }[] = []
  for (const { partition, value } of records(count)) {
    some.push({ key: null, partition, value })
    if (some.length < AT_ONCE) continue
    await log.append(topic, some)
    some = []
  }
  await log.append(topic, some)
  await log.close()
}

function run(
  { consumer, flags }: Contender,
  brokers: readonly string[],
  topic: string,
  count: number,
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./consumer.ts', import.meta.url), [consumer, brokers.join(), topic, String(count)], {
      execArgv: [...flags, '--import', 'tsx'],
    })
    child.once('message', message => resolve(message as Measured))
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`the ${consumer} consumer ended with code ${code}`)))
  })
}
