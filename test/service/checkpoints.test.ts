import { expect, it, vi } from 'vitest'
import type { StateStore } from '../../src/core/ports.js'
import { LmdbStore } from '../../src/state/lmdb.js'
import { folder } from '../files/fixtures.js'
import { MINUTE, monitorOf, record, rides, T0, trained } from './rides.js'
import { Site } from './site.js'

vi.setConfig({ testTimeout: 30_000 })
const { path } = folder()
const TOOK_MS = 100
const PARTITIONS = 8

it('checkpoints of all partitions together take a fiftieth of the time, however slow the store', async () => {
  const inner = LmdbStore.open(path('slow'))
  let writes = 0
  let site: Site | null = null
  const store: StateStore = {
    place: inner.place,
    read: tasks => inner.read(tasks),
    remove: tasks => inner.remove(tasks),
    close: () => inner.close(),
    write: async checkpoints => {
      writes++
      site!.now += TOOK_MS
      return inner.write(checkpoints)
    },
  }
  const monitor = monitorOf()
  site = await Site.with({ topics: { rides: PARTITIONS }, baselines: [trained(monitor)], now: T0, store }, [monitor])
  const minutes = 20
  const all = rides({ seed: 1, from: T0, hours: 1, perHour: 3600 })
  for (let second = 0; second < minutes * 60; second++) {
    await site.send('rides', [record(all[second]!, second % PARTITIONS)])
    await site.pass(1000)
  }
  const spent = (writes * TOOK_MS) / (site.now - T0)
  expect(writes).toBeGreaterThanOrEqual(2 * PARTITIONS)
  // The first of each partition comes after ten seconds: nothing is known of the store yet.
  expect(spent).toBeLessThan(1 / 50 + (PARTITIONS * TOOK_MS) / (minutes * MINUTE))
})
