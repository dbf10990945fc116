import pino from 'pino'
import { jsonEncoder } from '../../src/codec/public-encoder.js'
import { EmbeddedLog } from '../../src/log/embedded.js'
import { Line } from '../../src/service/line.js'
import { ALERTS, BASELINES, CONTROL, PANES, STATE, VERDICTS } from '../../src/service/topics.js'
import { MINUTE } from './feed.js'
import type { World } from './world.js'

const YEAR = 365 * 24 * 60 * MINUTE

/** Stage 2 alone over a copy of the panes, a year later unless told: a monitor that another has followed is forgotten by then. */
export async function readAgain(world: World, laterMs = YEAR): Promise<EmbeddedLog> {
  const { panesPartitions, random } = world.options
  const clock = { now: () => world.now + laterMs }
  const topics = [BASELINES, CONTROL, PANES, STATE, VERDICTS, ALERTS].map(name => ({
    name,
    partitions: name === PANES || name === STATE ? panesPartitions : 1,
  }))
  const log = new EmbeddedLog({ clock, topics, batchSize: random.integer(1, 40) })
  for (const topic of [BASELINES, CONTROL, PANES]) await copy(world.log, log, topic)
  const line = new Line({
    ...{ log, clock, logger: pino({ level: 'silent' }), monitors: world.monitors, schemas: null },
    encoder: jsonEncoder(),
    stages: { summarize: false, join: false, evaluate: true },
  })
  await line.start()
  await log.run()
  return log
}

async function copy(from: EmbeddedLog, to: EmbeddedLog, topic: string): Promise<void> {
  const following = await from.follow(topic, batch => {
    for (let i = 0; i < batch.size; i++) {
      const { partition } = batch
      const [key, value, headers, timestamp] = [batch.key(i), batch.value(i), batch.headers(i), batch.timestamp(i)]
      void to.append(topic, [{ partition, key, value, headers, timestamp }])
    }
  })
  await following.catchUp()
  await following.stop()
}
