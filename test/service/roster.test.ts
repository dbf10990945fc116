import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeControl, type MonitorVersion } from '../../src/codec/control.js'
import { Knowledge } from '../../src/service/knowledge.js'
import { definitionOf, enrolled, enrolment } from '../../src/service/roster.js'
import { CONTROL } from '../../src/service/topics.js'
import { HOUR, MINUTE, monitorOf, record, rides, T0 } from './rides.js'
import { Site, windowRows } from './site.js'

const versions = ['1h', '2h', '3h'].map(size => monitorOf({ window: { size, advance: '1h' } }))

/** Words about one model, in the order that driftline.control has them; panes 1 to 6 hours from T0. */
const words = fc
  .array(
    fc.record({
      version: fc.integer({ min: 0, max: 2 }),
      hour: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 3 }),
      ends: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map(all =>
    all.map(({ version, hour, ends }): MonitorVersion => {
      const monitor = versions[version]!
      return {
        ...{ model: monitor.model, version: monitor.version, at: T0 },
        from: hour === null ? null : T0 + hour * HOUR,
        definition: ends ? null : definitionOf(monitor),
      }
    }),
  )

it('no pane is counted by two versions, whatever words cross; from the last word’s pane on its version counts', () => {
  fc.assert(
    fc.property(words, all => {
      const found = enrolled(all, T0, () => Number.NEGATIVE_INFINITY)
      const last = all.at(-1)!
      for (let pane = T0 - HOUR; pane <= T0 + 8 * HOUR; pane += HOUR) {
        const counting = found.filter(({ ranges }) => ranges.some(({ from, until }) => pane >= from && pane < until))
        expect(counting.length).toBeLessThanOrEqual(1)
        if (pane < (last.from ?? Number.NEGATIVE_INFINITY)) continue
        expect(counting.map(({ monitor }) => monitor.version)).toEqual(last.definition === null ? [] : [last.version])
      }
    }),
  )
})

it('two processes that enrol two versions of a new model at once count each row once', async () => {
  const [one, two] = ['a', 'b'].map(owner =>
    monitorOf({ owner, segments: owner === 'a' ? {} : { payment: { top: 2 } } }),
  )
  expect(one!.version).not.toBe(two!.version)
  const site = await Site.with({ topics: { rides: 2 }, now: T0 }, [])
  await site.line.stop()
  site.instances[0]!.connection.dead = true
  await Promise.all([site.start([one!]), site.start([two!])])
  const knowledge = await Knowledge.follow(site.log)
  expect(knowledge.monitors('rides').map(({ from }) => from)).toEqual([null, null])
  await knowledge.stop()
  const all = rides({ seed: 2, from: T0, hours: 4, perHour: 300 })
  await site.send(
    'rides',
    all.map((ride, i) => record(ride, i % 2)),
    T0 + 4 * HOUR,
  )
  await site.finish()
  expect(windowRows(await site.verdicts())).toBe(all.length)
})

it('two processes whose clocks differ by a pane change a monitor at once, and count each row once', async () => {
  const [before, after] = ['1h', '2h'].map(size => monitorOf({ segments: {}, window: { size, advance: '1h' } }))
  const site = await Site.with({ topics: { rides: 1 }, now: T0 + 30 * MINUTE }, [before!])
  const { line } = site
  const knowledge = await Knowledge.follow(site.log)
  const known = knowledge.monitors('rides')
  await knowledge.stop()
  // Each has looked before the other's word was there; the clock behind writes last.
  const [ahead, behind] = [90, 20].map(minutes => enrolment(known, after!, T0 + minutes * MINUTE)!)
  expect(ahead!.from! - behind!.from!).toBe(HOUR)
  for (const monitor of [ahead!, behind!]) await site.log.append(CONTROL, [encodeControl({ monitor })])
  await site.log.run()
  const all = rides({ seed: 2, from: T0, hours: 8, perHour: 200 })
  await site.send(
    'rides',
    all.map(ride => record(ride)),
    T0 + 8 * HOUR,
  )
  await site.finish()
  const counted = line.evaluating!.evaluations.map(({ collector }) => collector.counts().aggregated)
  expect(counted.reduce((sum, rows) => sum + rows, 0)).toBe(all.length)
})
