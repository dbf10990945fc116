import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { FeatureParity } from '../../src/core/join/parity.js'
import { agree, USUAL_TOLERANCE } from '../../src/core/join/tolerance.js'
import { Pairs } from '../../src/files/pairs.js'
import { type Comparison, compare } from '../../src/service/compare.js'
import { badInput, data, duckdb, folder } from '../files/fixtures.js'
import { type Random, seeded } from '../random.js'

const { path, write } = folder()

vi.setConfig({ testTimeout: 60_000 })

const ENTITIES = 2000
const DAYS = 30
const FEATURES = [
  'fare',
  'trip_miles',
  'trip_seconds',
  'payment_type',
  'tips',
  'trip_start_hour',
  'trip_total',
  'company',
]

function taxi(): (name: string) => string[] {
  const [head, ...lines] = gunzipSync(readFileSync(data('chicago_taxi.csv.gz')))
    .toString()
    .trim()
    .split('\n')
  const names = head!.split(',')
  const rows = lines.map(line => line.split(','))
  return name => rows.map(row => row[names.indexOf(name)]!).filter(value => value !== '')
}

const sameNumber = (a: string, b: string): boolean => agree(Number(a), Number(b), USUAL_TOLERANCE)

type Fault = readonly [name: string, of: (value: string, yesterday: string | null, random: Random) => string | null]

/** What each offline column suffers, and in which share of the rows. */
const FAULTS: Readonly<Record<string, readonly (readonly [share: number, Fault])[]>> = {
  fare: [[0.38, ['lag', (_, yesterday) => yesterday]]],
  trip_miles: [[0.25, ['truncation', value => String(Math.trunc(Number(value)))]]],
  trip_seconds: [[0.12, ['unit', value => String(Number(value) / 60)]]],
  payment_type: [[0.1, ['encoding', value => value.toLowerCase()]]],
  tips: [[0.14, ['imputation', () => '1.5']]],
  trip_start_hour: [[1, ['hours-shifted', value => String((Number(value) + 18) % 24)]]],
  company: [
    [0.2, ['lag', (_, yesterday) => yesterday]],
    [0.1, ['imputation', () => 'unknown']],
  ],
  // Five at once: yesterday's, cut off, in other miles, a default, nothing.
  trip_total: [
    [0.1, ['lag', (_, yesterday) => yesterday]],
    [0.1, ['truncation', value => String(Math.trunc(Number(value)))]],
    [0.1, ['unit', value => String(Number(value) * 1.609344)]],
    [0.05, ['imputation', () => '0']],
    [0.05, ['null', () => '']],
  ],
}

interface Made {
  readonly a: string
  readonly b: string
  /** Feature → cause → rows that really differ. */
  readonly truth: Readonly<Record<string, Record<string, number>>>
}

function make(): Made {
  const column = taxi()
  const random = seeded(2024)
  const of: Record<string, string[]> = Object.fromEntries(
    FEATURES.map(name => [name, column(name === 'trip_total' ? 'fare' : name).filter(value => !value.includes('"'))]),
  )
  const truth: Record<string, Record<string, number>> = Object.fromEntries(FEATURES.map(name => [name, {}]))
  const served = [['taxi', 'day', ...FEATURES].join(',')]
  const offline = [...served]
  for (let entity = 0; entity < ENTITIES; entity++) {
    let yesterday: string[] | null = null
    for (let day = 0; day < DAYS; day++) {
      const date = new Date(Date.UTC(2014, 0, 1 + day)).toISOString().slice(0, 10)
      const values = FEATURES.map(name => random.pick(of[name]!))
      const recomputed = values.map((value, f) => {
        let chance = random.next()
        for (const [share, [cause, change]] of FAULTS[FEATURES[f]!]!) {
          chance -= share
          if (chance >= 0) continue
          const changed = change(value, yesterday?.[f] ?? null, random) ?? value
          const text = ['payment_type', 'company'].includes(FEATURES[f]!)
          if (changed === '' || (text ? changed !== value : !sameNumber(value, changed))) {
            const counts = truth[FEATURES[f]!]!
            counts[cause] = (counts[cause] ?? 0) + 1
          }
          return changed
        }
        return value
      })
      served.push([entity, date, ...values].join(','))
      offline.push([entity, date, ...recomputed].join(','))
      yesterday = values
    }
  }
  // The order of rows must not matter.
  const [head, ...rows] = offline
  for (let i = rows.length - 1; i > 0; i--) {
    const j = random.integer(0, i)
    ;[rows[i], rows[j]] = [rows[j]!, rows[i]!]
  }
  return {
    a: write('served.csv', `${served.join('\n')}\n`),
    b: write('offline.csv.gz', `${[head, ...rows].join('\n')}\n`),
    truth,
  }
}

const NAMES = {
  key: ['taxi', 'day'],
  time: { column: 'day', unit: null },
  entity: 'taxi',
  features: null,
  ignore: [],
  map: new Map<string, string>(),
}
const OPTIONS = { tolerance: () => USUAL_TOLERANCE, examples: 10, showValues: false, maxMismatch: 0 }

async function compared(a: string, b: string, names: Partial<typeof NAMES> | object = {}): Promise<Comparison> {
  const all = { ...NAMES, ...names }
  const pairs = await Pairs.open(a, b, all)
  try {
    return await compare(pairs, all, OPTIONS)
  } finally {
    await pairs.close()
  }
}

const of = (found: Comparison, name: string): FeatureParity => found.features.find(({ feature }) => feature === name)!

describe('2,000 taxis over 30 days, and offline copies with known faults', () => {
  let made: Made
  let found: Comparison
  beforeAll(async () => {
    made = make()
    found = await compared(made.a, made.b)
  }, 60_000)

  it('pairs every row', () => {
    expect(found).toMatchObject({ pairs: 60_000, unmatchedRate: 0, equal: false, onlyInA: [], onlyInB: [] })
    expect(found.a).toMatchObject({ rows: 60_000, withoutKey: 0, duplicates: 0, unmatched: 0 })
    expect(found.features).toHaveLength(FEATURES.length)
  })

  it.each(FEATURES)('%s: counts exactly, every cause and its share within .5 point, and no other cause', name => {
    const { rate, causes, nullInB, mismatched, unexplained } = of(found, name)
    const truth = made.truth[name]!
    const all = Object.values(truth).reduce((sum, rows) => sum + rows, 0)
    expect(rate).toBeCloseTo(all / 60_000, 12)
    expect(mismatched + nullInB).toBe(all)
    expect(new Set(causes.map(({ code }) => code))).toEqual(new Set(Object.keys(truth)))
    for (const { code, share } of causes) expect(Math.abs(share - truth[code]! / 60_000), code).toBeLessThan(0.005)
    expect(unexplained / 60_000).toBeLessThan(0.001)
  })

  it('the lag is a day, of B', () => {
    for (const name of ['fare', 'trip_total', 'company'])
      expect(of(found, name).lag).toMatchObject({ ms: -86_400_000, rowsBack: -1 })
    expect(of(found, 'trip_miles').lag).toBeNull()
  })

  it('the constants are named', () => {
    const cause = (name: string, code: string) => of(found, name).causes.find(one => one.code === code)!
    expect(cause('trip_seconds', 'unit').numbers['factor']).toBeCloseTo(60, 6)
    expect(cause('trip_total', 'unit').sentence).toContain('miles ↔ km')
    expect(cause('tips', 'imputation').numbers['value']).toBe(1.5)
    expect(cause('trip_start_hour', 'hours-shifted').numbers['hours']).toBe(6)
    expect(cause('payment_type', 'encoding').sentence).toContain('case')
  })

  it('the other way round, the same shares', async () => {
    const turned = await compared(made.b, made.a)
    for (const name of FEATURES) {
      const [one, other] = [of(found, name), of(turned, name)]
      expect([other.mismatched, other.nullInA, other.matched]).toEqual([one.mismatched, one.nullInB, one.matched])
      expect(other.lag?.ms ?? null).toBe(one.lag === null ? null : -one.lag.ms)
    }
  })

  it('is the same from Parquet, but for the row numbers', async () => {
    await duckdb(
      `COPY (SELECT * FROM read_csv('${made.a}', types = {taxi: 'VARCHAR'})) TO '${path('served.parquet')}'`,
      `COPY (SELECT * FROM read_csv('${made.b}')) TO '${path('offline.parquet')}'`,
    )
    const again = await compared(path('served.parquet'), path('offline.parquet'))
    const bare = (one: Comparison) =>
      one.features.map(({ feature, matched, mismatched, nullInB, causes }) => [
        feature,
        matched,
        mismatched,
        nullInB,
        causes,
      ])
    expect(bare(again)).toEqual(bare(found))
  })
})

describe('rows of two files', () => {
  const names = { key: ['id'], time: null, entity: null }

  it('are each accounted for: keys missing, twice, in one file only', async () => {
    const a = write('a.csv', 'id,x\n1,1\n2,2\n2,9\n,3\n4,4\n5,5\n')
    const b = write('b.csv', 'id,x\n5,5\n4,4\n1,1.5\n7,7\n6,6\n8,8\n')
    const found = await compared(a, b, names)
    expect(found.a).toMatchObject({ rows: 6, withoutKey: 1, duplicates: 1, unmatched: 1 })
    expect(found.b).toMatchObject({ rows: 6, withoutKey: 0, duplicates: 0, unmatched: 3 })
    expect(found).toMatchObject({ pairs: 3, unmatchedRate: 4 / 7, equal: false })
    for (const side of [found.a, found.b])
      expect(side.withoutKey + side.duplicates + side.unmatched + found.pairs).toBe(side.rows)
  })

  it('find each other however a number is written, and by the number of the row', async () => {
    const a = write('ids.csv', 'id,x\n1,1\n2.0,2\n3,3\n')
    const b = write('ids.ndjson', '{"id":3,"x":3}\n{"id":2,"x":2}\n{"id":1,"x":1}\n')
    expect(await compared(a, b, names)).toMatchObject({ pairs: 3, equal: true })
    const byRow = await compared(a, b, { ...names, key: ['#'] })
    expect(of(byRow, 'x')).toMatchObject({ matched: 1, mismatched: 2 })
  })

  it('keep all digits of long keys', async () => {
    const a = write('long-a.csv', 'id,x\n9007199254740993,1\n9007199254740992,2\n')
    const b = write('long-b.csv', 'id,x\n9007199254740992,2\n9007199254740993,1\n')
    expect(await compared(a, b, names)).toMatchObject({ pairs: 2, equal: true })
  })

  it('may differ in type: a text beside a number where files have types', async () => {
    const a = write('types-a.ndjson', '{"id":1,"x":"1"}\n{"id":2,"x":"2"}\n')
    const b = write('types-b.ndjson', '{"id":1,"x":1}\n{"id":2,"x":2}\n')
    expect(of(await compared(a, b, names), 'x')).toMatchObject({
      types: 2,
      matched: 0,
      causes: [{ code: 'type', rows: 2 }],
    })
    const codes = write('codes.csv', 'id,x\n1,01\n2,02\n')
    const plain = write('plain.csv', 'id,x\n1,1\n2,2\n')
    expect(of(await compared(codes, plain, names), 'x')).toMatchObject({
      mismatched: 2,
      causes: [{ code: 'encoding' }],
    })
  })

  it('of another time zone', async () => {
    const time = (i: number): number => Date.UTC(2024, 0, 1) + i * 977_000
    const rows = (shift: number): string =>
      Array.from({ length: 200 }, (_, i) => `${i},${new Date(time(i) + shift).toISOString().slice(0, 19)}`).join('\n')
    const a = write('zone-a.csv', `id,at\n${rows(0)}\n`)
    const b = write('zone-b.csv', `id,at\n${rows(-6 * 3_600_000)}\n`)
    expect(of(await compared(a, b, names), 'at')).toMatchObject({
      kind: 'time',
      causes: [{ code: 'hours-shifted', share: 1, numbers: { hours: 6 } }],
    })
  })
})

describe('keys with times of two zones', () => {
  const names = { key: ['car', 'at'], time: null, entity: null }
  const rows = (shift: number): string =>
    Array.from({ length: 300 }, (_, i) => {
      const at = new Date(Date.UTC(2024, 0, 1) + i * 977_000 + shift * 3_600_000).toISOString()
      return `${i % 7},${at},${i}`
    }).join('\n')

  it('do not meet, and it is said why', async () => {
    const a = write('cars-a.csv', `car,at,x\n${rows(2)}\n`)
    const b = write('cars-b.csv', `car,at,x\n${rows(0)}\n`)
    expect(await badInput(() => compared(a, b, names))).toContain("the times in A's keys are 2 h later than B's")
  })

  it('where some keys meet, too; not where they merely lack', async () => {
    const a = write('some-a.csv', `car,at,x\n${rows(2)}\n9,2024-01-01T00:00:00Z,1\n`)
    const b = write('some-b.csv', `car,at,x\n${rows(0)}\n9,2024-01-01T00:00:00Z,1\n`)
    expect(await compared(a, b, names)).toMatchObject({ pairs: 1, keyHours: 2, equal: false })
    const few = write('few-b.csv', `car,at,x\n${rows(0).split('\n').slice(0, 20).join('\n')}\n`)
    expect(await compared(write('all-a.csv', `car,at,x\n${rows(0)}\n`), few, names)).toMatchObject({
      pairs: 20,
      keyHours: null,
    })
  })
})
