import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { decodeInternal } from '../../src/codec/internal.js'
import { openedPart } from '../../src/codec/pair-part.js'
import { encodeSideRows } from '../../src/codec/side-rows.js'
import type { PairOutcomesState } from '../../src/core/join/pair-outcomes.js'
import type { PairPart } from '../../src/core/join/pair-parts.js'
import type { SideRows } from '../../src/core/join/side-rows.js'
import type { Monitor } from '../../src/core/monitor.js'
import type { ParityPart } from '../../src/core/parity/window.js'
import type { KeyedStore, OutgoingRecord } from '../../src/core/ports.js'
import { JOINS, PANES } from '../../src/service/topics.js'
import { LmdbKeyed } from '../../src/state/keyed-lmdb.js'
import { MemoryKeyed } from '../../src/state/keyed-memory.js'
import {
  differences,
  expected,
  GRACE,
  HORIZON,
  type Known,
  MONITOR,
  type Totals,
  told,
  world,
} from '../core/join/pair-world.js'
import { seeded } from '../random.js'
import { type Disturb, everywhere, JoinSite, kills, PARTITIONS } from './join-site.js'

const STEP = 4
const PARITY: Monitor = {
  ...MONITOR,
  offline: {
    ...{ topic: 'offline', format: 'json', where: [], key: ['k'], time: { path: ['t'], unit: 'ms' }, features: ['*'] },
    ...{ tolerance: { abs: 0, rel: 0 }, horizonMs: HORIZON, maxMismatch: 0, examples: 'none' },
  },
}

/** Rows of the joins partition that their keys belong to. */
function split(rows: SideRows): OutgoingRecord[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const own = Array.from({ length: rows.size }, (_, i) => i).filter(
      i => rows.keys[2 * i + 1]! % PARTITIONS === partition,
    )
    return own.length === 0 ? [] : [encodeSideRows(only(rows, own), partition)]
  }).flat()
}

function only(rows: SideRows, own: readonly number[]): SideRows {
  const doubles = (column: Float64Array) => Float64Array.from(own, i => column[i]!)
  const numbers = (column: Int32Array) => (column.length === 0 ? column : Int32Array.from(own, i => column[i]!))
  return {
    ...rows,
    ...{ size: own.length, offsets: doubles(rows.offsets), times: doubles(rows.times) },
    keys: Uint32Array.from(own.flatMap(i => [rows.keys[2 * i]!, rows.keys[2 * i + 1]!])),
    ...{ versionOf: numbers(rows.versionOf), segmentOf: numbers(rows.segmentOf) },
    values: rows.values.map(doubles),
    pair: {
      ...rows.pair!,
      flags: rows.pair!.flags.map(column => Uint8Array.from(own, i => column[i]!)),
      entities: Uint32Array.from(own, i => rows.pair!.entities[i]!),
    },
  }
}

/** The parts that stage 2 takes: of repeats the first. Throws where a repeat counts otherwise. */
async function partsOf(site: JoinSite): Promise<{ readonly parts: PairPart<Totals>[]; readonly repeats: number }> {
  const parts = new Map<string, PairPart<Totals>>()
  let repeats = 0
  const following = await site.log.follow(PANES, batch => {
    for (let i = 0; i < batch.size; i++) {
      const message = decodeInternal(batch.headers(i), batch.value(i))
      if (message?.type !== 'pair-part') continue
      expect(message.chunk.chunks).toBe(1)
      const part = totalsOf(openedPart(message.chunk.part) as ParityPart)
      const key = `${part.partition}/${part.pane}/${part.round}/${part.modelVersion}`
      const known = parts.get(key)
      if (known === undefined) parts.set(key, part)
      else {
        repeats++
        expect(part.counted, key).toEqual(known.counted)
      }
    }
  })
  await following.catchUp()
  await following.stop()
  return { parts: [...parts.values()], repeats }
}

function totalsOf(part: ParityPart): PairPart<Totals> {
  const { served, pairs, duplicatesServed, duplicatesOffline, features } = part.counted
  const x = features.find(({ name }) => name === 'x')
  const counted = { served, pairs, difference: x?.difference ?? 0, sameName: 0 }
  return { ...part, counted: { ...counted, duplicates: duplicatesServed + duplicatesOffline } }
}

/** Without what only the accumulator of `pair-world` counts. */
function withoutNames(known: Known): Known {
  return new Map([...known].map(([key, totals]) => [key, { ...totals, sameName: 0 }]))
}

function countsOf(site: JoinSite): PairOutcomesState {
  const all = site.alive
    .flatMap(({ stage }) => stage.tasks)
    .flatMap(task => task.pairJoiners.map(({ counts }) => counts))
  const sum = (side: 'served' | 'other') =>
    Object.fromEntries(
      Object.keys(all[0]![side]).map(name => [
        name,
        all.reduce((total, counts) => total + counts[side][name as keyof PairOutcomesState['served']], 0),
      ]),
    ) as unknown as PairOutcomesState['served']
  return { served: sum('served'), other: sum('other') }
}

async function holds(seed: number, disturb: Disturb, store: () => KeyedStore, instances = 1) {
  const random = seeded(seed)
  const { placed, messages } = world(random, { keys: 60, disorder: GRACE })
  const site = new JoinSite(store)
  site.monitors = [PARITY]
  for (let i = 0; i < instances; i++) await site.start()
  for (let i = 0; i < messages.length; i += STEP) {
    await disturb(site, random)
    const some = messages.slice(i, i + STEP)
    await site.log.append(
      JOINS,
      some.flatMap(one => ('rows' in one ? split(one.rows) : everywhere(one.marker))),
    )
    await site.settled()
    await site.pass(random.pick([100, 4_000, 11_000]))
  }
  for (const instance of site.alive) instance.writes = Number.POSITIVE_INFINITY
  await site.pass(60_000)
  const { parts, repeats } = await partsOf(site)
  const { known, counts } = expected(placed)
  expect(differences(withoutNames(known), told(parts))).toEqual([])
  expect(countsOf(site)).toEqual(counts)
  return { repeats, started: site.instances.length }
}

describe('the join of pairs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'driftline-pairs-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('gives what the rows say', async () => {
    expect(
      await holds(
        1,
        async () => {},
        () => new MemoryKeyed(),
      ),
    ).toEqual({ repeats: 0, started: 1 })
  })

  it.each([1, 2, 3, 4])('gives the same, whoever is killed between which steps (seed %i)', async seed => {
    const store = new MemoryKeyed()
    expect((await holds(seed, kills, () => store, 2)).started).toBeGreaterThan(2)
  })

  it('gives the same from disk', async () => {
    const store = LmdbKeyed.open(join(folder, 'kills'))
    expect((await holds(11, kills, () => store)).started).toBeGreaterThan(2)
    await store.close()
  })

  it('gives the same where every process begins with nothing, from the log', async () => {
    expect((await holds(1, kills, () => new MemoryKeyed())).repeats).toBeGreaterThan(0)
  })
})
