import pino from 'pino'
import { expect, it, vi } from 'vitest'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import { mapEvents } from '../../src/files/event-mapping.js'
import { openTable } from '../../src/files/table.js'
import { buildBaseline } from '../../src/service/build-baseline.js'
import { replay } from '../../src/service/replay.js'
import { folder } from '../files/fixtures.js'
import { seeded } from '../random.js'
import { HOUR, monitorOf, T0 } from './rides.js'

vi.setConfig({ testTimeout: 30_000 })

const { write } = folder()

/** Rows with ids of 64 bits: forty merchants, and a hash that every row has for itself. */
function rowsOf(from: number, seed: number): { time: number; merchant: bigint; hash: bigint }[] {
  const random = seeded(seed)
  return Array.from({ length: 3000 }, (_, i) => ({
    time: from + i * 6000,
    merchant: 900_719_925_474_099_301n + 7919n * BigInt(Math.floor(40 * random.next())),
    hash: 926_749_094_040_133_123n + 104_729n * BigInt(Math.floor(1e9 * random.next())),
  }))
}

const asCsv = (all: ReturnType<typeof rowsOf>): string =>
  [
    'requestId,eventTime,merchant,hash',
    ...all.map(({ time, merchant, hash }, i) => [i, time, merchant, hash].join()),
  ].join('\n')
const asJson = (all: ReturnType<typeof rowsOf>): string =>
  all
    .map(
      ({ time, merchant, hash }, i) => `{"requestId":"${i}","eventTime":${time},"merchant":${merchant},"hash":${hash}}`,
    )
    .join('\n')

it.each([
  ['ids.csv', 'avro', asCsv],
  ['ids.ndjson', 'avro', asJson],
  ['ids.ndjson', 'json', asJson],
] as const)('ids of 64 bits in %s (%s): the same in training and when served', async (name, format, text) => {
  const monitor = monitorOf({
    serving: { format, features: ['merchant', 'hash'] },
    segments: {},
    features: { merchant: { kind: 'categorical' }, hash: { kind: 'numeric' } },
  })
  const training = await openTable(write(`training-${format}-${name}`, text(rowsOf(T0 - 10 * HOUR, 1))))
  const provenance = { version: 1, modelVersion: null, source: 'x', loadedAt: 0, from: null }
  const baseline = await buildBaseline(monitor, training, { map: new Map(), provenance })
  const events = await openTable(write(`served-${format}-${name}`, text(rowsOf(T0, 2))))
  const unseen: number[] = []
  const done = await replay({
    ...{ monitor, baseline, events, partitions: 1, logger: pino({ level: 'silent' }) },
    mapping: mapEvents(monitor, events, new Map(), { time: true, key: 'row number' }),
    onVerdicts: batch => {
      for (let i = 0; i < batch.size; i++) {
        const { series, counters } = JSON.parse(Buffer.from(batch.value(i)!).toString()) as VerdictEvent
        if (series.feature === 'merchant') unseen.push(counters['unseen']?.window ?? Number.NaN)
      }
    },
  })
  await Promise.all([training.close(), events.close()])
  expect(done.events).toBe(3000)
  expect(unseen.length).toBeGreaterThan(3)
  expect(new Set(unseen)).toEqual(new Set([0]))
})
