import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { BaselineTable, encodeBaseline } from '../../src/codec/baseline.js'
import { FEATURE, featureOf, featureRecords } from '../../src/codec/baseline-feature.js'
import type { OutgoingRecord } from '../../src/core/ports.js'
import { baseline, headerBytes } from './sketches.js'

function applied(table: BaselineTable, records: readonly OutgoingRecord[]): BaselineTable {
  for (const { key, value, headers } of records) table.apply(Buffer.from(key!), value, headerBytes(headers))
  return table
}

vi.setConfig({ testTimeout: 60_000 })

describe('baseline', () => {
  test('is in the table once all its records are there, in any order', () => {
    const shuffled = baseline.chain(one => {
      const records = encodeBaseline(one)
      return fc.record({ one: fc.constant(one), order: fc.shuffledSubarray(records, { minLength: records.length }) })
    })
    fc.assert(
      fc.property(shuffled, ({ one, order }) => {
        const table = applied(new BaselineTable(), order.slice(0, -1))
        expect(table.of(one.model)).toEqual([])
        expect(applied(table, order.slice(-1)).of(one.model)).toEqual([one])
        expect(applied(table, order).of(one.model)).toEqual([one])
        const tombstones = order.map(({ key }) => ({ key, value: null }))
        expect(applied(table, tombstones).of(one.model)).toEqual([])
      }),
    )
  })

  test('keeps versions apart and in order', () => {
    const [one] = fc.sample(baseline, { numRuns: 1, seed: 5 })
    const versions = [11, 2, 1].map(version => ({ ...one, version }))
    const table = applied(new BaselineTable(), versions.flatMap(encodeBaseline))
    expect(table.of(one.model).map(({ version }) => version)).toEqual([1, 2, 11])
    expect(table.of('another')).toEqual([])
    expect(table.models()).toEqual([one.model])
  })

  test('splits a feature whose segments do not fit into one record', () => {
    fc.assert(
      fc.property(baseline, one => {
        for (const feature of one.features) {
          const records = featureRecords(one, feature, 300)
          expect(featureOf(records.map(record => FEATURE.decode(record)!))).toEqual(feature)
        }
      }),
    )
  })
})
