import { describe, expect, it, vi } from 'vitest'
import { type Answer, scopeOf } from '../../src/core/alert/answer.js'
import type { AlertEvent } from '../../src/core/alert/event.js'
import { give } from '../../src/service/answers.js'
import { Knowledge } from '../../src/service/knowledge.js'
import type { Random } from '../random.js'
import { HOUR, monitorOf, record, rides, T0, trained, usual } from './rides.js'
import { Site } from './site.js'

vi.setConfig({ testTimeout: 30_000 })

const monitor = monitorOf({ segments: {} })
const baselines = [trained(monitor)]

/** Dearer in the hours [2, 8), and once more from 11 on. */
const hourly = (random: Random, time: number) => {
  const hour = (time - T0) / HOUR
  const features = usual(random)
  return (hour >= 2 && hour < 8) || hour >= 11 ? { ...features, fare: 3 * (features.fare as number) } : features
}
const HOURS = 13
const served = rides({ seed: 4, from: T0, hours: HOURS, perHour: 300, features: hourly })

/** What is said after the events of an hour, of the alerts there are then. */
type Said = Readonly<Record<number, (alerts: readonly AlertEvent[]) => Partial<Answer> | readonly Partial<Answer>[]>>

let count = 0
function answerOf(said: Partial<Answer>): Answer {
  const none = { alertId: null, scope: null, until: null, note: null, action: 'ack' } as const
  return { id: `answer-${count++}`, model: 'rides', ...none, by: 'ann', at: 0, ...said }
}

/** @param disturb done after each hour */
async function run(said: Said, disturb: (site: Site, hour: number) => Promise<void> = async () => {}): Promise<Site> {
  const site = await Site.with({ topics: { rides: 2 }, baselines, now: T0, panesPartitions: 2 }, [monitor])
  for (let hour = 0; hour < HOURS; hour++) {
    const some = served.filter(({ eventTime }) => Math.floor((eventTime - T0) / HOUR) === hour)
    for (let i = 0; i < some.length; i += 50) {
      const few = some.slice(i, i + 50)
      const records = few.map(one => record(one))
      await site.send('rides', records, few.at(-1)!.eventTime)
      await site.pass(1000)
    }
    const answers = said[hour]?.(psi(await site.alerts())) ?? []
    for (const one of [answers].flat()) await give(site.log, answerOf({ at: site.now, ...one }))
    await site.log.run()
    await disturb(site, hour)
  }
  await site.finish()
  return site
}

/** Events of one check, each once. */
function psi(alerts: readonly AlertEvent[]): AlertEvent[] {
  const found = alerts.filter(({ check, series }) => check === 'psi' && series.feature === 'fare')
  return [...new Map(found.map(alert => [alert.id, alert])).values()]
}

/** Window end in hours, status, sequence, and what the operator has to do with it. */
const told = (alerts: readonly AlertEvent[]) =>
  psi(alerts).map(({ window, status, sequence, operator: { state, by } }) => [
    (window.end - T0) / HOUR,
    status,
    sequence,
    ...(by === null ? [] : [`${state} ${by}`]),
  ])

const first = (alerts: readonly AlertEvent[]): AlertEvent => alerts[0]!
const BEFORE = [[3, 'firing', 1]]
const AGAIN = [[12, 'firing', 1]]
const restart = async (site: Site): Promise<void> => {
  await site.kill(site.instances.at(-1)!)
  await site.start([monitor])
}

describe('an operator who', () => {
  it('says nothing hears of the beginning and the end', async () => {
    const site = await run({})
    expect(told(await site.alerts())).toEqual([...BEFORE, [11, 'resolved', 2], ...AGAIN])
  })

  it('mutes an alert hears nothing until then, of what still fires then once, and of its end', async () => {
    const site = await run({
      4: alerts => ({
        action: 'mute',
        alertId: first(alerts).alertId,
        scope: scopeOf(first(alerts)),
        until: T0 + 6 * HOUR,
      }),
    })
    const alerts = await site.alerts()
    expect(told(alerts)).toEqual([...BEFORE, [6, 'ongoing', 2], [11, 'resolved', 3], ...AGAIN])
    expect(psi(alerts)[1]!.reason).toBe('still firing after a mute')
  })

  it('mutes beyond the end hears of neither end nor what opens in the mute, until it is over', async () => {
    const feature = { modelVersion: null, segment: null, feature: 'fare', check: null }
    const site = await run({ 4: () => ({ action: 'mute', scope: feature, until: T0 + 13 * HOUR }) })
    const alerts = await site.alerts()
    expect(told(alerts)).toEqual([...BEFORE, [13, 'firing', 1]])
    const other = await run({ 0: () => ({ action: 'mute', scope: { ...feature, feature: 'tolls' }, until: null }) })
    expect(told(await other.alerts())).toEqual([...BEFORE, [11, 'resolved', 2], ...AGAIN])
  })

  it('ends an alert in its mute is heard all the same', async () => {
    const about = (alerts: readonly AlertEvent[]) => ({ alertId: first(alerts).alertId, scope: scopeOf(first(alerts)) })
    const site = await run({
      4: alerts => ({ action: 'mute', ...about(alerts), until: T0 + 6 * HOUR }),
      5: alerts => ({ action: 'expected', ...about(alerts) }),
    })
    expect(told(await site.alerts())).toEqual([...BEFORE, [5, 'resolved', 2, 'expected ann'], ...AGAIN])
  })

  it('takes a mute back hears of what still fires in the next window', async () => {
    const scope = { modelVersion: null, segment: null, feature: null, check: null }
    const site = await run({
      0: () => ({ action: 'mute', scope, until: null }),
      5: () => ({ action: 'unmute', scope }),
    })
    expect(told(await site.alerts())).toEqual([[6, 'firing', 1], [11, 'resolved', 2], ...AGAIN])
    const wanted = await run({
      0: () => ({ action: 'mute', scope, until: null }),
      5: () => [
        { action: 'unmute', scope },
        { action: 'expected', scope },
      ],
    })
    expect(told(await wanted.alerts())).toEqual(AGAIN)
  })

  it('acknowledges is named in the end', async () => {
    const site = await run({ 4: alerts => ({ action: 'ack', alertId: first(alerts).alertId, note: 'looking' }) })
    const alerts = await site.alerts()
    expect(told(alerts)).toEqual([...BEFORE, [11, 'resolved', 2, 'acked ann'], ...AGAIN])
    expect(psi(alerts)[1]!.operator.note).toBe('looking')
  })

  it('wants the change ends it at once, and it does not come back', async () => {
    const site = await run({
      4: alerts => ({ action: 'expected', alertId: first(alerts).alertId, note: 'new tariff' }),
    })
    const alerts = await site.alerts()
    expect(told(alerts)).toEqual([...BEFORE, [4, 'resolved', 2, 'expected ann'], ...AGAIN])
    const [opened, ended] = psi(alerts) as [AlertEvent, AlertEvent]
    expect(ended).toMatchObject({
      ...{ reason: 'expected (by ann): new tariff', alertId: opened.alertId, openedAt: opened.openedAt },
      ...{ series: opened.series, baseline: opened.baseline, monitor: opened.monitor, evidence: [] },
    })
    // The verdicts go on saying what they see.
    const verdict = (await site.verdicts()).find(
      ({ series, window }) => series.feature === 'fare' && window.end === T0 + 6 * HOUR,
    )
    expect(verdict!.outcome).toBe('breach')
  })

  it('resolves ends it at once; the next breach is a new alert', async () => {
    const site = await run({ 4: alerts => ({ action: 'resolve', alertId: first(alerts).alertId }) })
    const alerts = await site.alerts()
    expect(told(alerts)).toEqual([
      ...BEFORE,
      [4, 'resolved', 2, 'none ann'],
      [5, 'firing', 1],
      [11, 'resolved', 2],
      ...AGAIN,
    ])
    expect(new Set(psi(alerts).map(({ alertId }) => alertId)).size).toBe(3)
  })

  it('speaks twice with one id is heard once; of another model or alert, not at all', async () => {
    const repeated = (alerts: readonly AlertEvent[]) =>
      ({ id: 'same', action: 'expected', scope: { ...scopeOf(first(alerts)), check: null } }) as const
    const site = await run({ 4: repeated, 12: repeated })
    expect(told(await site.alerts())).toEqual([...BEFORE, [4, 'resolved', 2, 'expected ann'], ...AGAIN])
    const foreign = await run({
      3: alerts => ({ action: 'resolve', alertId: first(alerts).alertId, model: 'meals' }),
      4: () => ({ action: 'resolve', alertId: 'no-such' }),
    })
    expect(told(await foreign.alerts())).toEqual([...BEFORE, [11, 'resolved', 2], ...AGAIN])
  })
})

describe('operators’ answers', () => {
  const said: Said = {
    3: alerts => ({
      action: 'mute',
      alertId: first(alerts).alertId,
      scope: scopeOf(first(alerts)),
      until: T0 + 6 * HOUR,
    }),
    6: alerts => ({ action: 'ack', alertId: first(alerts).alertId }),
    7: alerts => ({ action: 'expected', alertId: first(alerts).alertId, note: 'wanted' }),
    12: alerts => ({ action: 'resolve', alertId: alerts.at(-1)!.alertId }),
  }
  const plain = (alerts: readonly AlertEvent[]) => [
    ...new Map(
      alerts.map(({ window: { late: _, rejected: __, ...window }, ...alert }) => [alert.id, { ...alert, window }]),
    ).values(),
  ]

  it('are kept through a restart at any time, and say the same', async () => {
    const calm = await run(said)
    expect(told(await calm.alerts())).toEqual([
      ...BEFORE,
      [6, 'ongoing', 2],
      [7, 'resolved', 3, 'expected ann'],
      [12, 'firing', 1],
      [12, 'resolved', 2, 'none ann'],
      [13, 'firing', 1],
    ])
    const restarted = await run(said, restart)
    expect(restarted.instances.length).toBe(HOURS + 1)
    expect(plain(await restarted.alerts())).toEqual(plain(await calm.alerts()))
  })

  it('that a dying instance has read but not followed to the end are followed by the next', async () => {
    const calm = await run(said)
    for (const writes of [0, 1]) {
      const site = await run({ ...said, 7: () => [] }, async (site, hour) => {
        if (hour !== 7) return
        const alert = first(psi(await site.alerts()))
        const { connection } = site.instances.at(-1)!
        connection.writes = writes
        await give(site.log, answerOf({ action: 'expected', alertId: alert.alertId, note: 'wanted', at: site.now }))
        await expect(site.log.run()).rejects.toThrow()
        await restart(site)
        await site.log.run()
      })
      expect(plain(await site.alerts())).toEqual(plain(await calm.alerts()))
    }
  })

  it('are on record with who, when, what and why', async () => {
    const site = await run(said)
    const knowledge = await Knowledge.follow(site.log)
    expect(knowledge.answers('rides').map(({ action, by, note }) => [action, by, note])).toEqual([
      ['mute', 'ann', null],
      ['ack', 'ann', null],
      ['expected', 'ann', 'wanted'],
      ['resolve', 'ann', null],
    ])
    expect(knowledge.answers('rides').every(({ at }) => at > T0 && at < T0 + 14 * HOUR)).toBe(true)
    expect(knowledge.answers('meals')).toEqual([])
    await knowledge.stop()
  })

  it('that mute hold for a changed monitor, which begins anew', async () => {
    const scope = { modelVersion: null, segment: null, feature: 'fare', check: null }
    const changed = monitorOf({ segments: {}, window: { minRows: 90 }, features: { stops: { kind: 'categorical' } } })
    expect(changed.version).not.toBe(monitor.version)
    const site = await run({ 0: () => ({ action: 'mute', scope, until: T0 + 9 * HOUR }) }, async (site, hour) => {
      if (hour !== 3) return
      await site.kill(site.instances.at(-1)!)
      await site.start([changed])
    })
    expect(told(await site.alerts()).filter(([end]) => (end as number) < 9)).toEqual([])
    const ends = (await site.verdicts())
      .filter(({ monitor }) => monitor.hash === changed.hash)
      .map(({ window }) => window.end)
    expect(ends).toContain(T0 + 7 * HOUR)
  })
})
