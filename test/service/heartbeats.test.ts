import { expect, it } from 'vitest'
import type { GroupMember } from '../../src/core/ports.js'
import { HOUR, monitorOf, record, rides, T0, trained } from './rides.js'
import { Site } from './site.js'

const HOURS = 40

it('a batch that closes very many windows keeps the membership: heartbeats go on between them', async () => {
  const monitor = monitorOf({ segments: {} })
  const site = new Site({ topics: { rides: 1 }, now: T0, batchSize: 100_000 })
  const beats: number[] = []
  const join = site.log.join.bind(site.log)
  site.log.join = (group, topics, member, options) => join(group, topics, counting(member, beats), options)
  await site.load(trained(monitor))
  await site.start([monitor])
  // All in one fetch, so that one marker closes all windows but the last.
  await site.send(
    'rides',
    rides({ seed: 1, from: T0, hours: HOURS, perHour: 30 }).map(ride => record(ride)),
    T0 + HOURS * HOUR,
  )
  expect(new Set((await site.verdicts()).map(({ window }) => window.end)).size).toBe(HOURS - 1)
  expect(Math.max(...beats)).toBeGreaterThanOrEqual(HOURS - 1)
})

/** The same member. @param beats of each of its batches, so far */
function counting(member: GroupMember, beats: number[]): GroupMember {
  return {
    assigned: member.assigned.bind(member),
    revoked: member.revoked.bind(member),
    batch: async (batch, heartbeat) => {
      const at = beats.push(0) - 1
      await member.batch(batch, async () => {
        beats[at]!++
        await heartbeat()
      })
    },
  }
}
