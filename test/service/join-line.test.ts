import { expect, it } from 'vitest'
import { decodeInternal } from '../../src/codec/internal.js'
import type { BinaryScores } from '../../src/core/performance/score-state.js'
import { PANES } from '../../src/service/topics.js'
import { HOUR, MINUTE, monitorOf, record, rides, T0, usual } from './rides.js'
import { Site } from './site.js'

const monitor = monitorOf({
  serving: { prediction: 'score' },
  task: { type: 'binary' },
  labels: { topic: 'labels', format: 'json', key: 'ride', time: 'at', value: 'tipped', horizon: '2h' },
})

const served = rides({ seed: 4, from: T0, hours: 3, perHour: 100, features: usual }).map((ride, i) => ({
  ...ride,
  score: (i % 10) / 10,
}))
/** Of four rides one has no label; two hold, the fourth is contradicted ten minutes later. */
const labels = served.flatMap(({ requestId, eventTime }, i) => {
  const label = { ride: requestId, at: eventTime + 20 * MINUTE, tipped: i % 3 === 0 }
  return [[], [label], [label], [label, { ...label, at: label.at + 10 * MINUTE, tipped: !label.tipped }]][i % 4]!
})

it('a line joins what a monitor with labels asks for, and publishes what it found', async () => {
  const site = await Site.with({ topics: { rides: 2, labels: 2 }, joinsPartitions: 2, now: T0 + 4 * HOUR }, [monitor])
  await site.send(
    'labels',
    labels.map((label, i) => record(label, i % 2)),
  )
  await site.send(
    'rides',
    served.map((ride, i) => record(ride, i % 2)),
  )
  const counts = () => site.line.joining!.tasks.flatMap(task => task.labelJoiners.map(one => one.counts))
  const sum = (side: 'predictions' | 'labels', outcome: string) =>
    counts().reduce((all, one) => all + (one[side] as unknown as Record<string, number>)[outcome]!, 0)
  expect(sum('predictions', 'matched')).toBe(225)
  await site.finish()
  expect(['read', 'matched', 'expired', 'pending'].map(outcome => sum('predictions', outcome))).toEqual([
    300, 225, 75, 0,
  ])
  expect(['read', 'matched', 'contradicting'].map(outcome => sum('labels', outcome))).toEqual([300, 225, 75])
  const leaves = (await site.records(PANES)).flatMap(({ headers, value }) => {
    const message = decodeInternal(headers, value)
    return message?.type === 'joined-part' ? message.chunk.part.leaves : []
  })
  const total = (of: (scores: BinaryScores) => Float64Array) =>
    leaves.reduce((all, { outputs }) => all + of(outputs[0] as BinaryScores).reduce((a, b) => a + b, 0), 0)
  expect([total(one => one.n), total(one => one.labelled)]).toEqual([300, 225])
  // Of those contradicted the later label counts.
  const positive = served.filter((_, i) => (i % 4 === 3 ? i % 3 !== 0 : i % 4 !== 0 && i % 3 === 0)).length
  expect(total(one => one.positive)).toBe(positive)
  await site.line.tick()
  const told = await site.line.metrics.joined.get()
  expect(
    told.values
      .filter(({ labels: { side, outcome } }) => side === 'predictions' && outcome === 'matched')
      .reduce((all, { value }) => all + value, 0),
  ).toBe(225)
  await site.line.stop()
})

it('without labels nothing of it runs', async () => {
  const site = await Site.with({ topics: { rides: 1 }, now: T0 }, [monitorOf({})])
  expect(site.line.joining).toBeNull()
  expect(site.line.pendingKeys).toBeNull()
})
