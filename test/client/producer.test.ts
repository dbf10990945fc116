import { afterEach, describe, expect, it, vi } from 'vitest'
import { createProducer, DriftlineError, type FeatureProducer, type ProducerOptions } from '../../src/client/index.js'
import { OutageNotices } from '../../src/client/outage-notices.js'

/** Nobody listens there. */
const NOWHERE = '127.0.0.1:1'
const event = (n: number) => ({ requestId: `r${n}`, model: 'm', eventTime: 1.7e12, features: { x: n } })

describe('a producer without Kafka', () => {
  let producer: FeatureProducer | null = null
  const open = (more: Partial<ProducerOptions>): FeatureProducer =>
    (producer = createProducer({
      brokers: [NOWHERE],
      topic: 't',
      labelsTopic: 'l',
      format: 'json',
      onError() {},
      ...more,
    }))
  afterEach(async () => {
    await producer?.close({ timeoutMs: 0 })
  })

  it('takes events up to its bound, counts the others, and throws nothing', () => {
    const { features, stats } = open({ maxBuffered: 10 })
    const taken = Array.from({ length: 15 }, (_, n) => features(event(n)))
    expect(taken).toEqual([...Array(10).fill(true), ...Array(5).fill(false)])
    expect(stats().features).toMatchObject({ offered: 15, accepted: 10, sent: 0, buffered: 10, pressure: 1 })
    expect(stats().features.declined).toEqual({ sampledOut: 0, bufferFull: 5, invalid: 0, closed: 0 })
  })

  it('tells of a full buffer by throwing only in the mode strict, and says what to do', () => {
    const { features } = open({ maxBuffered: 1, mode: 'strict' })
    features(event(1))
    expect(() => features(event(2))).toThrow(DriftlineError)
    expect(() => features(event(2))).toThrow(/topic "t" is not taken: 1 events wait for Kafka already; .*drain\(\)/)
  })

  it('counts what has no request id or cannot be written, and tells the first', () => {
    const told: string[] = []
    const { features, stats } = open({ onError: ({ message }) => told.push(message) })
    const loop: { requestId: string; self?: object } = { requestId: 'r' }
    loop.self = loop
    for (const bad of [null, 7, {}, { requestId: '' }, loop]) expect(features(bad as never)).toBe(false)
    expect(stats().features.declined.invalid).toBe(5)
    expect(told).toHaveLength(1)
  })

  it('samples features and labels of a request together', () => {
    const { features, labels, stats } = open({ sampleRate: 0.3, maxBuffered: 5000 })
    for (let n = 0; n < 2000; n++)
      expect(labels({ requestId: `r${n}`, labelledAt: 1, value: true })).toBe(features(event(n)))
    expect(stats().features.declined.sampledOut).toBe(2000 - stats().features.accepted)
    expect(stats().features.accepted / 2000).toBeCloseTo(0.3, 1)
  })

  it('tells the lost broker once, with its address, and on closing what is lost', async () => {
    const told: DriftlineError[] = []
    const { features, flush, close } = open({ onError: error => told.push(error) })
    features(event(1))
    await vi.waitUntil(() => told.length > 0, 20_000)
    expect(await flush({ timeoutMs: 1 })).toBe(false)
    expect(told.map(({ message }) => message)).toEqual([
      expect.stringMatching(/Sending to topic "t" failed.*127\.0\.0\.1:1/),
    ])
    const { features: counts } = await close({ timeoutMs: 0 })
    expect(counts).toMatchObject({ accepted: 1, sent: 0, buffered: 0, dropped: { refused: 0, abandoned: 1 } })
    expect(told[1]?.message).toMatch(/1 events for topic "t" were not acknowledged .* lost.*127\.0\.0\.1:1/)
    expect(features(event(2))).toBe(false)
  }, 30_000)

  it('keeps the events while the registry is away, and names its address', async () => {
    const told: string[] = []
    const onError = ({ message }: DriftlineError) => told.push(message)
    const { features, stats } = open({ format: 'avro', registryUrl: 'http://127.0.0.1:1', onError })
    features(event(1))
    features(event(2))
    await vi.waitUntil(() => told.length > 0, 20_000)
    expect(told).toEqual([expect.stringMatching(/schema registry at http:\/\/127\.0\.0\.1:1 does not answer/)])
    expect(stats()).toMatchObject({
      features: { accepted: 2, buffered: 2 },
      outage: expect.stringContaining('topic "t"'),
    })
  }, 30_000)

  it('tells of pressure, and lets those go who wait for room when it is closed', async () => {
    const pressed: boolean[] = []
    const { features, featuresAsync, drain, close } = open({ maxBuffered: 4, onPressure: one => pressed.push(one) })
    for (let n = 0; n < 4; n++) features(event(n))
    expect(pressed).toEqual([true])
    const waiting = [featuresAsync(event(5)), drain()] as const
    await close({ timeoutMs: 0 })
    expect(await waiting[0]).toBe(false)
    await waiting[1]
  })

  it('needs a topic for labels, and says so once', () => {
    const told: string[] = []
    const { labels } = createProducer({
      brokers: [NOWHERE],
      topic: 't',
      format: 'json',
      onError: one => told.push(one.message),
    })
    const label = { requestId: 'r', labelledAt: 1, value: 1 }
    expect([labels(label), labels(label)]).toEqual([false, false])
    expect(told).toEqual([expect.stringContaining('labelsTopic')])
  })

  it.each([
    [{ brokers: [] }, /option brokers: expected at least one/],
    [{ brokers: ['kafka'] }, /option brokers: expected host:port, found "kafka"/],
    [{ topic: 'a b' }, /option topic/],
    [{ sampleRate: 0 }, /option sampleRate/],
    [{ maxBuffered: 0 }, /option maxBuffered/],
    [{ format: 'avro' }, /option registryUrl/],
  ] as const)('refuses options that make no sense: %o', (wrong, message) => {
    expect(() => createProducer({ brokers: [NOWHERE], topic: 't', format: 'json', ...wrong })).toThrow(message)
  })
})

it('an outage is told once when it begins and once when it ends, whatever the caller’s functions do', () => {
  const told: string[] = []
  const notices = new OutageNotices({
    onError({ message }) {
      told.push(message)
      throw new Error('a fault of the caller')
    },
    onRecovery: message => told.push(message),
  })
  const error = new DriftlineError('infrastructure', 'gone')
  for (let n = 0; n < 3; n++) notices.began('sending', error)
  expect(notices.current).toBe('sending')
  notices.ended('sending')
  notices.ended('sending')
  notices.began('sending', error)
  expect(told).toEqual(['gone', expect.stringMatching(/^sending works again, after/), 'gone'])
})
