import { randomBytes } from 'node:crypto'
import kafkajs from 'kafkajs'
import type { Batch } from '../../src/core/ports.js'
import { KafkaLog } from '../../src/log/kafka/kafka-log.js'

/**
 * What the log port costs: our join() that counts records against a bare kafkajs consumer that counts them, same topic, same run, in
 * CPU-seconds (user + system, whole process) per million records of 277 bytes. `KAFKA_BROKERS=… npx tsx test/bench/consume.ts [records] [rounds]`
 */
const [records = 1_000_000, rounds = 5] = process.argv.slice(2).map(Number)
const brokers = (process.env['KAFKA_BROKERS'] ?? '127.0.0.1:9092').split(',')
const quiet = () => {}
const log = new KafkaLog({ brokers, logger: { debug: quiet, info: quiet, warn: console.warn, error: console.error } })
const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })
const topic = `bench-consume-${randomBytes(4).toString('hex')}`

const cpuSeconds = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1e6
}

/** CPU-seconds over the second half of what `start` counts. */
async function measured(start: (count: (records: number) => void) => Promise<() => Promise<void>>): Promise<number> {
  let seen = 0
  let halfway: NodeJS.CpuUsage | undefined
  let seconds = 0
  let finish = () => {}
  const finished = new Promise<void>(resolve => {
    finish = resolve
  })
  const stop = await start(count => {
    seen += count
    if (halfway === undefined && seen >= records / 2) halfway = process.cpuUsage()
    if (seen < records) return
    seconds = cpuSeconds(halfway)
    finish()
  })
  await finished
  await stop()
  return (seconds / (records / 2)) * 1e6
}

const bare = () =>
  measured(async count => {
    const consumer = kafka.consumer({
      groupId: randomBytes(8).toString('hex'),
      maxBytesPerPartition: 256 * 1024,
      maxWaitTimeInMs: 200,
    })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: async ({ batch }) => count(batch.messages.length),
    })
    return () => consumer.disconnect()
  })

const ours = (look: (batch: Batch) => void = quiet) =>
  measured(async count => {
    const membership = await log.join(
      randomBytes(8).toString('hex'),
      [topic],
      {
        assigned: async (_at, _committed, _bounds, start) => start,
        batch: async batch => {
          look(batch)
          count(batch.size)
        },
        revoked: quiet,
      },
      { start: 'earliest' },
    )
    return () => membership.leave()
  })

/** As stage 1 looks at a record. */
let checksum = 0
const everyField = (batch: Batch): void => {
  for (let i = 0; i < batch.size; i++) checksum += batch.offset(i) + batch.timestamp(i) + batch.value(i)!.length
}

const admin = kafka.admin()
await admin.connect()
await admin.createTopics({ topics: [{ topic, numPartitions: 4, replicationFactor: 1 }], waitForLeaders: true })
const values = Array.from({ length: 1000 }, () => randomBytes(277))
for (let sent = 0; sent < records; sent += 1000)
  await log.append(
    topic,
    values.map((value, i) => ({ key: null, partition: (sent / 1000 + i) % 4, value })),
  )

const contenders = { bare, ours: () => ours(), 'ours, offset, time and value read': () => ours(everyField) }
const best: Record<string, number> = {}
for (let round = 0; round <= rounds; round++)
  for (const [name, run] of Object.entries(contenders)) {
    const seconds = await run()
    // The first round warms up.
    if (round > 0) best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, seconds)
  }
for (const [name, seconds] of Object.entries(best))
  console.log(
    `${name.padEnd(36)} ${seconds.toFixed(2)} CPU-s per million   ${(seconds / best['bare']!).toFixed(3)} × bare`,
  )

await admin.deleteTopics({ topics: [topic] })
await admin.disconnect()
await log.close()
if (checksum < 0) console.log(checksum)
