import { fileURLToPath } from 'node:url'
import pino from 'pino'
import { expect, it } from 'vitest'
import { loadMonitors } from '../../src/config/monitor.js'
import { produceRides } from '../../src/demo/produce.js'
import { EmbeddedLog } from '../../src/log/embedded.js'
import { Knowledge } from '../../src/service/knowledge.js'
import { BASELINES, CONTROL, PANES } from '../../src/service/topics.js'

const HOUR_MS = 3_600_000
const NOW = Date.UTC(2026, 4, 5, 6, 7, 8)
const [monitor] = loadMonitors(fileURLToPath(new URL('../../topology/monitors/demo.yaml', import.meta.url))).monitors
const { topic } = monitor.serving
const clock = { now: () => NOW }

/** Until `lines` faults have been announced: five are one cycle. */
function produce(log: EmbeddedLog, lines: number): Promise<number> {
  const stopping = new AbortController()
  let left = lines
  const write = (line: string): void => {
    if (line.includes('"msg":"fault"') && --left === 0) stopping.abort()
  }
  const logger = pino({}, { write })
  return produceRides({
    log,
    clock,
    monitor,
    seed: 7,
    durationMs: 12 * HOUR_MS,
    faults: true,
    rate: 1e9,
    logger,
    signal: stopping.signal,
  })
}

async function events(log: EmbeddedLog) {
  const found: { eventTime: unknown; modelVersion: string; requestId: string }[] = []
  const following = await log.follow(topic, batch => {
    for (let i = 0; i < batch.size; i++)
      try {
        found.push(JSON.parse(Buffer.from(batch.value(i)!).toString()))
      } catch {
        // One of the broken ones.
      }
  })
  await following.catchUp()
  await following.stop()
  return found.filter(event => event?.modelVersion?.startsWith('v'))
}

it('fills the past cycle up to now, with a baseline before it; a second run begins now', async () => {
  const topics = [BASELINES, CONTROL, PANES, topic, monitor.labels!.topic].map(name => ({ name, partitions: 2 }))
  const log = new EmbeddedLog({ clock, topics })
  const total = await produce(log, 10)
  const ends = await log.offsets(topic)
  expect(ends.reduce((sum, { end }) => sum + end, 0)).toBe(total)

  const labels = (await log.offsets(monitor.labels!.topic)).reduce((sum, { end }) => sum + end, 0)
  expect(labels).toBeGreaterThan(0.7 * total)
  expect(labels).toBeLessThan(total)

  const knowledge = await Knowledge.follow(log)
  const [baseline] = knowledge.baselines(monitor.model)
  expect(baseline.timeRange!.to).toBeLessThan(NOW - 12 * HOUR_MS)
  expect(knowledge.activations(monitor.model)).toMatchObject([{ baseline: 1, from: null }])

  const written = await events(log)
  const times = written.flatMap(({ eventTime }) =>
    typeof eventTime === 'number' && eventTime > 1e12 ? [eventTime] : [],
  )
  const latest = times.reduce((a, b) => Math.max(a, b))
  expect(latest).toBeLessThanOrEqual(NOW)
  expect(latest).toBeGreaterThan(NOW - 120_000)
  expect(new Set(written.map(({ modelVersion }) => modelVersion))).toEqual(new Set(['v1', 'v2', 'v7']))

  expect(await produce(log, 5)).toBe(0)
  expect(knowledge.baselines(monitor.model)).toHaveLength(1)
}, 60_000)
