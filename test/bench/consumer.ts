/**
 * One contender of the end-to-end piece: reads the topic from its beginning and measures itself over the second half.
 *
 *     consumer.ts bare|driftline <brokers> <topic> <records>
 */
import { randomBytes } from 'node:crypto'
import kafkajs from 'kafkajs'
import pino from 'pino'
import type { GroupMember } from '../../src/core/ports.js'
import { built } from './built.js'
import { cpuSeconds, mostResidentMb } from './cpu.js'
import { benchMonitor, SCHEMAS } from './model.js'

export interface Measured {
  /** CPU-seconds per million records. */
  readonly cpu: number
  /** Records per second, elapsed. */
  readonly speed: number
  readonly residentMb: number
}

const [contender, addresses, topic] = process.argv.slice(2) as [string, string, string]
const records = Number(process.argv[5])
const brokers = addresses.split(',')
const group = `bench-${randomBytes(6).toString('hex')}`

let seen = 0
let half: { cpu: NodeJS.CpuUsage; at: number; seen: number } | null = null

function count(more: number): void {
  seen += more
  if (half === null && seen >= records / 2) half = { cpu: process.cpuUsage(), at: performance.now(), seen }
  if (half === null || seen < records) return
  const million = (seen - half.seen) / 1e6
  const speed = (1e9 * million) / (performance.now() - half.at)
  const measured: Measured = { cpu: cpuSeconds(half.cpu) / million, speed, residentMb: mostResidentMb() }
  process.send!(measured, () => process.exit())
}

/** As small as a consumer can be; fetches as ours does. */
async function bare(): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: group, maxBytesPerPartition: 256 * 1024, maxWaitTimeInMs: 200 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 4,
    eachBatch: async ({ batch }) => count(batch.messages.length),
  })
}

/** Stage 1 as the service runs it: parts, markers and commits go to the broker. */
async function driftline(): Promise<void> {
  const { KafkaLog } = await built<typeof import('../../src/log/kafka/kafka-log.js')>('log/kafka/kafka-log')
  const { Line } = await built<typeof import('../../src/service/line.js')>('service/line')
  const { jsonEncoder } = await built<typeof import('../../src/codec/public-encoder.js')>('codec/public-encoder')
  const logger = pino({ level: 'error' }, pino.destination(2))
  const log = new KafkaLog({ brokers, logger })
  const join = log.join.bind(log)
  log.join = (name, topics, member, options) =>
    join(name, topics, topics.includes(topic) ? counting(member) : member, options)
  const line = new Line({
    log,
    clock: { now: () => Date.now() },
    logger,
    monitors: [benchMonitor(topic)],
    schemas: SCHEMAS,
    encoder: jsonEncoder(),
    stages: { summarize: true, join: false, evaluate: false },
    start: 'earliest',
    group,
  })
  await line.start()
  setInterval(() => void line.tick(), 1000)
}

/** Counts a batch when all its work is done. */
function counting(member: GroupMember): GroupMember {
  return {
    assigned: (...all) => member.assigned(...all),
    revoked: at => member.revoked(at),
    async batch(batch, heartbeat) {
      const { size } = batch
      await member.batch(batch, heartbeat)
      count(size)
    },
  }
}

await (contender === 'bare' ? bare() : driftline())
