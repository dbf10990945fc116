import { KafkaLog } from '../../../src/log/kafka/kafka-log.js'

/** A member in a process of its own, to be killed: says `committed P` once it has. Arguments: brokers, group, topic. */
const [, , brokers, group, topic] = process.argv as string[]
const quiet = () => {}
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet }
const log = new KafkaLog({ brokers: brokers!.split(','), logger, sessionTimeoutMs: 6000 })
const membership = await log.join(
  group!,
  [topic!],
  {
    assigned: async (_at, _committed, _bounds, start) => start,
    async batch(batch) {
      await membership.commit({ topic: batch.topic, partition: batch.partition }, batch.nextOffset, 'before the end')
      process.stdout.write(`committed ${batch.partition}\n`)
    },
    revoked() {},
  },
  { start: 'earliest' },
)
