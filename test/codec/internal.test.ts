import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeActivation } from '../../src/codec/activation.js'
import { encodeAnswer } from '../../src/codec/answer.js'
import { decodeCommit, decodeProgress, encodeCommit, encodePointer, encodeProgress } from '../../src/codec/commit.js'
import { decodeControl, encodeControl } from '../../src/codec/control.js'
import { decodeInternal } from '../../src/codec/internal.js'
import { encodeMarker } from '../../src/codec/marker.js'
import type { OutgoingRecord } from '../../src/core/ports.js'
import { answer } from './answers.js'
import { SAMPLES } from './samples.js'
import { headerBytes } from './sketches.js'

const count = fc.integer({ min: 0, max: 2 ** 52 })
const counts = fc.record({ aggregated: count, late: count, rejected: count, notSelected: count, gap: count })
const time = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY))
const text = fc.string({ maxLength: 20 })

const marker = fc.record({
  topic: text,
  partition: fc.nat(1000),
  partitions: fc.nat(1000),
  nextOffset: count,
  monitors: fc.array(
    fc.record({
      ...{ model: text, monitor: text, watermark: time, idle: fc.boolean(), closeTo: time, counts },
      ...{ oldest: count, roundStart: count, open: count },
      gaps: fc.array(fc.record({ first: count, to: count, from: time, until: time }), { maxLength: 2 }),
      side: fc.constantFrom('serving' as const, 'labels' as const, 'offline' as const),
    }),
    { maxLength: 4 },
  ),
})
const activation = fc.record({
  model: text,
  modelVersion: fc.option(text),
  baseline: fc.nat(),
  from: fc.option(fc.maxSafeInteger()),
  by: text,
  at: fc.maxSafeInteger(),
})
const progress = fc.record({
  monitor: fc.string({ maxLength: 32 }),
  oldest: count,
  roundStart: count,
  watermark: time,
  counts,
  open: count,
})

function read({ headers, value }: OutgoingRecord) {
  return decodeInternal(headerBytes(headers), value)
}

describe('internal messages', () => {
  test('markers, activations and answers come back as they were', () => {
    fc.assert(fc.property(marker, one => void expect(read(encodeMarker(one))).toEqual({ type: 'marker', marker: one })))
    fc.assert(
      fc.property(
        activation,
        one => void expect(read(encodeActivation(one))).toEqual({ type: 'activation', activation: one }),
      ),
    )
    fc.assert(fc.property(answer, one => void expect(read(encodeAnswer(one))).toEqual({ type: 'answer', answer: one })))
  })

  test('of every version there has been are read', () => {
    for (const { type, version, hex, says } of SAMPLES) {
      const message = decodeInternal(headerBytes({ type, 'schema-version': String(version) }), Buffer.from(hex, 'hex'))
      expect(message).toMatchObject({ type, ...says })
    }
  })

  test('that are none of ours, cut off, or of the future are passed over', () => {
    const [record] = fc.sample(marker, { numRuns: 1, seed: 3 }).map(encodeMarker)
    const headers = headerBytes(record.headers)
    expect(decodeInternal({}, record.value)).toBeNull()
    expect(decodeInternal(headers, null)).toBeNull()
    expect(decodeInternal(headers, record.value.subarray(0, 3))).toBeNull()
    expect(decodeInternal({ ...headers, 'schema-version': Buffer.from('99') }, record.value)).toBeNull()
    fc.assert(
      fc.property(
        fc.uint8Array(),
        bytes => void decodeInternal(headerBytes({ type: 'part', 'schema-version': '1' }), bytes),
      ),
    )
  })
})

describe('words in driftline.control', () => {
  const word = fc.oneof(
    answer.map(one => ({ answer: one })),
    activation.map(one => ({ activation: one })),
  )

  test('come back as they were, and no two answers share a key', () => {
    fc.assert(
      fc.property(word, one => {
        const { headers, value } = encodeControl(one)
        expect(decodeControl(headerBytes(headers), value)).toEqual(one)
      }),
    )
    fc.assert(
      fc.property(answer, answer, (a, b) => {
        fc.pre(a.id !== b.id)
        expect(encodeControl({ answer: a }).key).not.toBe(encodeControl({ answer: b }).key)
      }),
    )
  })

  test('of the first version, which had no header, are read', () => {
    const hex = '0212746178692d7469707300040200008041b7b8794206616e6e0080be41b7b8794200'
    expect(decodeControl({}, Buffer.from(hex, 'hex'))).toEqual({
      activation: {
        ...{ model: 'taxi-tips', modelVersion: null, baseline: 2 },
        ...{ from: 1767571200000, by: 'ann', at: 1767571201000 },
      },
    })
  })

  test('that cannot be read say nothing', () => {
    expect(decodeControl({}, null)).toBeNull()
    expect(decodeControl({}, Buffer.from('zz'))).toBeNull()
    expect(decodeControl(headerBytes({ 'schema-version': '99' }), Buffer.from('00', 'hex'))).toBeNull()
  })
})

describe('commit metadata', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(
        fc.record({ began: fc.integer({ min: 0 }), progress: fc.array(progress, { maxLength: 20 }) }),
        commit => void expect(decodeCommit(encodeCommit(commit)!)).toEqual({ ...commit, elsewhere: false, held: [] }),
      ),
    )
  })

  test('names the record of driftline.state where it does not fit', () => {
    const [one] = fc.sample(progress, { numRuns: 1, seed: 1 })
    const fits = Array.from({ length: 20 }, () => ({ ...one, monitor: '0123456789abcdef0123456789abcdef' }))
    const began = Date.UTC(2100, 0)
    expect(encodeCommit({ began, progress: fits })!.length).toBeLessThanOrEqual(4096)
    const many = { began, progress: Array.from({ length: 50 }, () => fits).flat() }
    expect(encodeCommit(many)).toBeNull()
    const record = encodeProgress('driftline/serving/3', many, 77)
    expect(decodeCommit(encodePointer(began, 77))).toEqual({ began, progress: [], elsewhere: true, held: [] })
    const { value, headers } = record
    expect(decodeProgress(value!, Number(headers!['schema-version']))).toEqual({ offset: 77, commit: many })
  })

  test('of the version before is read: it tells no beginning', () => {
    const before = '1:AgR2MQoMAAAAMVC6eUIOAgQABgA='
    const counts = { aggregated: 7, late: 1, rejected: 2, notSelected: 0, gap: 3 }
    const progress = [{ monitor: 'v1', oldest: 5, roundStart: 6, watermark: 1_768_000_000_000, counts, open: 0 }]
    expect(decodeCommit(before)).toEqual({ began: 0, progress, elsewhere: false, held: [] })
  })

  test('that is empty says nothing, and that of others is refused', () => {
    expect(decodeCommit('')).toEqual({ began: 0, progress: [], elsewhere: false, held: [] })
    for (const foreign of ['connect', '1:####', '99:AAAA', '{"offset":1}'])
      expect(() => decodeCommit(foreign)).toThrow(/another program/)
  })
})
