import { describe, expect, it, vi } from 'vitest'
import type { AlertEvent } from '../../src/core/alert/event.js'
import type { ShadowEvent } from '../../src/core/shadow/event.js'
import { type Random, seeded } from '../random.js'
import { HOUR, MINUTE, monitorOf, type Ride, record, rides, shuffledWithin, T0, usual } from './rides.js'
import { Killed, Site } from './site.js'
import { alive } from './survivors.js'

vi.setConfig({ testTimeout: 60_000 })

const random = seeded(3)
/** In the second hour the challenger decides otherwise in one request of ten; some requests have one row only, or a third. */
const served = shuffledWithin(
  rides({ seed: 5, from: T0, hours: 4, perHour: 130, features: usual }).flatMap((ride): Ride[] => {
    const score = random.next()
    const second = ride.eventTime >= T0 + HOUR && ride.eventTime < T0 + 2 * HOUR
    const [champion, challenger] = [
      { ...ride, modelVersion: 'v12', score, ms: 20 },
      { ...ride, modelVersion: 'v13', score: second && random.chance(0.1) ? 1 - score : score, ms: 24 },
    ]
    const later = { ...challenger, eventTime: ride.eventTime + random.integer(0, 9) * MINUTE }
    return [champion, ...(random.chance(0.95) ? [later] : []), ...(random.chance(0.03) ? [{ ...later, score: 0 }] : [])]
  }),
  4 * MINUTE,
  random,
)

const FIELDS = {
  serving: { prediction: 'score' },
  task: { type: 'binary' },
  segments: { airport: { values: [true] } },
}
const monitor = monitorOf({
  ...FIELDS,
  shadow: { champion: 'v12', challenger: 'v13', latency: 'ms', limits: { latency: '10ms', score: 0.9 }, minRows: 100 },
})
const canary = monitorOf({
  ...FIELDS,
  shadow: {
    champion: 'v12',
    challenger: 'v13',
    mode: 'canary',
    latency: 'ms',
    limits: { latency: '10ms' },
    minRows: 100,
  },
})

const STEP = 40
type Disturb = (site: Site, random: Random, step: number) => Promise<void>

async function run(of: typeof monitor, disturb: Disturb = async () => {}, seed = 0): Promise<Site> {
  const options = { topics: { rides: 2 }, now: T0, batchSize: 17, joinsPartitions: 2 }
  const site = await Site.with(options, [of])
  const random = seeded(seed)
  const settled = async (work: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      try {
        await work()
        return
      } catch (error) {
        if (!(error instanceof Killed)) throw error
        for (const instance of site.instances.filter(({ connection }) => connection.dead)) await site.kill(instance)
        if (alive(site).length === 0) await site.start([of])
      }
    }
  }
  for (let i = 0; i < served.length; i += STEP) {
    await disturb(site, random, i / STEP)
    const some = served.slice(i, i + STEP)
    site.now = Math.max(site.now, ...some.map(({ eventTime }) => eventTime))
    await site.log.append(
      'rides',
      some.map((ride, k) => record(ride, k % 2)),
    )
    await settled(() => site.log.run())
  }
  for (const { connection } of alive(site)) connection.writes = Number.POSITIVE_INFINITY
  await site.finish()
  return site
}

/** The last word on each window and segment; sums of fractions to their last bits. */
function last(events: readonly ShadowEvent[]) {
  const found = new Map(events.map(event => [`${event.window.end} ${JSON.stringify(event.series.segment)}`, event]))
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, event]) => {
      const { rows, outcome, advice, because, divergences, flips, within } = event
      const rounded = divergences.map(one => [one.name, one.n, one.verdict, one.value.toFixed(9), one.high.toFixed(9)])
      return [key, { rows, outcome, advice, because, flips, within, rounded }]
    })
}

const told = (alerts: readonly AlertEvent[]) =>
  new Set(alerts.filter(({ kind }) => kind === 'shadow').map(one => `${one.id} ${one.status} ${one.summary}`))

describe.each([
  ['shadow', monitor],
  ['canary', canary],
] as const)('two versions on the line (%s)', (mode, of) => {
  it('are told as the rows say, and the same whatever is killed in the middle of a write', async () => {
    const calm = await run(of)
    const events = await calm.shadows()
    const all = last(events)
    expect(all.length).toBeGreaterThan(7)
    const pairs = last(events.filter(({ series }) => Object.keys(series.segment).length === 0)) as [
      string,
      { rows: ShadowEvent['rows'] },
    ][]
    const of13 = new Set(served.filter(ride => ride.modelVersion === 'v13').map(ride => ride.requestId))
    const of12 = served.filter(ride => ride.modelVersion === 'v12').map(ride => ride.requestId)
    const common = of12.filter(id => of13.has(id)).length
    const sum = (name: 'pairs' | 'champion') => pairs.reduce((total, [, { rows }]) => total + rows[name], 0)
    expect([sum('champion'), sum('pairs')]).toEqual([of12.length, mode === 'shadow' ? common : 0])
    const alerts = await calm.alerts()
    if (mode === 'shadow') expect(alerts.map(({ kind, status }) => `${kind} ${status}`)).toContain('shadow firing')
    for (const seed of [1, 2]) {
      const site = await run(
        of,
        async (site, random) => {
          if (random.chance(0.4)) for (const { connection } of alive(site)) connection.writes = random.integer(0, 10)
        },
        seed,
      )
      expect(site.instances.length).toBeGreaterThan(4)
      expect(last(await site.shadows())).toEqual(all)
      expect(told(await site.alerts())).toEqual(told(alerts))
    }
  })
})

it('nothing goes to the join where nothing is declared', async () => {
  const site = await run(monitorOf(FIELDS))
  expect(await site.records('driftline.joins')).toEqual([])
  expect(await site.shadows()).toEqual([])
})
