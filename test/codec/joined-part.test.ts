import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeInternal } from '../../src/codec/internal.js'
import { encodeJoinedPart, type JoinedChunk, JoinedPartAssembler } from '../../src/codec/joined-part.js'
import type { JoinedPart } from '../../src/core/performance/joined-part.js'
import type { OutgoingRecord } from '../../src/core/ports.js'
import { joinedPart } from './scores.js'
import { headerBytes } from './sketches.js'

function chunkOf({ headers, value }: OutgoingRecord): JoinedChunk {
  const message = decodeInternal(headerBytes(headers), value)
  if (message?.type !== 'joined-part') throw new Error('not a joined part')
  return message.chunk
}

function assembled(records: readonly OutgoingRecord[]): JoinedPart[] {
  const assembler = new JoinedPartAssembler()
  return records.flatMap((record, i) => assembler.add(chunkOf(record), i) ?? [])
}

describe('a joined part', () => {
  test('comes back as it was', () => {
    fc.assert(fc.property(joinedPart, part => void expect(assembled(encodeJoinedPart(part))).toEqual([part])))
  })

  test('comes back from chunks in any order, once, each within its size where one leaf fits', () => {
    const [part] = fc.sample(joinedPart, { numRuns: 1, seed: 11 })
    const leaves = Array.from({ length: 40 }, (_, i) => ({
      segment: { city: `${i}` },
      outputs: [
        {
          ...{ type: 'multiclass' as const, classes: ['a', 'b'], n: Float64Array.of(i, -1), unusable: 0 },
          confusion: { predicted: Int32Array.of(0), label: Int32Array.of(1), count: Float64Array.of(i) },
        },
      ],
    }))
    const records = encodeJoinedPart({ ...part, leaves }, 600)
    expect(records.length).toBeGreaterThan(3)
    for (const { value } of records) expect(value!.length).toBeLessThanOrEqual(600)
    expect(assembled([...records].reverse())).toEqual([{ ...part, leaves }])
  })

  test('of the future, or cut off, is passed over', () => {
    const [part] = fc.sample(joinedPart, { numRuns: 1, seed: 12 })
    const [{ value, headers }] = encodeJoinedPart(part)
    expect(decodeInternal(headerBytes(headers), value!.subarray(0, 20))).toBeNull()
    expect(decodeInternal({ ...headerBytes(headers), 'schema-version': Buffer.from('99') }, value)).toBeNull()
  })
})
