import { expect, test } from 'vitest'
import { encodeJson } from '../../src/cli/produce-encoding.js'
import { produceEvents, type RunOptions } from '../../src/cli/produce-run.js'
import type { Log, OutgoingRecord } from '../../src/core/ports.js'
import type { FileEvent } from '../../src/files/event-source.js'

/** A log that keeps the batches it is given, and when. */
function recorder() {
  const batches: { at: number; records: readonly OutgoingRecord[] }[] = []
  const append = async (_topic: string, records: readonly OutgoingRecord[]): Promise<void> => {
    batches.push({ at: performance.now(), records })
  }
  return { batches, log: { append } as unknown as Log }
}

async function* events(n: number, spacingMs = 1000): AsyncGenerator<FileEvent[]> {
  for (let from = 0; from < n; from += 700)
    yield Array.from({ length: Math.min(700, n - from) }, (_, i) => {
      const time = 1_700_000_000_000 + (from + i) * spacingMs
      return { key: `k${from + i}`, time, row: from + i + 1, value: { eventTime: time } }
    })
}

const options = (changes: Partial<RunOptions> = {}): RunOptions => ({
  topic: 't',
  partitions: 4,
  spread: 'key',
  clock: 'event',
  time: { path: ['eventTime'], column: null, eventUnit: 'ms' },
  signal: new AbortController().signal,
  onProgress: () => {},
  ...changes,
})

test('batches of a thousand, in order, none lost', async () => {
  const { log, batches } = recorder()
  const produced = await produceEvents(log, events(2500), encodeJson, options())
  expect(batches.map(({ records }) => records.length)).toEqual([1000, 1000, 500])
  expect(batches.flatMap(({ records }) => records.map(({ key }) => key))).toEqual(
    Array.from({ length: 2500 }, (_, i) => `k${i}`),
  )
  expect(produced).toMatchObject({ records: 2500, first: 1_700_000_000_000, last: 1_700_002_499_000 })
})

test('round-robin names the partition, by key leaves it to the key', async () => {
  const { log, batches } = recorder()
  await produceEvents(log, events(5), encodeJson, options({ spread: 'round-robin' }))
  await produceEvents(log, events(1), encodeJson, options())
  expect(batches[0]!.records.map(({ partition }) => partition)).toEqual([0, 1, 2, 3, 0])
  expect(batches[1]!.records[0]).not.toHaveProperty('partition')
})

test.each([
  ['a rate', { rate: 500 }],
  ['a speed', { speed: 500 }],
])('%s paces: 100 events that are due over 200 ms', async (_, pace) => {
  const { log, batches } = recorder()
  const { seconds } = await produceEvents(log, events(100, 1000), encodeJson, options(pace))
  expect(seconds).toBeGreaterThan(0.15)
  expect(batches.length).toBeGreaterThan(5)
})

test('clock now: the time of sending is the event time', async () => {
  const { log, batches } = recorder()
  const before = Date.now()
  const { first } = await produceEvents(log, events(3), encodeJson, options({ clock: 'now' }))
  const times = batches[0]!.records.map(({ value }) => JSON.parse(Buffer.from(value!).toString()).eventTime as number)
  expect(Math.min(...times)).toBeGreaterThanOrEqual(before)
  expect(first).toBeGreaterThanOrEqual(before)
})

test('stopped: what is at hand is sent, the rest is not', async () => {
  const { log, batches } = recorder()
  const stopping = new AbortController()
  setTimeout(() => stopping.abort(), 60)
  const { records } = await produceEvents(
    log,
    events(1000),
    encodeJson,
    options({ rate: 100, signal: stopping.signal }),
  )
  expect(records).toBeLessThan(50)
  expect(batches.flatMap(batch => batch.records)).toHaveLength(records)
})
