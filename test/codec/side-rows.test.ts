import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeJoinMessage } from '../../src/codec/join-message.js'
import { encodeSideRows } from '../../src/codec/side-rows.js'
import type { Side, SideRows } from '../../src/core/join/side-rows.js'
import type { OutgoingRecord } from '../../src/core/ports.js'
import { headerBytes } from './sketches.js'

const text = fc.string({ maxLength: 12 })
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })

/** Rows as a side has them: versions and segments on that of the predictions only. */
function rowsOf(side: Side): fc.Arbitrary<SideRows> {
  const serving = side === 'serving'
  // The zero with a sign comes back without it, which is the same score.
  const value = fc.oneof(
    fc.double().map(x => (x === 0 ? 0 : x)),
    fc.constantFrom(0, 1, Number.NaN),
  )
  const row = fc.record({
    step: fc.integer({ min: 1, max: 1000 }),
    key: fc.tuple(word, word),
    time: fc.integer({ min: -1e13, max: 1e13 }),
    version: fc.nat(2),
    segment: fc.nat(2),
    values: fc.array(value, { minLength: serving ? 3 : 1, maxLength: serving ? 3 : 1 }),
  })
  const head = fc.record({
    model: text,
    monitor: text,
    topic: text,
    partition: fc.nat(100),
    first: fc.integer({ min: 0, max: 2 ** 50 }),
    versions: fc.array(text, { minLength: 3, maxLength: 3 }),
    segments: fc.array(
      fc.dictionary(fc.constantFrom('city', 'payment', 'a b'), text, { maxKeys: 2, noNullPrototype: true }),
      {
        minLength: 3,
        maxLength: 3,
      },
    ),
    texts: fc.array(text, { maxLength: 3 }),
  })
  return fc.tuple(head, fc.array(row, { minLength: 1, maxLength: 20 })).map(([{ first, ...same }, rows]) => {
    let offset = first - rows[0].step
    return {
      ...same,
      side,
      size: rows.length,
      offsets: Float64Array.from(rows, ({ step }) => (offset += step)),
      keys: Uint32Array.from(rows.flatMap(({ key }) => key)),
      times: Float64Array.from(rows, ({ time }) => time),
      versions: serving ? same.versions : [],
      versionOf: Int32Array.from(serving ? rows.map(({ version }) => version) : []),
      segments: serving ? same.segments : [],
      segmentOf: Int32Array.from(serving ? rows.map(({ segment }) => segment) : []),
      values: rows[0].values.map((_, output) => Float64Array.from(rows, ({ values }) => values[output])),
      pair:
        side === 'offline'
          ? {
              join: 'offline' as const,
              columns: rows[0].values.map((_, column) => `c${column}`),
              flags: rows[0].values.map((_, column) => Uint8Array.from(rows, ({ step }) => (step + column) % 9)),
              entities: Uint32Array.from(rows, ({ key }) => key[1]),
            }
          : null,
    }
  })
}

function read({ headers, value }: OutgoingRecord) {
  return decodeJoinMessage(headerBytes(headers), value)
}

describe('rows of a side', () => {
  it.each<Side>(['serving', 'labels', 'offline'])('of %s come back as they were', side => {
    fc.assert(
      fc.property(
        rowsOf(side),
        rows => void expect(read(encodeSideRows(rows, 3))).toEqual({ type: 'side-rows', rows }),
      ),
    )
  })

  it('lie in the partition that they are for, and take a few bytes each', () => {
    const size = 1000
    const rows: SideRows = {
      ...{ model: 'm', monitor: 'v', side: 'serving', topic: 't', partition: 0, size },
      offsets: Float64Array.from({ length: size }, (_, i) => 1e9 + 4 * i),
      keys: Uint32Array.from({ length: 2 * size }, (_, i) => Math.imul(i, 0x9e3779b1)),
      times: Float64Array.from({ length: size }, (_, i) => 1.7e12 + 20 * i),
      ...{
        versions: ['v1'],
        versionOf: new Int32Array(size),
        segments: [{ city: 'Rome' }],
        segmentOf: new Int32Array(size),
      },
      values: [Float64Array.from({ length: size }, (_, i) => i / size)],
      texts: [],
      pair: null,
    }
    const message = encodeSideRows(rows, 3)
    expect(message.partition).toBe(3)
    expect(message.value.length / size).toBeLessThan(23)
  })

  it('that are cut off, of the future, or of columns of different lengths are none', () => {
    const [rows] = fc.sample(rowsOf('labels'), { numRuns: 1, seed: 1 })
    const { headers, value } = encodeSideRows(rows, 0)
    expect(decodeJoinMessage(headerBytes(headers), value!.subarray(0, value!.length - 1))).toBeNull()
    expect(decodeJoinMessage(headerBytes({ ...headers, 'schema-version': '99' }), value)).toBeNull()
    expect(decodeJoinMessage(headerBytes({ ...headers, type: 'part' }), value)).toBeNull()
    expect(decodeJoinMessage(headerBytes(headers), null)).toBeNull()
    expect(read(encodeSideRows({ ...rows, size: rows.size + 1 }, 0))).toBeNull()
  })
})
