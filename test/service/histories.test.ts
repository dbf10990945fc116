import { expect, it } from 'vitest'
import type { Monitor } from '../../src/core/monitor.js'
import type { Random } from '../random.js'
import { HOUR, monitorOf, type Ride, record, rides, T0, trained, usual } from './rides.js'
import { Killed, Site } from './site.js'

/**
 *     hours   0 … 23          24   25          26 … 33            34 … 47
 *             its history     tolls a third of their σ up: fires, stands for 8 windows, then is the reference
 *                 ✝ 21                 ✝ 25           ✝ 31                   ✝ 40
 */
const monitor = monitorOf({ segments: {}, window: { size: '1h', grace: '5m', reviseFor: '1h' } })
const shifted = (random: Random, time: number) => {
  const features = usual(random)
  return time < T0 + 24 * HOUR
    ? features
    : { ...features, tip: features['tip'] === null ? null : Number(features['tip']) + 0.5 }
}
const all = rides({ seed: 3, from: T0, hours: 48, perHour: 300, features: shifted })

/** Tips swing by day, 0.5 up and down; from the fourth day's noon on, when they fall, they are 0.7 up. */
const seasonal = monitorOf({
  segments: {},
  timezone: 'Europe/Berlin',
  window: { size: '1h', grace: '5m', reviseFor: '1h' },
})
const swinging = (random: Random, time: number) => {
  const features = usual(random)
  const swing = 0.5 * Math.sin((2 * Math.PI * (time - T0)) / (24 * HOUR)) + (time < T0 + 84 * HOUR ? 0 : 0.7)
  return { ...features, tip: features['tip'] === null ? null : Number(features['tip']) + swing }
}
const swingingRides = rides({ seed: 4, from: T0, hours: 88, perHour: 250, features: swinging })

async function run(
  killsAt: readonly number[],
  monitor: Monitor,
  all: readonly Ride[],
  hours: number,
  training: Parameters<typeof trained>[1] = {},
  tornAt: ReadonlyMap<number, number> = new Map(),
): Promise<Site> {
  const perHour = all.length / hours
  const site = await Site.with(
    { topics: { rides: 2 }, baselines: [trained(monitor, training)], now: T0, batchSize: 200 },
    [monitor],
  )
  for (let hour = 0; hour < hours; hour++) {
    if (killsAt.includes(hour)) {
      for (const instance of site.instances.filter(({ connection }) => !connection.dead)) await site.kill(instance)
      await site.start([monitor])
    }
    const some = all.slice(perHour * hour, perHour * (hour + 1))
    site.now = Math.max(site.now, some.at(-1)!.eventTime)
    await site.log.append(
      'rides',
      some.map((ride, i) => ({ ...record(ride), partition: i % 2 })),
    )
    site.instances.at(-1)!.connection.stateRecords = tornAt.get(hour) ?? Number.POSITIVE_INFINITY
    await until(() => site.log.run(), site, monitor)
    await site.pass(1000)
    await site.log.run()
  }
  await site.finish()
  return site
}

/** Who dies on the way has a successor. */
async function until(work: () => Promise<void>, site: Site, monitor: Monitor): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Killed)) throw error
    await site.kill(site.instances.at(-1)!)
    await site.start([monitor])
    await work()
  }
}

it('are what they were after a restart: the same alerts and verdicts, whenever the instance dies', {
  timeout: 120_000,
}, async () => {
  const undisturbed = await run([], monitor, all, 48)
  const disturbed = await run([21, 25, 31, 40], monitor, all, 48)
  const alerts = await undisturbed.alerts()
  const mine = alerts.filter(({ status }) => status !== 'ongoing')
  expect(mine.map(({ series, status, kind }) => [series.feature, status, kind])).toEqual([
    ['tip', 'firing', 'drift'],
    ['tip', 'resolved', 'drift'],
  ])
  expect(mine[1].reason).toMatch(/standing difference/)
  const unique = new Map((await disturbed.alerts()).map(alert => [alert.id, alert]))
  expect([...unique.values()].map(alert => alert.id)).toEqual(alerts.map(alert => alert.id))
  expect(await judgements(disturbed)).toEqual(await judgements(undisturbed))
})

/** A state of some thousand series does not fit into one batch. */
it('are what they were where a write of them is cut short', { timeout: 120_000 }, async () => {
  const undisturbed = await run([], monitor, all, 48)
  const torn = new Map([21, 23, 25, 26, 31, 33, 40].map((hour, i) => [hour, 1 + (i % 4)]))
  const disturbed = await run([], monitor, all, 48, {}, torn)
  expect(disturbed.instances).toHaveLength(1 + torn.size)
  const said = await judgements(disturbed)
  for (const { id, outcome, checks } of await disturbed.verdicts()) expect({ outcome, checks }).toEqual(said.get(id))
  expect(said).toEqual(await judgements(undisturbed))
  expect(new Set((await disturbed.alerts()).map(({ id }) => id))).toEqual(
    new Set((await undisturbed.alerts()).map(({ id }) => id)),
  )
})

it('and so are seasons: a change that lies within the daily swing is found all the same', {
  timeout: 120_000,
}, async () => {
  const undisturbed = await run([], seasonal, swingingRides, 88, { features: swinging, dated: true })
  const disturbed = await run([40, 62, 77, 85], seasonal, swingingRides, 88, { features: swinging, dated: true })
  const firing = (await undisturbed.alerts()).filter(({ status }) => status === 'firing')
  expect(firing.map(({ series, openedAt }) => [series.feature, openedAt])).toEqual([['tip', T0 + 84 * HOUR]])
  expect(await judgements(disturbed)).toEqual(await judgements(undisturbed))
})

/** By id, what each verdict says: a repeat after a crash says the same. */
async function judgements(site: Site): Promise<Map<string, unknown>> {
  return new Map((await site.verdicts()).map(({ id, outcome, checks }) => [id, { outcome, checks }]))
}
