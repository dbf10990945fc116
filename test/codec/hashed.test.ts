import avsc from 'avsc'
import { expect, it } from 'vitest'
import { hashBytes, utf8 } from '../../src/core/dictionary.js'
import { READ } from '../../src/core/ports.js'
import { Layout, TEXT } from '../../src/core/row.js'
import { cells, monitorOf, topicOf, wire } from './rows.js'

const hash = (text: string): string => `h:${Buffer.from(text).toString('hex').padEnd(16, '0').slice(0, 16)}`
const hashing = { slots: new Set(['who']), of: hash }
const long = 'x'.repeat(500)

/** What the wire may hold for one category, with its Avro type and its text. */
const WIRE: readonly [type: avsc.Schema, value: unknown, text: string][] = [
  ['string', 'ann', 'ann'],
  ['string', 'somebody with a longer name', 'somebody with a longer name'],
  ['string', 'Zoë', 'Zoë'],
  ['string', '', ''],
  ['string', long, long],
  [{ type: 'enum', name: 'Who', symbols: ['ann', 'bob'] }, 'bob', 'bob'],
  ['int', 42, '42'],
  ['double', 0.5, '0.5'],
  ['boolean', true, 'true'],
]

/** A topic of one event in which `who` has the value. */
async function topicWith(format: 'avro' | 'json', type: avsc.Schema, value: unknown, known: readonly string[]) {
  const features = {
    type: 'record',
    name: 'F',
    fields: [
      { name: 'who', type },
      { name: 'city', type: 'string' },
    ],
  }
  const fields = [
    { name: 'id', type: 'string' },
    { name: 'at', type: 'long' },
    { name: 'features', type: features },
  ]
  const schema = { type: 'record', name: 'E', fields } as avsc.Schema
  const layout = new Layout(true, 100, hashing)
  for (const text of known) layout.slots[layout.add('who', 'auto')]!.dictionary.add(hash(text))
  const topic = topicOf(monitorOf({ format }), { 1: schema as object }, layout)
  const event = { id: 'r1', at: 1000, features: { who: value, city: 'ann' } }
  const avro = (): Uint8Array => wire(1, avsc.Type.forSchema(schema).toBuffer(event))
  const bytes = format === 'json' ? Buffer.from(JSON.stringify(event)) : avro()
  await topic.reader.prepare(bytes)
  return { ...topic, bytes }
}

const CASES = (['avro', 'json'] as const).flatMap(format =>
  WIRE.map(([type, value, text]) => ({ format, type, value, text })),
)

it.each(CASES)(
  '$format $type $value is read as the hash of its text, known or not',
  async ({ format, type, value, text }) => {
    for (const known of [[], [text]]) {
      const { read, row, layout, bytes } = await topicWith(format, type, value, known)
      // The second time its hash is known.
      for (let i = 0; i < 2; i++) {
        expect(read(bytes)).toBe(READ)
        expect(cells(row)).toEqual({ who: [TEXT, hash(text)], city: [TEXT, 'ann'] })
        const slot = layout.indexOf('who')
        expect(row.categories[slot]! >= 0).toBe(known.length > 0)
        const hashed = utf8(hash(text))
        if (known.length === 0) expect(row.hashes[slot]).toBe(hashBytes(hashed, 0, hashed.length))
      }
    }
  },
)
