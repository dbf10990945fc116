// Our decoder against kafkajs's own, on batches that kafkajs encodes.
import { createRequire } from 'node:module'
import fc from 'fast-check'
import type { KafkaMessage } from 'kafkajs'
import { expect, it } from 'vitest'
import { registerCodecs } from '../../src/log/kafka/codecs.js'
import type { FetchedRecords } from '../../src/log/kafka/fetched-records.js'
import { decodeRecordBatches } from '../../src/log/kafka/record-batches.js'

const require = createRequire(import.meta.url)
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0')
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0')
const stockBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder')
const Decoder = require('kafkajs/src/protocol/decoder')
const filterAborted = require('kafkajs/src/consumer/filterAbortedMessages')
registerCodecs()

const bytes = fc.option(
  fc.uint8Array({ maxLength: 300 }).map(b => Buffer.from(b)),
  { nil: null },
)
const record = fc.record({
  gap: fc.integer({ min: 1, max: 400 }),
  since: fc.oneof(fc.integer({ min: -5000, max: 5000 }), fc.constantFrom(2 ** 31, 2 ** 33, -(2 ** 33))),
  key: bytes,
  value: bytes,
  headers: fc.dictionary(
    fc.string({ minLength: 1, maxLength: 6 }).filter(n => n !== '__proto__'),
    fc.string({ maxLength: 9 }),
    { maxKeys: 3 },
  ),
})
const batch = fc.record({
  codec: fc.constantFrom(0, 0, 1, 2, 3, 4),
  records: fc.array(record, { minLength: 1, maxLength: 20 }),
  tail: fc.nat(50),
  transactional: fc.boolean(),
  producer: fc.integer({ min: 1, max: 3 }),
  stamped: fc.boolean(),
})
type Written = typeof batch extends fc.Arbitrary<infer T> ? T : never
type Headers = Readonly<Record<string, Uint8Array | readonly Uint8Array[]>>

async function encode(one: Written, first: number) {
  let delta = -1
  const records = one.records.map(r =>
    encodeRecord({
      offsetDelta: (delta += r.gap),
      timestampDelta: r.since,
      key: r.key,
      value: r.value,
      headers: r.headers,
    }),
  )
  const encoded = await RecordBatch({
    compression: one.codec,
    firstOffset: first,
    firstTimestamp: 1.77e12,
    maxTimestamp: 1.78e12,
    partitionLeaderEpoch: 0,
    producerId: one.producer,
    producerEpoch: 0,
    firstSequence: 0,
    lastOffsetDelta: delta + one.tail,
    transactional: one.transactional,
    records,
  })
  const out = Buffer.from(encoded.buffer)
  if (one.stamped) out.writeInt16BE(out.readInt16BE(21) | 8, 21)
  out.writeInt32BE(delta + one.tail, 23) // holes that compaction leaves at the end
  return { out, next: first + delta + one.tail + 1 }
}
async function stock(all: Buffer) {
  const decoder = new Decoder(all)
  const records = []
  while (decoder.canReadBytes(49)) records.push(...(await stockBatch(decoder)).records)
  return records
}
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'))
const header = (h: Headers) =>
  Object.fromEntries(Object.entries(h).map(([k, v]) => [k, text(v instanceof Uint8Array ? v : v.at(-1)!)]))
const plain = (r: FetchedRecords, i: number) => ({
  offset: r.offsets[i],
  timestamp: r.timestamps[i],
  key: hex(r.key(i)),
  value: hex(r.value(i)),
  inPlace: r.valueEnd(i) < 0 ? null : hex(r.memory(i).subarray(r.valueStart(i), r.valueEnd(i))),
  headers: header(r.headers(i)),
})
const theirs = (m: KafkaMessage) => ({
  offset: Number(m.offset),
  timestamp: Number(m.timestamp),
  key: hex(m.key),
  value: hex(m.value),
  inPlace: hex(m.value),
  headers: header(m.headers as Headers),
})

it('reads what kafkajs reads: codecs, nulls, headers, holes, stamps, a batch cut off, aborted producers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(batch, { minLength: 1, maxLength: 4 }),
      fc.nat(60),
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      async (batches, cut, producer, abort) => {
        let first = 2 ** 33
        const outs: Buffer[] = []
        for (const one of batches) {
          const { out, next } = await encode(one, first)
          outs.push(out)
          first = next
        }
        const whole = Buffer.concat(outs)
        const ours = (await decodeRecordBatches(
          Buffer.concat([whole, outs[0]!.subarray(0, Math.min(cut, outs[0]!.length - 1))]),
          abort ? [{ producer: BigInt(producer), from: 2 ** 33 }] : [],
        ))!
        const kept = filterAborted({
          messages: await stock(whole),
          abortedTransactions: abort ? [{ producerId: String(producer), firstOffset: String(2 ** 33) }] : [],
        })
        expect(Array.from({ length: ours.size }, (_, i) => plain(ours, i))).toEqual(kept.map(theirs))
        expect(ours.nextOffset).toBe(first)
        for (let i = 0; i < ours.size; i++) expect(ours.firstAt(ours.offsets[i]!)).toBe(i)
      },
    ),
    { numRuns: 300 },
  )
}, 60_000)
