/**
 * The line over an embedded log under a hostile producer, in a process of its own so that its memory is its own. Prints one line of JSON:
 * resident memory in MiB before and at most, the alerts of the caps, and what was counted.
 *
 *     node --import tsx test/service/hostile.ts 1      10⁶ names, segment values and model versions, 600 texts of 900 kB, 1,000 vectors of 10⁴
 *     node --import tsx test/service/hostile.ts 0.1    a tenth of it
 */
import pino from 'pino'
import { jsonEncoder } from '../../src/codec/public-encoder.js'
import type { AlertEvent } from '../../src/core/alert/event.js'
import { EmbeddedLog } from '../../src/log/embedded.js'
import { activate, publishBaseline } from '../../src/service/baselines.js'
import { Line } from '../../src/service/line.js'
import { ALERTS, BASELINES, CONTROL, DEAD_LETTERS, PANES, STATE, VERDICTS } from '../../src/service/topics.js'
import { seeded } from '../random.js'
import { HOUR, monitorOf, T0, trained, usual } from './rides.js'

const scale = Number(process.argv[2] ?? 1)
const HOURS = 4
const DIMENSIONS = ['city', 'zone', 'fleet', 'channel'] as const
const random = seeded(1)
let at = T0
let n = 0

const features = () => ({ ...usual(random), vector: Array.from({ length: 8 }, () => random.next()), note: 'fine' })
const meta = () => Object.fromEntries(DIMENSIONS.map(name => [name, 'usual']))
/** An event like those of training, but for what is hostile in it. */
const event = (hostile: object = {}, more: object = {}): object => ({
  ...{ requestId: `r${n++}`, eventTime: at, modelVersion: 'v1', features: { ...features(), ...hostile } },
  ...{ meta: meta(), ...more },
})

/** Fractions of `scale` of an attack, one after the other: rounds × what makes an event. */
const ATTACKS: readonly (readonly [number, () => object])[] = [
  // A thousand names an event.
  [1000, () => event(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`name ${n} ${i}`, i])))],
  // Four values, four versions each.
  [250_000, () => event({}, { meta: Object.fromEntries(DIMENSIONS.map(name => [name, `${name} ${n}`])) })],
  [1_000_000, () => ({ requestId: `r${n++}`, eventTime: at, modelVersion: `version ${n}`, features: { fare: 1 } })],
  [600, () => event({ payment: `${n} ${'x'.repeat(900_000)}`, [`${n} ${'y'.repeat(50_000)}`]: 1 })],
  [1000, () => event({ vector: Array.from({ length: 10_000 }, () => random.next()) })],
]

const segments = Object.fromEntries(DIMENSIONS.map(name => [name, { path: `meta.${name}`, top: 5 }]))
const limits = { series: 500 }
const window = { size: '1h', advance: '1h', grace: '1m', reviseFor: '2h' }
const guarded = monitorOf({ model: 'guarded', segments, limits, window })
const discovering = monitorOf({ model: 'discovering', segments: {}, limits, window })

async function main(): Promise<void> {
  const clock = { now: () => at }
  const own = [BASELINES, CONTROL, VERDICTS, ALERTS, DEAD_LETTERS, PANES, STATE, 'rides']
  const topics = own.map(name => ({ name, partitions: 1 }))
  const log = new EmbeddedLog({ clock, topics, batchSize: 1000, retainConsumed: false, timestamps: { type: 'append' } })
  const baseline = trained(guarded, { features, rows: 2000 })
  await publishBaseline(log, baseline)
  const { model, modelVersion, version } = baseline
  await activate(log, { model, modelVersion, baseline: version, from: null, by: 'test', at })
  const monitors = [guarded, discovering]
  const logger = pino({ level: 'silent' })
  const line = new Line({ log, clock, logger, monitors, schemas: null, encoder: jsonEncoder(), start: 'earliest' })
  await line.start()
  const told = new Set<string>()
  await log.follow(ALERTS, batch => {
    for (let i = 0; i < batch.size; i++) {
      const { kind, check, status, series } = JSON.parse(Buffer.from(batch.value(i)!).toString()) as AlertEvent
      if (kind === 'capacity') told.add(`${series.model} ${check} ${status}`)
    }
  })

  const send = async (count: number, make: () => object): Promise<void> => {
    for (let left = count; left > 0; ) {
      const records = []
      for (let bytes = 0; left > 0 && bytes < 2_000_000; left--) {
        const value = Buffer.from(JSON.stringify(make()))
        bytes += value.length
        records.push({ key: null, value })
      }
      await log.append('rides', records)
      await log.run()
      await line.tick()
      // Nobody but this test reads what is told.
      for (const topic of [VERDICTS, ALERTS, DEAD_LETTERS, STATE]) {
        const [{ end }] = await log.offsets(topic)
        log.truncate(topic, 0, end)
      }
      most = Math.max(most, process.memoryUsage.rss())
    }
  }
  let most = 0
  await send(2000, event)
  const before = process.memoryUsage.rss()
  for (let hour = 0; hour < HOURS; hour++) {
    at += HOUR
    for (const [rounds, make] of ATTACKS) await send(Math.ceil((scale * rounds) / HOURS), make)
  }
  // Nothing hostile any more: what was reached is over.
  for (let hour = 0; hour < 4; hour++) {
    at += HOUR
    await send(400, event)
  }
  await line.finish()
  await log.run()
  const counts = (line.evaluating?.evaluations ?? []).map(({ monitor, collector }) => ({
    ...{ model: monitor.model, ...collector.counts(), expired: collector.expired },
  }))
  const leftOut = (await line.metrics.leftOut.get()).values.map(({ labels, value }) => ({ ...labels, value }))
  const mib = (bytes: number): number => Math.round(bytes / 2 ** 20)
  const result = { before: mib(before), most: mib(most), sent: n, told: [...told].sort(), counts, leftOut }
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

await main()
