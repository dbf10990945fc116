import pino from 'pino'
import { describe, expect, test, vi } from 'vitest'
import { PublicDecoder } from '../../src/codec/public-decoder.js'
import { parseMonitor } from '../../src/config/monitor.js'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import type { Monitor } from '../../src/core/monitor.js'
import { PanePlanner } from '../../src/core/planner.js'
import { INFINITE, Layout, NAN, NULL, NUMBER, TEXT, WRONG_TYPE } from '../../src/core/row.js'
import { mapEvents } from '../../src/files/event-mapping.js'
import { readRows } from '../../src/files/row-source.js'
import { openTable } from '../../src/files/table.js'
import { buildBaseline } from '../../src/service/build-baseline.js'
import { replay } from '../../src/service/replay.js'
import { seeded } from '../random.js'
import { duckdb, folder } from './fixtures.js'

vi.setConfig({ testTimeout: 60_000 })

const { path, write } = folder()

function monitorOf(more: object = {}, format = 'json'): Monitor {
  const file = {
    apiVersion: 'driftline/v1',
    model: 'm',
    serving: { topic: 't', format, key: 'id', time: 'at', features: '*' },
    window: { size: '1h', minRows: 100 },
    ...more,
  }
  const { monitors, faults } = parseMonitor(JSON.stringify(file), 'm.yaml')
  if (faults.length > 0) throw new Error(JSON.stringify(faults))
  return monitors[0]!
}

/** Of each row, of each embedding or text: its numbers, its text, or its flag. */
async function sourcesOf(file: string, monitor: Monitor): Promise<Record<string, unknown>[]> {
  const layout = new Layout(true, 100)
  new PanePlanner(monitor, layout)
  const table = await openTable(file)
  const found: Record<string, unknown>[] = []
  await readRows(table, layout, mapEvents(monitor, table, new Map(), { time: false, key: 'none' }), row => {
    const { flags, starts, lengths, vectors, bytes } = row
    const entries = layout.slots.flatMap(({ name, kind }, slot) => {
      if (kind !== 'embedding' && kind !== 'text') return []
      const [from, to] = [starts[slot]!, starts[slot]! + lengths[slot]!]
      if (kind === 'embedding') return [[name, flags[slot] === NUMBER ? [...vectors.subarray(from, to)] : flags[slot]]]
      return [[name, flags[slot] === TEXT ? Buffer.from(bytes.subarray(from, to)).toString() : flags[slot]]]
    })
    found.push(Object.fromEntries(entries))
  })
  await table.close()
  return found
}

describe('vectors and texts of files', () => {
  test('Parquet: lists and arrays of floats and doubles, as they are', async () => {
    const file = path('lists.parquet')
    await duckdb(
      `COPY (SELECT * FROM (VALUES
        (1, [0.5, 2]::DOUBLE[], [1, 2.5, 3]::FLOAT[3], [1, 2]::INTEGER[]),
        (2, NULL, NULL, NULL),
        (3, [], [4, 5, 6.5]::FLOAT[3], []),
        (4, [1, NULL, 3], [7, 8, 9]::FLOAT[3], [3]),
        (5, ['Infinity'::DOUBLE], [1, 'NaN'::FLOAT, 0]::FLOAT[3], [1, 2, 3])
      ) t(id, a, b, ints)) TO '${file}' (FORMAT parquet)`,
    )
    expect(await sourcesOf(file, monitorOf())).toEqual([
      { a: [0.5, 2], b: [1, 2.5, 3] },
      { a: NULL, b: NULL },
      { a: WRONG_TYPE, b: [4, 5, 6.5] },
      { a: NAN, b: [7, 8, 9] },
      { a: INFINITE, b: NAN },
    ])
    const declared = monitorOf({ features: { ints: { kind: 'embedding' } }, limits: { dimension: 2 } })
    expect((await sourcesOf(file, declared)).map(({ ints, b }) => [ints, b])).toEqual([
      [[1, 2], WRONG_TYPE],
      [NULL, NULL],
      [WRONG_TYPE, WRONG_TYPE],
      [[3], WRONG_TYPE],
      [WRONG_TYPE, WRONG_TYPE],
    ])
  })

  test('NDJSON and CSV: arrays, texts that are arrays where the monitor says so, and what is none', async () => {
    const lines = [
      '{"id":1,"a":[0.5,2],"t":"Hello, you"}',
      '{"id":2,"a":null,"t":null}',
      '{"id":3,"a":[1,2,3.5],"t":"x"}',
    ]
    const features = { t: { kind: 'text' } }
    expect(await sourcesOf(write('a.ndjson', lines.join('\n')), monitorOf({ features }))).toEqual([
      { a: [0.5, 2], t: 'Hello, you' },
      { a: NULL, t: NULL },
      { a: [1, 2, 3.5], t: 'x' },
    ])
    const csv = write('a.csv', 'id,a,t\n1,"[0.5, 2]","Hello, you"\n2,,\n3,none,x\n4,[1],"two\nlines"\n')
    expect(await sourcesOf(csv, monitorOf({ features: { ...features, a: { kind: 'embedding' } } }))).toEqual([
      { a: [0.5, 2], t: 'Hello, you' },
      { a: NULL, t: NULL },
      { a: WRONG_TYPE, t: 'x' },
      { a: [1], t: 'two\nlines' },
    ])
  })

  test('many rows keep their own, over chunks', async () => {
    const random = seeded(4)
    const all = Array.from({ length: 5000 }, () => Array.from({ length: random.integer(1, 9) }, () => random.next()))
    const file = write('many.ndjson', all.map((v, id) => JSON.stringify({ id, v })).join('\n'))
    expect((await sourcesOf(file, monitorOf())).map(({ v }) => v)).toEqual(all)
  })
})

describe('a baseline and a replay of files', () => {
  const random = seeded(8)
  const words = Array.from({ length: 500 }, (_, i) => `w${i.toString(36)}`)
  const text = (share: number): string =>
    Array.from({ length: 12 }, () => {
      const word = words[Math.floor(500 ** random.next()) - 1]!
      return random.chance(share) ? `z${word.slice(1)}` : word
    }).join(' ')
  const vector = (turned: boolean): number[] => {
    const v = Array.from({ length: 8 }, (_, i) => Math.cos(i) + random.normal() / (1 + i))
    return turned ? v.map((_, i) => (i % 2 === 0 ? -v[i + 1]! : v[i - 1]!)) : v
  }
  const T0 = Date.UTC(2026, 0, 5)
  const rows = (n: number, broken: number) =>
    Array.from({ length: n }, (_, i) => {
      const wrong = i >= broken
      return JSON.stringify({
        id: `r${i}`,
        at: T0 + i * 6000,
        v: vector(wrong),
        t: text(wrong ? 0.2 : 0),
        x: random.normal(),
      })
    }).join('\n')
  const training = write('training.ndjson', rows(4000, 4000))
  const served = write('served.ndjson', rows(3600, 1800))

  async function verdictsOf(format: string): Promise<VerdictEvent[]> {
    const monitor = monitorOf({ features: { t: { kind: 'text' } } }, format)
    const provenance = { version: 1, modelVersion: null, source: 'training', loadedAt: 0, from: null }
    const table = await openTable(training)
    const baseline = await buildBaseline(monitor, table, { map: new Map(), provenance })
    await table.close()
    const events = await openTable(served)
    const decoder = new PublicDecoder(null)
    const told: ReturnType<PublicDecoder['decode']>[] = []
    await replay({
      monitor,
      baseline,
      events,
      mapping: mapEvents(monitor, events, new Map(), { time: true, key: 'column' }),
      partitions: 2,
      logger: pino({ level: 'silent' }),
      onVerdicts: batch => {
        for (let i = 0; i < batch.size; i++) told.push(decoder.decode({ ...batch.headers(i) }, batch.value(i)!.slice()))
      },
    })
    await events.close()
    return (await Promise.all(told)).flatMap(one => (one?.type === 'verdict' ? [one.event] : []))
  }

  test.each(['json', 'avro'])('find what was turned and what is unknown, sent as %s', async format => {
    const verdicts = await verdictsOf(format)
    const outcomes = (late: boolean) => verdicts.filter(({ window }) => window.end > T0 + 3 * 3_600_000 === late)
    expect(outcomes(false).length).toBeGreaterThan(0)
    expect(outcomes(false).every(({ outcome }) => outcome === 'ok')).toBe(true)
    const wrong = outcomes(true)
      .filter(({ outcome }) => outcome === 'breach')
      .map(({ series }) => series.feature)
    expect(wrong.some(name => /^v\.p\d$/.test(name))).toBe(true)
    expect(wrong.some(name => /^t\.oov\./.test(name))).toBe(true)
    expect(wrong.every(name => /^(v\.p\d|t\.oov\.\w+)$/.test(name))).toBe(true)
  })
})
