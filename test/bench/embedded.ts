import pino from 'pino'
import { built } from './built.js'
import { fetched, PARTITIONS } from './contenders.js'
import { cpuSeconds, mostResidentMb } from './cpu.js'
import type { Piece } from './figures.js'
import { ACTIVATION, benchBaseline, benchMonitor, SCHEMAS } from './model.js'
import { CATEGORICAL, NUMERIC } from './workload.js'

const { EmbeddedLog } = await built<typeof import('../../src/log/embedded.js')>('log/embedded')
const { Line } = await built<typeof import('../../src/service/line.js')>('service/line')
const { encodeBaseline } = await built<typeof import('../../src/codec/baseline.js')>('codec/baseline')
const { encodeControl } = await built<typeof import('../../src/codec/control.js')>('codec/control')
const { jsonEncoder } = await built<typeof import('../../src/codec/public-encoder.js')>('codec/public-encoder')
const topics = await built<typeof import('../../src/service/topics.js')>('service/topics')

/** Batches appended before the line runs. */
const AT_ONCE = 12
/** Of the input, measured one by one. */
const PARTS = 4

/** The whole line, both stages, on the log inside the process. */
export async function embedded(count: number): Promise<Piece> {
  const monitor = benchMonitor()
  const { BASELINES, CONTROL, DEAD_LETTERS, PANES, ALERTS, STATE, VERDICTS } = topics
  const own = [PANES, BASELINES, CONTROL, STATE, VERDICTS, ALERTS, DEAD_LETTERS].map(name => ({ name, partitions: 1 }))
  const clock = { now: () => Date.now() }
  const log = new EmbeddedLog({
    clock,
    topics: [...own, { name: monitor.serving.topic, partitions: PARTITIONS }],
    retainConsumed: false,
  })
  await log.append(BASELINES, encodeBaseline(await benchBaseline(monitor)))
  await log.append(CONTROL, [encodeControl({ activation: ACTIVATION })])
  let verdicts = 0
  await log.follow(VERDICTS, batch => {
    verdicts += batch.size
  })
  const line = new Line({
    log,
    clock,
    logger: pino({ enabled: false }),
    monitors: [monitor],
    schemas: SCHEMAS,
    encoder: jsonEncoder(),
    start: 'earliest',
  })
  await line.start()
  const batches = fetched(count)
  const records = batches.map(({ partition, values }) => values.map(value => ({ key: null, partition, value })))
  const run = async (some: typeof records): Promise<void> => {
    for (const batch of some) await log.append(monitor.serving.topic, batch)
    await log.run()
  }
  // The first part is for the compiler.
  const part = Math.ceil(records.length / PARTS)
  await run(records.slice(0, part))
  let speed = 0
  let cpu = Number.POSITIVE_INFINITY
  for (let from = part; from < records.length; from += part) {
    const to = Math.min(records.length, from + part)
    const start = performance.now()
    const before = process.cpuUsage()
    for (let at = from; at < to; at += AT_ONCE) await run(records.slice(at, Math.min(to, at + AT_ONCE)))
    const million = records.slice(from, to).reduce((sum, batch) => sum + batch.length, 0) / 1e6
    cpu = Math.min(cpu, cpuSeconds(before) / million)
    speed = Math.max(speed, (1e9 * million) / (performance.now() - start))
  }
  await line.finish()
  await log.run()
  await line.stop()
  return {
    title: 'the whole line on the embedded log',
    how: [
      `${count.toLocaleString('en')} records in memory, both stages, ${verdicts} verdicts; the best of ${PARTS - 1} parts after one that warms up`,
      'elapsed time, and process.cpuUsage',
    ],
    figures: [
      { what: 'throughput, elapsed time', value: speed, unit: 'records/s' },
      { what: 'CPU', value: cpu, unit: 'CPU-s per million' },
      { what: '  the same, a value', value: (cpu * 1000) / (NUMERIC.length + CATEGORICAL.length), unit: 'ns' },
      { what: 'resident memory at most, with the input', value: mostResidentMb(), unit: 'MB' },
    ],
  }
}
