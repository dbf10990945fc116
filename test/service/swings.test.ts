import { describe, expect, it, vi } from 'vitest'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { Random } from '../random.js'
import { HOUR, monitorOf, record, rides, T0, trained, usual } from './rides.js'
import { Site } from './site.js'

vi.setConfig({ testTimeout: 60_000 })

const monitor = monitorOf({ segments: {} })
const PER_HOUR = 400
const HOURS = 6

type Features = (random: Random, time: number) => Record<string, unknown>

/** As with the calendar: each window has values that few others have. Twelve hours of training have all of them twice. */
const byHour: Features = (random, time) => {
  const hour = Math.floor(time / HOUR) % 6
  return { ...usual(random), hour, shift: `s${Math.floor(hour / 2)}` }
}

const learnt = (dated: boolean): Baseline =>
  trained(monitor, { features: byHour, rows: 12 * PER_HOUR, perHour: PER_HOUR, dated })

async function served(baseline: Baseline, features: Features) {
  const site = await Site.with({ topics: { rides: 1 }, baselines: [baseline], now: T0 }, [monitor])
  const all = rides({ seed: 9, from: T0, hours: HOURS, perHour: PER_HOUR, features })
  await site.send(
    'rides',
    all.map(ride => record(ride)),
    all.at(-1)!.eventTime,
  )
  await site.pass(1000)
  await site.finish()
  const alerts = await site.alerts()
  const firing = new Set(alerts.filter(({ status }) => status === 'firing').map(({ series }) => series.feature))
  return { firing, verdicts: await site.verdicts() }
}

describe('at launch', () => {
  it('what training itself does from window to window is not told', async () => {
    const without = await served(learnt(false), byHour)
    expect([...without.firing].sort()).toEqual(['hour', 'shift'])
    const { firing, verdicts } = await served(learnt(true), byHour)
    expect([...firing]).toEqual([])
    const [first] = verdicts.filter(({ series }) => series.feature === 'hour')
    const w1 = first.checks.find(({ check }) => check === 'w1')!
    expect(w1).toMatchObject({ against: 'training', thresholdFrom: 'training', outcome: 'ok', decides: true })
    expect(w1.threshold).toBeGreaterThan(w1.value)
    // What stays as it is from window to window is judged by what matters.
    const fare = verdicts.find(({ series }) => series.feature === 'fare')!
    expect(fare.checks.find(({ check }) => check === 'w1')!.thresholdFrom).toBe('effect')
  })

  it('faults are, also of what swings', async () => {
    const faults: Features = (random, time) => {
      const features = byHour(random, time)
      return {
        ...features,
        hour: 1000 * (features['hour'] as number) + 1000,
        fare: Math.trunc(features['fare'] as number),
        stops: random.chance(0.3) ? null : features['stops'],
        payment: String(features['payment']).toUpperCase(),
      }
    }
    const { firing } = await served(learnt(true), faults)
    expect([...firing].sort()).toEqual(['fare', 'hour', 'payment', 'stops'])
  })

  it('windows of another size say nothing', async () => {
    const wider = monitorOf({ segments: {}, window: { size: '2h', reviseFor: '2h' } })
    const other = trained(wider, { features: byHour, rows: 12 * PER_HOUR, perHour: PER_HOUR, dated: true })
    const { firing } = await served(other, byHour)
    expect([...firing].sort()).toEqual(['hour', 'shift'])
  })
})
