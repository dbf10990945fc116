import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type Kept, MOST_KEPT } from '../../src/core/detect/history.js'
import { collect } from '../collect.js'
import { HOUR, monitorOf, record, rides, T0, trained } from './rides.js'
import { Site } from './site.js'

const BEFORE = 6
const HOURS = BEFORE + MOST_KEPT + 4
const PER_HOUR = 60
/** That rides have. */
const FEATURES = 6

const monitor = monitorOf({ segments: {}, window: { size: '1h', grace: '5m', minRows: 20 } })
const all = rides({ seed: 12, from: T0, hours: HOURS, perHour: PER_HOUR })

/**
 *     hours     0 … 5           6 … 65                    66 … 69
 *               the first ✝     the second, restored from its state
 *     history   0 … 5 ──────────▶ 0 … 65 ───────────────▶ 10 … 69
 */
it('lets go of the windows that came with the state it took over, once its histories have moved on', async () => {
  const site = await Site.with({ topics: { rides: 1 }, baselines: [trained(monitor)], now: T0 }, [monitor])
  for (let hour = 0; hour < BEFORE; hour++) await serve(site, hour)
  await site.kill(site.instances.pop()!)
  await site.start([monitor])
  await serve(site, BEFORE)
  const taken = windowsOf(site).map(window => new WeakRef(window.profile))
  expect(taken.length).toBeGreaterThanOrEqual((BEFORE - 1) * FEATURES)
  for (let hour = BEFORE + 1; hour < HOURS; hour++) await serve(site, hour)
  const kept = windowsOf(site)
  expect(kept.length).toBeGreaterThanOrEqual((MOST_KEPT - 1) * FEATURES)
  expect(Math.min(...kept.map(({ start }) => start))).toBeGreaterThan(T0 + BEFORE * HOUR)
  // What a weak reference was made of lives until the event loop has had its turn.
  await setImmediate()
  collect()
  expect(taken.filter(profile => profile.deref() !== undefined)).toEqual([])
})

async function serve(site: Site, hour: number): Promise<void> {
  const some = all.slice(PER_HOUR * hour, PER_HOUR * (hour + 1))
  const records = some.map(one => record(one, 0))
  await site.send('rides', records, some.at(-1)!.eventTime)
  await site.pass(1000)
}

/** Of all histories. */
function windowsOf(site: Site): readonly Kept[] {
  const [evaluation] = site.line.evaluating!.evaluations
  return evaluation.state().histories.flatMap(({ history }) => [...history.past, ...history.former, ...history.during])
}
