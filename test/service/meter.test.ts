import { expect, it } from 'vitest'
import { monitorOf, record, rides, T0, trained } from './rides.js'
import { Site } from './site.js'

it('an instance tells of the partitions that it has, and of none that another has taken over', async () => {
  const monitor = monitorOf()
  const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(monitor)], now: T0 }, [monitor])
  const served = rides({ seed: 1, from: T0, hours: 1, perHour: 100 }).map((ride, i) => record(ride, i % 2))
  await site.send('rides', served.slice(0, 50))
  await site.pass(1000)
  const { metrics } = site.instances[0]!.line
  const gauges = () =>
    Promise.all(
      [metrics.lag, metrics.watermark, metrics.openParts].map(async gauge =>
        (await gauge.get()).values.map(({ labels }) => labels.partition),
      ),
    )
  expect(await gauges()).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ])
  await site.start([monitor])
  await site.send('rides', served.slice(50))
  await site.pass(2000)
  const [lag, watermark, open] = await gauges()
  expect(lag).toHaveLength(1)
  expect([watermark, open]).toEqual([lag, lag])
})
