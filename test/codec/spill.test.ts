import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Spill } from '../../src/codec/spill.js'
import { Layout, Row } from '../../src/core/row.js'

const decoder = new TextDecoder()

describe('texts beside a record', () => {
  it('are read back from one array with the record, wherever in a fetch that lies and however many there are', () => {
    const spill = new Spill()
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            before: fc.nat(5000),
            record: fc.uint8Array({ maxLength: 300 }),
            texts: fc.array(fc.string({ unit: 'grapheme', maxLength: 2000 }), { maxLength: 5 }),
          }),
          { maxLength: 5 },
        ),
        rows => {
          const row = new Row(new Layout(true, 4))
          for (const { before, record, texts } of rows) {
            const fetched = new Uint8Array(before + record.length + 10).fill(255)
            fetched.set(record, before)
            const untouched = fetched.slice()
            row.bytes = fetched
            spill.beginAt(before, before + record.length)
            const places = texts.map(text => {
              spill.add(row, text)
              return [spill.from, spill.from + spill.length]
            })
            expect(Uint8Array.from(row.bytes.subarray(before, before + record.length))).toEqual(record)
            expect(places.map(([from, to]) => decoder.decode(row.bytes.subarray(from, to)))).toEqual(
              texts.map(text => decoder.decode(new TextEncoder().encode(text))),
            )
            expect(fetched).toEqual(untouched)
          }
        },
      ),
    )
  })

  it('stand alone where the record has no bytes of its own', () => {
    const spill = new Spill()
    const row = new Row(new Layout(true, 4))
    for (const texts of [['a', 'ü'.repeat(3000), 'c'], ['d']]) {
      spill.begin(row)
      const places = texts.map(text => {
        spill.add(row, text)
        return [spill.from, spill.from + spill.length]
      })
      expect(places.map(([from, to]) => decoder.decode(row.bytes.subarray(from, to)))).toEqual(texts)
      expect(places[0][0]).toBe(0)
    }
  })
})
