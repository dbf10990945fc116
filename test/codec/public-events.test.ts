import avsc from 'avsc'
import { type CloudEvent, Kafka } from 'cloudevents'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { cloudEventHeaders, cloudEventOf } from '../../src/codec/cloud-event.js'
import { deadLetter, decodeDeadLetter } from '../../src/codec/dead-letter.js'
import { PublicDecoder } from '../../src/codec/public-decoder.js'
import { createPublicEncoder, jsonEncoder, type PublicEncoder } from '../../src/codec/public-encoder.js'
import { readSchema } from '../../src/codec/schema-file.js'
import { registrySchemas } from '../../src/codec/writer-schemas.js'
import type { Batch, OutgoingRecord } from '../../src/core/ports.js'
import { alert, incident, parity, performance, shadow, verdict } from './events.js'
import { startRegistry } from './registry.js'
import { headerBytes } from './sketches.js'

vi.setConfig({ testTimeout: 60_000 })

let registry: Awaited<ReturnType<typeof startRegistry>>
let avro: PublicEncoder
beforeAll(async () => {
  registry = await startRegistry()
  avro = await createPublicEncoder({ registryUrl: registry.url })
})
afterAll(() => registry.stop())

describe('public events', () => {
  test('come back from Avro and from JSON as they were', async () => {
    const decoder = new PublicDecoder(registrySchemas(registry.url))
    const decoded = async ({ headers, value }: OutgoingRecord) =>
      (await decoder.decode(headerBytes(headers), value))?.event
    await fc.assert(
      fc.asyncProperty(
        alert,
        verdict,
        incident,
        performance,
        parity,
        shadow,
        async (one, other, third, fourth, fifth, sixth) => {
          for (const encoder of [avro, jsonEncoder()]) {
            expect(await decoded(encoder.alert(one))).toEqual(one)
            expect(await decoded(encoder.verdict(other))).toEqual(other)
            expect(await decoded(encoder.incident(third))).toEqual(third)
            expect(await decoded(encoder.performance(fourth))).toEqual(fourth)
            expect(await decoded(encoder.parity(fifth))).toEqual(fifth)
            expect(await decoded(encoder.shadow(sixth))).toEqual(sixth)
          }
        },
      ),
    )
  })

  test('are registered one by one, with their compatibility said', () => {
    expect(registry.configs).toEqual(
      new Map([
        ['driftline.alerts-dev.driftline.Incident', 'BACKWARD'],
        ['driftline.alerts-value', 'BACKWARD'],
        ['driftline.verdicts-dev.driftline.Parity', 'BACKWARD'],
        ['driftline.verdicts-dev.driftline.Performance', 'BACKWARD'],
        ['driftline.verdicts-dev.driftline.Shadow', 'BACKWARD'],
        ['driftline.verdicts-value', 'BACKWARD'],
      ]),
    )
    const posts = registry.requests.filter(request => request.startsWith('POST'))
    expect(posts).toEqual([
      'POST /subjects/driftline.alerts-value/versions',
      'POST /subjects/driftline.alerts-dev.driftline.Incident/versions',
      'POST /subjects/driftline.verdicts-value/versions',
      'POST /subjects/driftline.verdicts-dev.driftline.Performance/versions',
      'POST /subjects/driftline.verdicts-dev.driftline.Parity/versions',
      'POST /subjects/driftline.verdicts-dev.driftline.Shadow/versions',
    ])
  })

  test('have ISO times in JSON, and no number that JSON lacks', () => {
    const [one] = fc.sample(alert, { numRuns: 1, seed: 2 })
    const event = {
      ...one,
      window: { ...one.window, end: 1767571200000 },
      peak: { value: Number.POSITIVE_INFINITY, windowEnd: 0 },
    }
    const json = JSON.parse(Buffer.from(jsonEncoder().alert(event).value!).toString())
    expect(json.window.end).toBe('2026-01-05T00:00:00.000Z')
    expect(json.peak).toEqual({ value: Number.MAX_VALUE, windowEnd: '1970-01-01T00:00:00.000Z' })
    expect(json.kind).toBe(one.kind)
  })

  test('are CloudEvents to the CloudEvents library', () => {
    fc.assert(
      fc.property(alert, one => {
        const { key, value, headers } = jsonEncoder().alert(one)
        const message = { key, value, headers, body: value }
        const event = Kafka.toEvent({ ...message, headers: headers as Record<string, string> } as never) as CloudEvent<{
          alertId: string
        }>
        expect(event.validate()).toBe(true)
        expect(event).toMatchObject({
          id: one.id,
          type: 'dev.driftline.alert.v1',
          specversion: '1.0',
          kind: one.kind,
          status: one.status,
        })
        expect(event.time).toBe(new Date(one.window.end).toISOString())
        expect(Kafka.binary(event).headers).toMatchObject({
          ...headers,
          'content-type': expect.stringContaining('application/json'),
        })
      }),
    )
  })

  test('keep their attributes in the headers, which other records do not have', () => {
    const [datacontenttype, dataschema] = ['application/avro', 'http://r/schemas/ids/1']
    const attributes = {
      id: '1',
      source: '/driftline/taxi',
      type: 't',
      subject: 'a/b',
      time: 1767571200000,
      partitionkey: 'taxi',
      extensions: { model: 'taxi', kind: 'skew' },
    }
    const headers = headerBytes(cloudEventHeaders(attributes, datacontenttype, dataschema))
    expect(cloudEventOf(headers)).toEqual({ ...attributes, datacontenttype, dataschema })
    expect(cloudEventOf(headerBytes({ ce_id: '1', ce_type: 't' }))).toBeNull()
  })

  test('of a later version are read, and what is new in them is unknown', async () => {
    const later = JSON.parse(
      JSON.stringify(readSchema('alert.avsc')).replace('"info","warn"', '"info","catastrophic","warn"'),
    )
    later.fields.push({ name: 'mood', type: 'string' })
    const [one] = fc.sample(alert, { numRuns: 1, seed: 4 })
    const record = avro.alert(one)
    const data = avsc.Type.forSchema(readSchema('alert.avsc') as avsc.Schema).fromBuffer(
      Buffer.from(record.value!).subarray(5),
    ) as object
    registry.schemas.set(99, JSON.stringify(later))
    const bytes = avsc.Type.forSchema(later).toBuffer({ ...data, severity: 'catastrophic', mood: 'bad' })
    const value = Buffer.concat([Buffer.of(0, 0, 0, 0, 99), bytes])
    const decoder = new PublicDecoder(registrySchemas(registry.url))
    const event = await decoder.decode(headerBytes(record.headers), value)
    expect(event).toMatchObject({ type: 'alert', event: { id: one.id, severity: 'unknown' } })
    expect(await decoder.decode(headerBytes(record.headers), value.subarray(0, 40))).toBeNull()
    expect(await decoder.decode(headerBytes(record.headers), Buffer.of(0, 0, 0, 0, 98))).toBeNull()
  })
})

describe('dead letter', () => {
  test('keeps the record as it came, and says why, whence and what to do', () => {
    const bytes = Buffer.from('{"broken')
    const batch: Batch = {
      topic: 'serving',
      partition: 2,
      size: 1,
      nextOffset: 8,
      highWatermark: 8,
      offset: () => 7,
      value: () => bytes,
      memory: () => bytes,
      valueStart: () => 0,
      valueEnd: () => bytes.length,
      key: () => Buffer.from('k'),
      timestamp: () => 1767571200000,
      headers: () => ({ trace: Buffer.from('abc') }),
    }
    const letter = deadLetter(batch, 0, 'not-json', 1767571200001)
    const original = Buffer.from(bytes)
    bytes.fill(0)
    expect(Buffer.from(letter.value!)).toEqual(original)
    const said = decodeDeadLetter(headerBytes(letter.headers))
    expect(said).toMatchObject({
      cause: 'not-json',
      topic: 'serving',
      partition: 2,
      offset: 7,
      time: '2026-01-05T00:00:00.001Z',
    })
    expect(said?.remedy).toMatch(/serving.format/)
    expect(Object.keys(said!.headers)).toEqual(['trace'])
    expect(decodeDeadLetter({ trace: Buffer.from('abc') })).toBeNull()
  })
})
