import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import type { StateStore } from '../../src/core/ports.js'
import { LmdbStore } from '../../src/state/lmdb.js'
import { type Random, seeded } from '../random.js'
import { DisturbedStore, type Fault } from '../state/disturbed.js'
import { HOUR, MINUTE, monitorOf, type Ride, record, rides, shuffledWithin, T0, trained, usual } from './rides.js'
import { judged, Site, windowRows } from './site.js'
import { alive, replaced, settled } from './survivors.js'

vi.setConfig({ testTimeout: 60_000 })

const monitor = monitorOf({ window: { size: '1h', advance: '30m', grace: '5m', reviseFor: '1h' } })
const baselines = [trained(monitor)]

/** With a fault in the middle, rows out of order, some after grace, some after everything, some that cannot be read. */
const input = ((): readonly Ride[] => {
  const random = seeded(5)
  const features = (r: Random, time: number) => ({
    ...usual(r),
    ...(time > T0 + 2 * HOUR && time < T0 + 4 * HOUR ? { tolls: 9 } : {}),
  })
  const all = shuffledWithin(rides({ seed: 8, from: T0, hours: 6, perHour: 240, features }), 5 * MINUTE, random)
  return all.map((ride, i) => {
    if (i > 100 && random.chance(0.04))
      return { ...ride, eventTime: ride.eventTime - random.pick([20, 40, 90, 400]) * MINUTE }
    return random.chance(0.02) ? { ...ride, requestId: null } : ride
  })
})()
const STEP = 40

type Disturb = (site: Site, random: Random, step: number) => Promise<void>

async function run(seed: number, disturb: Disturb = async () => {}, instances = 1, store?: StateStore): Promise<Site> {
  const options = { topics: { rides: 3 }, baselines, now: T0, batchSize: 17, panesPartitions: 2 }
  const site = await Site.with({ ...options, ...(store && { store }) }, [monitor])
  for (let i = 1; i < instances; i++) await site.start([monitor])
  const random = seeded(seed)
  for (let i = 0; i < input.length; i += STEP) {
    const some = input.slice(i, i + STEP)
    await disturb(site, random, i / STEP)
    await send(site, some)
  }
  await settled(site, monitor)
  for (const instance of alive(site)) instance.connection.writes = Number.POSITIVE_INFINITY
  await site.finish()
  return site
}

async function send(site: Site, some: readonly Ride[]): Promise<void> {
  site.now = Math.max(site.now, ...some.map(({ eventTime }) => eventTime))
  await site.log.append(
    'rides',
    some.map((ride, i) => ({ ...record(ride), partition: i % 3 })),
  )
  await settled(site, monitor)
  try {
    await site.pass(1000)
  } catch (error) {
    await replaced(site, monitor, error)
  }
  await settled(site, monitor)
}

/** Each id once; a repeat must be the same to the letter. */
function once(verdicts: readonly VerdictEvent[]): Map<string, VerdictEvent> {
  const found = new Map<string, VerdictEvent>()
  for (const verdict of verdicts) {
    const known = found.get(verdict.id)
    if (known !== undefined) expect(differences([comparable(known)], [comparable(verdict)]), 'a repeat').toEqual([])
    found.set(verdict.id, verdict)
  }
  return found
}

/** Late and rejected records are told as of the newest markers, of which a crash makes more. */
const comparable = ({ window: { late: _, rejected: __, ...window }, ...verdict }: VerdictEvent) => ({
  ...verdict,
  window,
})
const sorted = (verdicts: Iterable<VerdictEvent>) =>
  [...verdicts].sort((a, b) => (a.id < b.id ? -1 : 1)).map(comparable)

/** One line each: which verdict, and what of it is not as wanted. */
function differences(
  wanted: readonly ReturnType<typeof comparable>[],
  found: readonly ReturnType<typeof comparable>[],
): string[] {
  const name = ({ window, series }: VerdictEvent | ReturnType<typeof comparable>) =>
    `${(window.end - T0) / HOUR}h/${window.revision} ${JSON.stringify(series.segment)} ${series.feature}`
  const byId = new Map(found.map(one => [one.id, one]))
  const known = new Set(wanted.map(({ id }) => id))
  return [
    ...wanted.flatMap(one => {
      const other = byId.get(one.id)
      if (other === undefined) return [`${name(one)} is not there`]
      const fields = Object.entries(one).filter(
        ([field, value]) => JSON.stringify(value) !== JSON.stringify(other[field as keyof typeof other]),
      )
      return fields.map(
        ([field, value]) =>
          `${name(one)} ${field}: ${JSON.stringify(value)} became ${JSON.stringify(other[field as keyof typeof other])}`,
      )
    }),
    ...found.filter(({ id }) => !known.has(id)).map(one => `${name(one)} is new`),
  ]
}

describe('a line that crashes', async () => {
  const calm = await run(0)
  const verdicts = sorted(await calm.verdicts())
  const alerts = (await calm.alerts()).map(({ id, alertId, sequence, status, check, window }) => ({
    id,
    alertId,
    sequence,
    status,
    check,
    end: window.end,
  }))
  const [counts] = judged(calm.line)

  it('would otherwise have said this', async () => {
    expect(counts!.late).toBeGreaterThan(5)
    expect(counts!.rejected).toBeGreaterThan(5)
    expect(new Set(verdicts.map(({ window }) => window.revision))).toEqual(new Set([0, 1, 2]))
    expect(alerts.map(({ status }) => status)).toContain('resolved')
    expect(windowRows(await calm.verdicts())).toBe(2 * (counts!.aggregated - counts!.expired))
    expect(new Set(verdicts.map(({ id }) => id)).size).toBe(verdicts.length)
  })

  async function expectSame(site: Site): Promise<void> {
    const published = await site.verdicts()
    expect(differences(verdicts, sorted(once(published).values()))).toEqual([])
    const told = new Map((await site.alerts()).map(one => [one.id, one]))
    expect(
      [...told.values()]
        .map(({ id, alertId, sequence, status, check, window }) => ({
          id,
          alertId,
          sequence,
          status,
          check,
          end: window.end,
        }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    ).toEqual([...alerts].sort((a, b) => (a.id < b.id ? -1 : 1)))
    const owner = alive(site)
      .map(({ line }) => judged(line))
      .find(list => list.length > 0)
    expect(owner).toEqual([counts])
  }

  it.each([1, 2, 3, 4, 5, 6])('anywhere between two batches says the same (seed %i)', async seed => {
    let crashes = 0
    const site = await run(seed, async (site, random) => {
      if (!random.chance(0.3)) return
      crashes++
      for (const instance of alive(site)) await site.kill(instance)
      await site.start([monitor])
    })
    expect(crashes).toBeGreaterThan(3)
    await expectSame(site)
  })

  it.each([1, 2, 3, 4, 5, 6])('in the middle of a write says the same (seed %i)', async seed => {
    const site = await run(seed, async (site, random) => {
      if (random.chance(0.4)) for (const { connection } of alive(site)) connection.writes = random.integer(0, 8)
    })
    expect(site.instances.length).toBeGreaterThan(4)
    await expectSame(site)
  })

  it.each([1, 2, 3])('and is replaced by others that share the work says the same (seed %i)', async seed => {
    const site = await run(
      seed,
      async (site, random) => {
        if (random.chance(0.2)) await site.kill(random.pick(alive(site)))
        if (alive(site).length < 2 || random.chance(0.1)) await site.start([monitor])
      },
      2,
    )
    expect(site.instances.length).toBeGreaterThan(4)
    await expectSame(site)
  })

  it.each([1, 2, 3])('and goes on writing after others took over says the same (seed %i)', async seed => {
    const site = await run(seed, async (site, random, step) => {
      if (step % 6 !== 3) return
      // A zombie still ticks: it writes markers and parts of what it holds, and commits.
      const [zombie] = alive(site)
      await zombie!.connection.loseMemberships()
      await site.start([monitor])
      if (random.chance(0.5)) await site.pass(40_000, 20_000)
      for (const { line } of site.instances.slice(0, -1)) await line.tick().catch(() => {})
      await site.log.run()
      if (random.chance(0.7)) await site.kill(zombie!)
    })
    for (const instance of site.instances.slice(0, -1)) await site.kill(instance)
    await expectSame(site)
  })

  describe.each<Fault>(['none', 'stale', 'lost', 'down'])('with checkpoints (fault of the store: %s)', fault => {
    const folder = mkdtempSync(join(tmpdir(), 'driftline-crashes-'))
    afterAll(() => rmSync(folder, { recursive: true }))
    const storeOf = (name: string) => new DisturbedStore(LmdbStore.open(join(folder, name)), fault, seeded(name.length))

    it.each([1, 2, 3])(
      'says the same, killed between any two of part, marker, checkpoint and commit (seed %i)',
      async seed => {
        const store = storeOf(`killed-${seed}`)
        const site = await run(
          seed,
          async (site, random) => {
            if (random.chance(0.5)) for (const { connection } of alive(site)) connection.writes = random.integer(0, 8)
          },
          1,
          store,
        )
        expect(site.instances.length).toBeGreaterThan(4)
        if (fault !== 'down') expect(store.restored).toBeGreaterThan(3)
        await expectSame(site)
        await store.close()
      },
    )

    it.each([1, 2])('says the same, whatever zombies write after others took over (seed %i)', async seed => {
      const store = storeOf(`zombies-${seed}`)
      const site = await run(
        seed,
        async (site, random, step) => {
          if (step % 6 !== 3) return
          const [zombie] = alive(site)
          await zombie!.connection.loseMemberships()
          await site.start([monitor])
          if (random.chance(0.7)) await site.pass(40_000, 20_000)
          for (const { line } of site.instances.slice(0, -1)) await line.tick().catch(() => {})
          await site.log.run()
          if (random.chance(0.7)) await site.kill(zombie!)
        },
        1,
        store,
      )
      for (const instance of site.instances.slice(0, -1)) await site.kill(instance)
      await expectSame(site)
      await store.close()
    })
  })

  it('leaves as it should and comes back: nothing is said twice', async () => {
    const site = await run(9, async (site, _random, step) => {
      if (step % 5 !== 4) return
      await site.line.stop()
      site.instances.at(-1)!.connection.dead = true
      await site.start([monitor])
    })
    await expectSame(site)
    const all = await site.verdicts()
    expect(all.length - once(all).size).toBeLessThan(all.length / 10)
  })
})
