import { expect, it, vi } from 'vitest'
import type { Random } from '../random.js'
import { type Features, monitorOf, trained, usual } from './rides.js'
import { DEPLOYED, sevenHours } from './seven-hours.js'

vi.setConfig({ testTimeout: 30_000 })

const measured = (random: Random): Features => ({
  ...usual(random),
  weight: Math.round(10 * (70 + 15 * random.normal())) / 10,
  height: Math.round(10 * (170 + 9 * random.normal())) / 10,
})

const exchanged = (random: Random, time: number): Features => {
  const features = measured(random)
  const { weight, height } = features
  return time < DEPLOYED ? features : { ...features, weight: height, height: weight }
}

it.each([
  ['in one life', false],
  ['whatever is killed in between', true],
])('two features that change places are one incident that says so, %s', async (_, isKilled) => {
  const monitor = monitorOf({ segments: {} })
  const baselines = [trained(monitor, { features: measured })]
  const site = await sevenHours(monitor, baselines, exchanged, isKilled)
  const incidents = await site.incidents()
  expect(new Set(incidents.map(({ incidentId }) => incidentId)).size).toBe(1)
  const last = incidents.at(-1)!
  expect(last.cause).toMatchObject({ code: 'exchanged', confidence: 'high', whoMoved: 'pipeline' })
  expect(last.suggestedAction).toBe('fix-pipeline')
  const alerts = new Map((await site.alerts()).map(alert => [alert.series.feature, alert]))
  expect([...alerts].map(([feature, { kind, summary }]) => [feature, kind, summary]).sort()).toEqual([
    ['height', 'schema', 'height: these are the values of weight, and weight has those of height: exchanged'],
    ['weight', 'schema', 'weight: these are the values of height, and height has those of weight: exchanged'],
  ])
})
