import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { KeyedStore } from '../../src/core/ports.js'
import { LmdbKeyed } from '../../src/state/keyed-lmdb.js'
import { MemoryKeyed } from '../../src/state/keyed-memory.js'
import { differences, expected, GRACE, told, world } from '../core/join/join-world.js'
import { seeded } from '../random.js'
import { type Disturb, JoinSite, kills } from './join-site.js'

const STEP = 4

/** Sends the messages a few at a time; afterwards, what the join has said must be what the rows say. */
async function holds(
  seed: number,
  disturb: Disturb,
  store: () => KeyedStore,
  instances = 1,
): Promise<{ repeats: number; started: number }> {
  const random = seeded(seed)
  const { placed, messages } = world(random, { keys: 60, disorder: GRACE })
  const site = new JoinSite(store)
  for (let i = 0; i < instances; i++) await site.start()
  for (let i = 0; i < messages.length; i += STEP) {
    await disturb(site, random)
    await site.send(messages.slice(i, i + STEP))
    await site.pass(random.pick([100, 4_000, 11_000]))
  }
  Object.assign(site.moods, { down: false, full: false })
  for (const instance of site.alive) instance.writes = Number.POSITIVE_INFINITY
  await site.pass(60_000)
  const { parts, repeats } = await site.parts()
  const { known, counts } = expected(placed)
  expect(differences(known, told(parts))).toEqual([])
  expect(site.counts()).toEqual(counts)
  return { repeats, started: site.instances.length }
}

describe('the join', () => {
  const folder = mkdtempSync(join(tmpdir(), 'driftline-join-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const shared = (): (() => KeyedStore) => {
    const store = new MemoryKeyed()
    return () => store
  }

  it.each([1, 2, 3])('gives what the rows say (seed %i)', async seed => {
    expect(await holds(seed, async () => {}, shared())).toEqual({ repeats: 0, started: 1 })
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('gives the same, whoever is killed between which steps (seed %i)', async seed => {
    expect((await holds(seed, kills, shared(), 2)).started).toBeGreaterThan(5)
  })

  it('gives the same from disk', async () => {
    const store = LmdbKeyed.open(join(folder, 'kills'))
    expect((await holds(11, kills, () => store)).started).toBeGreaterThan(5)
    await store.close()
  })

  it.each([1, 2])('gives the same where every process begins with nothing, from the log (seed %i)', async seed => {
    expect((await holds(seed, kills, () => new MemoryKeyed())).repeats).toBeGreaterThan(0)
  })

  it.each([1, 2, 3])(
    'gives the same with zombies, which go on while others own their partitions (seed %i)',
    async seed => {
      const zombies: Disturb = async (site, random) => {
        if (!random.chance(0.3)) return
        const [zombie] = site.alive
        await site.start()
        const batches = zombie!.stage.tasks.map(({ at }) => at)
        expect(batches.length).toBeGreaterThan(0)
        await zombie!.lost()
        // What it had taken it still says, stores and commits.
        for (const task of zombie!.stage.tasks) task.storeAt = 0
        await zombie!.stage.tick()
        zombie!.dead = true
      }
      expect((await holds(seed, zombies, shared())).started).toBeGreaterThan(2)
    },
  )

  it('never goes back to a state that it has passed, which a zombie stores', async () => {
    const { site, messages, done } = await begun(shared())
    const [zombie] = site.alive
    await site.send(messages.slice(0, 20))
    // So that nothing further is stored, by the heir neither.
    site.moods.full = true
    await site.send(messages.slice(20, 30))
    await zombie!.lost()
    const heir = await site.start()
    await site.send(messages.slice(30, 50))
    site.moods.full = false
    for (const task of zombie!.stage.tasks) task.storeAt = 0
    await zombie!.stage.tick()
    zombie!.dead = true
    const stored = zombie!.stage.tasks.map(task => task.stored)
    for (const task of heir.stage.tasks) {
      expect(task.stored).toBeLessThan(stored[task.at.partition]!)
      expect(task.position).toBeGreaterThan(stored[task.at.partition]!)
    }
    await site.send(messages.slice(50))
    await done()
  })

  it('waits for a store that does not answer, says so, and loses nothing', async () => {
    const { site, messages, done } = await begun(shared())
    await site.send(messages.slice(0, 60))
    site.moods.down = true
    await expect(site.send(messages.slice(60, 80))).rejects.toThrow('the store is down')
    expect(site.alive[0]!.keys.fault).toBe('the store is down')
    site.moods.down = false
    await site.send(messages.slice(80))
    expect(site.alive[0]!.keys.fault).toBeNull()
    await done()
  })

  it('goes on while the store takes no writes, says so, and writes when it does', async () => {
    const { site, messages, done } = await begun(shared())
    site.moods.full = true
    for (let i = 0; i < 100; i += 20) {
      await site.send(messages.slice(i, i + 20))
      await site.pass(11_000)
    }
    expect(site.alive[0]!.keys.fault).toBe('the store is full')
    const [task] = site.alive[0]!.stage.tasks
    expect(task!.position).toBeGreaterThan(task!.stored)
    site.moods.full = false
    await site.send(messages.slice(100))
    await site.pass(11_000)
    expect(site.alive[0]!.keys.fault).toBeNull()
    expect(task!.position).toBe(task!.stored)
    await done()
  })

  it('ends where the store has lost its state; who comes after reads the log again', async () => {
    const stores = [new MemoryKeyed(), new MemoryKeyed()]
    const { site, messages, done } = await begun(() => stores[0]!)
    await site.send(messages.slice(0, 60))
    await site.pass(11_000)
    await stores[0]!.close()
    await expect(site.send(messages.slice(60))).rejects.toThrow(/in memory are gone.* after a restart/)
    await site.alive[0]!.kill()
    await site.start()
    await site.settled()
    await done()
  })

  it('passes over rows of monitors that nobody runs', async () => {
    const { site, messages } = await begun(shared())
    await site.send(
      messages.map(message => ('rows' in message ? { rows: { ...message.rows, monitor: 'old' } } : message)),
    )
    expect(site.counts().predictions.read).toBe(0)
  })

  it('leaves no keys behind when its monitor is gone', async () => {
    const store = new MemoryKeyed()
    const { site, messages } = await begun(() => store)
    await site.send(messages.slice(0, 60))
    await site.pass(11_000)
    const kept = () => [0, 1].reduce((sum, partition) => sum + store.size(`g/driftline.joins/${partition}`), 0)
    expect(kept()).toBeGreaterThan(10)
    site.monitors = []
    await site.alive[0]!.stage.learn()
    await site.send(messages.slice(60))
    await site.pass(11_000)
    expect(kept()).toBe(0)
  })
})

async function begun(store: () => KeyedStore) {
  const { placed, messages } = world(seeded(21), { keys: 60, disorder: GRACE })
  const site = new JoinSite(store)
  await site.start()
  const done = async (): Promise<void> => {
    await site.pass(60_000)
    const { known, counts } = expected(placed)
    expect(differences(known, told((await site.parts()).parts))).toEqual([])
    expect(site.counts()).toEqual(counts)
  }
  return { site, messages, done }
}
