import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isoTime } from '../../src/codec/iso-time.js'
import type { TimeUnit } from '../../src/core/monitor.js'
import { READ } from '../../src/core/ports.js'
import { monitorOf, topicOf, wire } from './rows.js'

function iso(text: string): number {
  const bytes = Buffer.from(`<${text}>`)
  return isoTime(bytes, 1, bytes.length - 2)
}

/** A long as Avro writes it, all 64 bits. */
function long(value: bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}

async function timeOf(type: unknown, unit: TimeUnit, encoded: readonly number[]): Promise<number | string | null> {
  const schema = {
    type: 'record',
    name: 'E',
    fields: [
      { name: 'id', type: 'int' },
      { name: 'at', type },
    ],
  }
  const { reader, row, read } = topicOf(monitorOf({ time: { path: ['at'], unit } }), { 1: schema })
  const bytes = wire(1, Uint8Array.from([2, ...encoded]))
  await reader.prepare(bytes)
  const said = read(bytes)
  return said === READ ? row.time : String(said)
}

const floor = (value: bigint, by: bigint): number => Number((value - (((value % by) + by) % by)) / by)

describe('event time', () => {
  test('is exact for micro- and nanoseconds beyond 2^53', async () => {
    const value = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt(-10000n, 10000n),
      fc.bigInt(10n ** 18n, 2n * 10n ** 18n),
    )
    await fc.assert(
      fc.asyncProperty(value, async at => {
        expect(await timeOf('long', 'ns', long(at))).toBe(floor(at, 1_000_000n))
        const micros = floor(at, 1000n)
        expect(await timeOf('long', 'us', long(at))).toBe(
          Math.abs(micros) > 8.64e15 ? 'event-time-implausible' : micros,
        )
        expect(await timeOf({ type: 'long', logicalType: 'timestamp-nanos' }, 'ms', long(at))).toBe(
          floor(at, 1_000_000n),
        )
      }),
      { numRuns: 100 },
    )
  })

  test('takes the unit of the schema before that of the monitor', async () => {
    expect(await timeOf({ type: 'long', logicalType: 'timestamp-millis' }, 's', long(1767571200000n))).toBe(
      1767571200000,
    )
    expect(await timeOf({ type: 'int', logicalType: 'date' }, 'ms', long(20458n))).toBe(Date.UTC(2026, 0, 5))
    expect(await timeOf('int', 's', long(1767571200n))).toBe(1767571200000)
    expect(await timeOf({ type: 'long', logicalType: 'constructor' }, 's', long(1767571200n))).toBe(1767571200000)
    expect(await timeOf('double', 's', [...Buffer.from(Float64Array.of(1767571200.123).buffer)])).toBe(1767571200123)
    expect(await timeOf('double', 's', [...Buffer.from(Float64Array.of(Number.NaN).buffer)])).toBe(
      'event-time-unreadable',
    )
    expect(await timeOf('boolean', 'ms', [1])).toBe('event-time-unreadable')
  })

  test('reads numbers in quotes, as JSON writes longs', async () => {
    const text = (of: string) => [2 * of.length, ...Buffer.from(of)]
    expect(await timeOf('string', 'ms', text('1767571200000'))).toBe(1767571200000)
    expect(await timeOf('string', 'ns', text('1767571200000999999'))).toBe(1767571200000)
    expect(await timeOf('string', 'iso', text('1767571200000'))).toBe('event-time-unreadable')
    expect(await timeOf('string', 'ms', text('2026-01-05T00:00:00Z'))).toBe(1767571200000)
  })

  test('of ISO 8601 is what Date says', () => {
    const date = fc.date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    fc.assert(fc.property(date, at => void expect(iso(at.toISOString())).toBe(at.getTime())))
    fc.assert(
      fc.property(date, fc.integer({ min: -14 * 60, max: 14 * 60 }), (at, zone) => {
        const digits = `${String(Math.floor(Math.abs(zone) / 60)).padStart(2, '0')}:${String(Math.abs(zone) % 60).padStart(2, '0')}`
        const text = `${at.toISOString().slice(0, 23)}${zone < 0 ? '-' : '+'}${digits}`
        expect(iso(text)).toBe(at.getTime() - zone * 60_000)
      }),
    )
  })

  test.each([
    ['2026-01-05', Date.UTC(2026, 0, 5)],
    ['2026-01-05T10:00', Date.UTC(2026, 0, 5, 10)],
    ['2026-01-05 10:00:07', Date.UTC(2026, 0, 5, 10, 0, 7)],
    ['2026-01-05T10:00:00.123456789Z', Date.UTC(2026, 0, 5, 10, 0, 0, 123)],
    ['2026-01-05T10:00:00.5+0130', Date.UTC(2026, 0, 5, 8, 30, 0, 500)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2026-02-29', Number.NaN],
    ['2026-04-31', Number.NaN],
    ['2026-13-01', Number.NaN],
    ['2026-1-5', Number.NaN],
    ['2026-01-05T24:00', Number.NaN],
    ['2026-01-05T10:00:00.', Number.NaN],
    ['2026-01-05T10:00:00Zulu', Number.NaN],
    ['2026-01-05T10:00:00+25:00', Number.NaN],
    ['2026-01-05T', Number.NaN],
    ['Jan 5 2026', Number.NaN],
    ['', Number.NaN],
  ])('%s', (text, time) => expect(iso(text)).toBe(time))
})
