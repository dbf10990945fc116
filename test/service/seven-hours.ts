import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { Monitor } from '../../src/core/monitor.js'
import type { Random } from '../random.js'
import { type Features, HOUR, record, rides, T0 } from './rides.js'
import { Site } from './site.js'

/** In the middle of the fourth: nobody deploys at the full hour. */
export const DEPLOYED = T0 + 3.4 * HOUR

const PER_HOUR = 800

/** Seven hours of rides, to the end of them. @param isKilled after each hour, and another instance goes on */
export async function sevenHours(
  monitor: Monitor,
  baselines: readonly Baseline[],
  features: (random: Random, time: number) => Features,
  isKilled: boolean,
): Promise<Site> {
  const site = await Site.with({ topics: { rides: 1 }, baselines, now: T0 }, [monitor])
  for (let hour = 0; hour < 7; hour++) {
    const from = T0 + hour * HOUR
    const all = rides({ seed: 4 + hour, from, hours: 1, perHour: PER_HOUR, features })
    await site.send(
      'rides',
      all.map(ride => record(ride)),
      from + HOUR,
    )
    if (!isKilled) continue
    await site.kill(site.instances.at(-1)!)
    await site.start([monitor])
    await site.log.run()
  }
  await site.finish()
  return site
}
