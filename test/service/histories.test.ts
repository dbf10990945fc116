import { expect, it } from 'vitest'
import type { Random } from '../random.js'
import { HOUR, monitorOf, record, rides, T0, trained, usual } from './rides.js'
import { Site } from './site.js'

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

async function run(killsAt: readonly number[]): Promise<Site> {
  const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(monitor)], now: T0, batchSize: 200 }, [
    monitor,
  ])
  for (let hour = 0; hour < 48; hour++) {
    if (killsAt.includes(hour)) {
      for (const instance of site.instances.filter(({ connection }) => !connection.dead)) await site.kill(instance)
      await site.start([monitor])
    }
    const some = all.slice(300 * hour, 300 * (hour + 1))
    site.now = Math.max(site.now, some.at(-1)!.eventTime)
    await site.log.append(
      'rides',
      some.map((ride, i) => ({ ...record(ride), partition: i % 2 })),
    )
    await site.log.run()
    await site.pass(1000)
    await site.log.run()
  }
  await site.finish()
  return site
}

it('are what they were after a restart: the same alerts and verdicts, whenever the instance dies', {
  timeout: 120_000,
}, async () => {
  const undisturbed = await run([])
  const disturbed = await run([21, 25, 31, 40])
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

/** By id, what each verdict says: a repeat after a crash says the same. */
async function judgements(site: Site): Promise<Map<string, unknown>> {
  return new Map((await site.verdicts()).map(({ id, outcome, checks }) => [id, { outcome, checks }]))
}
