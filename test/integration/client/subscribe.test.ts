import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type AlertEvent,
  type AlertMeta,
  type IncidentEvent,
  type SubscribeOptions,
  type Subscription,
  subscribe,
} from '../../../src/client/index.js'
import { createPublicEncoder, jsonEncoder } from '../../../src/codec/public-encoder.js'
import type { OutgoingRecord } from '../../../src/core/ports.js'
import { KafkaLog } from '../../../src/log/kafka/kafka-log.js'
import { alertSample } from '../../client/alert-sample.js'
import { incidentSample } from '../../client/incident-sample.js'
import { startKafka } from '../../services/launch.js'
import { brokers, createTopic, fresh, registryUrl } from '../kafka.js'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const json = jsonEncoder()
const alert = (more: Partial<AlertEvent> = {}, partition = 0): OutgoingRecord => ({
  ...json.alert(alertSample(more)),
  partition,
})

describe('a subscription', () => {
  const open: Subscription[] = []
  const told: string[] = []
  let logs: KafkaLog[] = []

  afterEach(async () => {
    await Promise.all(open.splice(0).map(one => one.close()))
    await Promise.all(logs.map(log => log.close()))
    logs = []
    told.length = 0
  })

  async function publish(topic: string, ...all: OutgoingRecord[]): Promise<void> {
    if (logs.length === 0) logs.push(new KafkaLog({ brokers: brokers(), logger: quiet }))
    await logs[0]!.append(topic, all)
  }

  async function listen(
    options: Partial<SubscribeOptions> & { topic: string },
    handler: (alert: AlertEvent, meta: AlertMeta) => Promise<void> | void = () => {},
  ): Promise<{ seen: [string, number][]; metas: AlertMeta[]; subscription: Subscription }> {
    const seen: [string, number][] = []
    const metas: AlertMeta[] = []
    const subscription = subscribe(
      {
        brokers: brokers(),
        groupId: fresh('group'),
        from: 'earliest',
        onError: ({ message }) => told.push(message),
        ...options,
      },
      async (one, meta) => {
        await handler(one, meta)
        seen.push([one.alertId, one.sequence])
        metas.push(meta)
      },
    )
    open.push(subscription)
    await subscription.ready
    return { seen, metas, subscription }
  }

  const until = (holds: () => boolean) => vi.waitUntil(holds, { timeout: 30_000, interval: 20 })

  it('hands over Avro and JSON events alike, as they were published', async () => {
    const topic = await createTopic('alerts', 1)
    const avro = await createPublicEncoder({
      registryUrl: registryUrl(),
      topics: { alert: topic, verdict: fresh('verdicts') },
    })
    const whole: AlertEvent[] = []
    const { metas } = await listen({ topic, registryUrl: registryUrl() }, one => void whole.push(one))
    const second = alertSample({ alertId: 'a2', kind: 'quality', suggestedAction: 'investigate' })
    await publish(topic, alert(), avro.alert(second))
    await until(() => whole.length === 2)
    expect(whole).toEqual([alertSample(), second])
    expect(metas[0]).toEqual({
      topic,
      partition: 0,
      offset: 0,
      source: '/driftline/taxi-tips',
      id: alertSample().id,
      gap: 0,
      attempt: 1,
    })
    expect(told).toEqual([])
  })

  it('hands over incidents in Avro and in JSON, to their own handler', async () => {
    const topic = await createTopic('alerts', 1)
    const avro = await createPublicEncoder({
      registryUrl: registryUrl(),
      topics: { alert: topic, verdict: fresh('verdicts') },
    })
    const incidents: IncidentEvent[] = []
    const subscription = subscribe(
      { brokers: brokers(), groupId: fresh('group'), from: 'earliest', topic, registryUrl: registryUrl() },
      { onIncident: incident => void incidents.push(incident) },
    )
    open.push(subscription)
    await subscription.ready
    const second = incidentSample({ sequence: 2, status: 'resolved', suggestedAction: 'none' })
    await publish(topic, avro.incident(incidentSample()), alert(), json.incident(second))
    await until(() => incidents.length === 2)
    expect(incidents).toEqual([incidentSample(), second])
    expect(subscription.stats()).toMatchObject({ handled: 2, foreign: 1 })
  })

  it('leaves out repeated and older events, and tells of gaps', async () => {
    const topic = await createTopic('alerts', 1)
    const { seen, metas, subscription } = await listen({ topic })
    const steps = [1, 2, 2, 1, 5, 3, 6].map(sequence => alert({ sequence }))
    // The same step judged again under another monitor has another id, and is an older sequence all the same.
    await publish(topic, ...steps, alert({ sequence: 6, id: 'another' }), alert({ alertId: 'b', sequence: 4 }))
    await until(() => seen.length === 5)
    expect(seen).toEqual([
      ['a1', 1],
      ['a1', 2],
      ['a1', 5],
      ['a1', 6],
      ['b', 4],
    ])
    expect(metas.map(({ gap }) => gap)).toEqual([0, 0, 2, 0, null])
    expect(subscription.stats()).toMatchObject({ read: 9, handled: 5, duplicates: 4 })
  })

  it('calls a handler that fails again with the same event, and lets nothing overtake it', async () => {
    const topic = await createTopic('alerts', 1)
    let failures = 0
    const { seen, metas, subscription } = await listen({ topic }, ({ sequence }) => {
      if (sequence === 2 && failures < 2) throw new Error(`the pager is down (${++failures})`)
    })
    await publish(topic, ...[1, 2, 3].map(sequence => alert({ sequence })))
    await until(() => seen.length === 3)
    expect(seen).toEqual([
      ['a1', 1],
      ['a1', 2],
      ['a1', 3],
    ])
    expect(metas.map(({ attempt }) => attempt)).toEqual([1, 3, 1])
    expect(told).toEqual([
      expect.stringMatching(/failed on alert a1 .*attempt 1: the pager is down/),
      expect.stringMatching(/attempt 2/),
    ])
    expect(subscription.stats()).toMatchObject({ handled: 3, failures: 2, duplicates: 0 })
  })

  it('goes on where its group was, also over what came while nobody was there', async () => {
    const topic = await createTopic('alerts', 2)
    const groupId = fresh('group')
    const first = await listen({ topic, groupId, from: 'latest' })
    await publish(topic, alert({ alertId: 'x' }), alert({ alertId: 'y' }, 1))
    await until(() => first.seen.length === 2)
    await first.subscription.close()
    await publish(topic, alert({ alertId: 'x', sequence: 2 }), alert({ alertId: 'z' }, 1))
    const second = await listen({ topic, groupId, from: 'latest' })
    await until(() => second.seen.length === 2)
    await publish(topic, alert({ alertId: 'x', sequence: 3 }))
    await until(() => second.seen.length === 3)
    expect(second.seen.map(String).sort()).toEqual(['x,2', 'x,3', 'z,1'])
  })

  it('begins with what comes from now on, unless told', async () => {
    const topic = await createTopic('alerts', 1)
    await publish(topic, alert({ alertId: 'before' }))
    await new Promise(resolve => setTimeout(resolve, 5))
    const { seen } = await listen({ topic, from: 'latest' })
    await publish(topic, alert({ alertId: 'after' }))
    await until(() => seen.length === 1)
    expect(seen).toEqual([['after', 1]])
  })

  it('shares the alerts among the members of a group, and hands each on once', async () => {
    const topic = await createTopic('alerts', 4)
    const groupId = fresh('group')
    const members = [await listen({ topic, groupId }), await listen({ topic, groupId })]
    const all: string[] = []
    // Both are settled when both are handed something.
    for (let round = 0; members.some(({ seen }) => seen.length === 0); round++) {
      for (let partition = 0; partition < 4; partition++) {
        const alertId = `r${round}p${partition}`
        all.push(alertId)
        await publish(topic, alert({ alertId }, partition))
      }
      await until(() => members.flatMap(({ seen }) => seen).length >= all.length)
    }
    const handled = members.flatMap(({ seen }) => seen.map(([alertId]) => alertId))
    expect([...new Set(handled)].sort()).toEqual([...all].sort())
  })

  it('filters by headers without decoding', async () => {
    const topic = await createTopic('alerts', 1)
    const { seen, subscription } = await listen({ topic, where: { severity: ['major', 'critical'], status: 'firing' } })
    const broken = { ...alert({ alertId: 'c', severity: 'info' }), value: Buffer.from('never read') }
    await publish(
      topic,
      alert({ alertId: 'a', severity: 'warn' }),
      broken,
      alert({ alertId: 'b', severity: 'critical' }),
    )
    await until(() => seen.length === 1)
    expect(seen).toEqual([['b', 1]])
    expect(subscription.stats()).toMatchObject({ filtered: 2, unreadable: 0 })
  })

  it('skips what nobody can read, and says where it is', async () => {
    const topic = await createTopic('alerts', 1)
    const { seen } = await listen({ topic })
    await publish(
      topic,
      { key: null, value: Buffer.from('no event') },
      { ...alert(), value: Buffer.from('{') },
      alert({ alertId: 'b' }),
    )
    await until(() => seen.length === 1)
    expect(told).toEqual(
      [0, 1].map(offset => expect.stringContaining(`${topic}/0, offset ${offset} is no alert event`)),
    )
  })

  it('waits for the handler at work when it is closed, and does not begin another', async () => {
    const topic = await createTopic('alerts', 1)
    const groupId = fresh('group')
    let finish = () => {}
    let calls = 0
    const { seen, subscription } = await listen({ topic, groupId }, () => {
      calls++
      return new Promise(resolve => (finish = resolve))
    })
    await publish(topic, alert({ alertId: 'a' }), alert({ alertId: 'b' }))
    await until(() => calls === 1)
    const closed = subscription.close()
    setTimeout(finish, 100)
    await closed
    expect([seen, calls]).toEqual([[['a', 1]], 1])
    const next = await listen({ topic, groupId })
    await until(() => next.seen.length === 1)
    expect(next.seen).toEqual([['b', 1]])
  })

  it('says which address or topic is wrong', async () => {
    await expect(listen({ topic: fresh('no-such') })).rejects.toThrow(/has no topic "no-such/)
    await expect(listen({ topic: 't', brokers: ['127.0.0.1:1'] })).rejects.toThrow(/127\.0\.0\.1:1/)
  })

  it('waits out a broker that crashes, tells once, and goes on without loss', async () => {
    const kafka = await startKafka()
    const own = new KafkaLog({ brokers: kafka.brokers, logger: quiet })
    const back: string[] = []
    try {
      const topic = await createTopic('alerts', 1, kafka.brokers)
      const { seen, subscription } = await listen({
        topic,
        brokers: kafka.brokers,
        onRecovery: message => back.push(message),
      })
      await own.append(topic, [alert({ sequence: 1 })])
      await until(() => seen.length === 1)
      await kafka.crash()
      await vi.waitUntil(() => told.length > 0, 60_000)
      await kafka.start()
      await own.append(topic, [alert({ sequence: 2 })])
      await vi.waitUntil(() => seen.length === 2 && back.length > 0, 90_000)
      expect(seen).toEqual([
        ['a1', 1],
        ['a1', 2],
      ])
      expect(told).toEqual([expect.stringContaining(kafka.brokers[0]!)])
      expect(back).toHaveLength(1)
      await subscription.close()
    } finally {
      await own.close()
      await kafka.stop()
    }
  })
})
