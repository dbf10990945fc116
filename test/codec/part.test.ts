import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { decodeInternal } from '../../src/codec/internal.js'
import { encodePart, PartAssembler, type PartChunk } from '../../src/codec/part.js'
import type { OutgoingRecord } from '../../src/core/ports.js'
import { KeySample } from '../../src/core/sketch/key-sample.js'
import type { SketchState } from '../../src/core/sketch/state.js'
import type { Part } from '../../src/core/window/part.js'
import { headerBytes, part, sketch } from './sketches.js'

function chunkOf({ headers, value }: OutgoingRecord): PartChunk {
  const message = decodeInternal(headerBytes(headers), value)
  if (message?.type !== 'part') throw new Error('not a part')
  return message.chunk
}

function assembled(records: readonly OutgoingRecord[]): Part[] {
  const assembler = new PartAssembler()
  return records.flatMap((record, i) => assembler.add(chunkOf(record), i) ?? []).map(unpacked)
}

function unpacked(one: Part): Part {
  return { ...one, leaves: one.leaves.map(({ group, values, rows, features }) => ({ group, values, rows, features })) }
}

vi.setConfig({ testTimeout: 60_000 })

describe('part', () => {
  test('comes back as it was', () => {
    fc.assert(fc.property(part, one => void expect(assembled(encodePart(one))).toEqual([one])))
  })

  test('with a byte that is another is read or refused, and does not hang', () => {
    const broken = fc.tuple(part, fc.nat(), fc.nat(255)).map(([one, at, byte]) => {
      const [{ value, ...record }] = encodePart(one)
      const bytes = Buffer.from(value!)
      bytes[at % bytes.length] = byte
      return { ...record, value: bytes }
    })
    fc.assert(
      fc.property(broken, ({ headers, value }) => {
        const read = decodeInternal(headerBytes(headers), value)
        expect(read === null || read.type === 'part').toBe(true)
      }),
    )
  })

  test('comes back with more names than are kept, of any sign and length', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `${i % 7 === 0 ? 'ü' : ''}${i}${'x'.repeat(i % 60)}`)
    const known = new Map(names.map((value, count) => [value, count]))
    const categorical = { count: 1, known, unknown: 0, heavy: [], distinct: null }
    const [one] = fc.sample(part, { numRuns: 1, seed: 5 })
    const [some] = fc.sample(sketch, { numRuns: 1, seed: 5 })
    const leaves = [{ group: 0, values: [], rows: 1, features: [{ ...some, categorical }] }]
    for (let again = 0; again < 2; again++)
      expect(assembled(encodePart({ ...one, leaves }))).toEqual([{ ...one, leaves }])
  })

  test('comes back from chunks in any order, repeated, once', () => {
    const shuffled = fc.tuple(part, fc.integer({ min: 300, max: 3000 })).chain(([one, largest]) => {
      const records = encodePart(one, largest)
      return fc.record({ one: fc.constant(one), order: fc.shuffledSubarray(records, { minLength: records.length }) })
    })
    fc.assert(
      fc.property(shuffled, ({ one, order }) => void expect(assembled([order[0], ...order]).at(0)).toEqual(one)),
    )
  })

  test('stays below the size asked for, unless a single sketch is larger', () => {
    const many = fc.tuple(part, fc.array(sketch, { minLength: 20, maxLength: 30 }))
    fc.assert(
      fc.property(many, ([one, features]) => {
        const leaves = [{ group: 0, values: [], rows: 1, features }]
        const largest = 4000
        const chunks = encodePart({ ...one, leaves, news: new Map() }, largest)
        for (const { value } of chunks) expect(value!.length).toBeLessThanOrEqual(largest)
        expect(assembled(chunks)).toEqual([{ ...one, leaves, news: new Map() }])
      }),
      { numRuns: 30 },
    )
  })

  test('forgets an incomplete one when its source has moved on', () => {
    const features = fc.sample(sketch, { numRuns: 30, seed: 7 })
    const [one] = fc.sample(part, { numRuns: 1, seed: 7 })
    const old = { ...one, nextOffset: 10, leaves: [{ group: 0, values: [], rows: 1, features }] }
    const assembler = new PartAssembler()
    const chunks = encodePart(old, 3000).map(chunkOf)
    expect(chunks.length).toBeGreaterThan(2)
    expect(assembler.add(chunks[1], 41)).toBeNull()
    expect(assembler.add(chunks[0], 42)).toBeNull()
    expect(assembler.oldest).toBe(41)
    expect(assembler.add(chunkOf(encodePart({ ...one, nextOffset: 11, leaves: [] })[0]), 43)).not.toBeNull()
    expect(assembler.oldest).toBeNull()
  })

  test('takes at most 8 KB for its request keys, however many there are and however often they come', () => {
    const [one] = fc.sample(part, { numRuns: 1, seed: 2 })
    const keys = new KeySample()
    for (let i = 0; i < 30_000; i++) keys.add(Math.imul(i % 10_000, 0x9e3779b1), 1 + (i % 300))
    const bytes = (of: Part['keys']) => encodePart({ ...one, leaves: [], keys: of })[0].value!.length
    expect(keys.state().keys.length).toBeGreaterThan(512)
    expect(bytes(keys.state()) - bytes(null)).toBeLessThan(8192)
  })

  test('takes at most 1.5 KB for a numeric series with a full digest', () => {
    const hundred = Float64Array.from({ length: 100 }, (_, i) => Math.sin(i))
    const numeric = {
      ...{ count: 100_000, integers: 0, zeros: 0, negatives: 5000, outside: 0, mean: 1.5, m2: 1e5, min: -3, max: 9 },
      cells: Float64Array.from({ length: 24 }, () => 5000),
      exact: null,
      digest: { values: hundred, weights: hundred.map(() => 1000) },
      distinct: null,
      heavy: null,
    }
    const series: SketchState = {
      feature: 'trip_miles',
      flags: Float64Array.of(0, 10, 99_990, 0, 0, 0, 0, 0, 0),
      numeric,
      categorical: null,
      ...{ repeatable: 9999, repeats: 10, entityRepeatable: 5000, entityRepeats: 5 },
    }
    const [one] = fc.sample(part, { numRuns: 1, seed: 1 })
    const bytes = (features: SketchState[]) =>
      encodePart({ ...one, leaves: [{ group: 0, values: [], rows: 1, features }] })[0].value!.length
    expect(bytes([series]) - bytes([])).toBeLessThan(1500)
  })
})
