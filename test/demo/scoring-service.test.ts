import { describe, expect, it } from 'vitest'
import { schedule } from '../../src/demo/faults.js'
import { Random } from '../../src/demo/random.js'
import { type RideEvent, ScoringService } from '../../src/demo/scoring-service.js'

const START = Date.UTC(2026, 2, 2)
const HOUR_MS = 3_600_000

function produced(seed: number, hours: number, faults: boolean, stepMs = 60_000) {
  const service = new ScoringService(seed, schedule(START, hours * HOUR_MS, { faults }), 1000)
  const records = []
  for (let at = START; at < START + hours * HOUR_MS; at += stepMs) records.push(...service.records(at, at + stepMs))
  return { records: [...records, ...service.rest()], sent: service.sent }
}

/** Rides as they were sent; what cannot be read, and other models, left out. */
function rides(records: readonly { readonly value: Uint8Array | null }[]): RideEvent[] {
  return records.flatMap(({ value }) => {
    try {
      const event = JSON.parse(Buffer.from(value!).toString())
      return event.model === 'ride-pricing' && event.driverId !== undefined ? [event] : []
    } catch {
      return []
    }
  })
}

describe('ScoringService', () => {
  it('sends the same bytes for the same seed', () => {
    // As text: a deep comparison of so many buffers takes seconds.
    const text = (seed: number): string => JSON.stringify(produced(seed, 12, true))
    const one = text(3)
    expect(text(3) === one).toBe(true)
    expect(text(4) === one).toBe(false)
  })

  it('counts what it sends', () => {
    const { records, sent } = produced(5, 24, true)
    expect(records.length).toBe(sent.records)
    expect(sent.records).toBe(sent.rides + sent.broken + sent.otherModels)
    expect(rides(records).length).toBe(sent.rides)
  })

  it('sends in order of arrival, some of it out of the order of event time', () => {
    const { records } = produced(6, 12, true)
    const arrivals = records.map(({ timestamp }) => timestamp!)
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b))
    const times = rides(records).map(({ eventTime }) => eventTime)
    expect(times).not.toEqual([...times].sort((a, b) => a - b))
  })

  it('changes by its faults nothing but the features they name', () => {
    const { faults } = schedule(START, 24 * HOUR_MS, { faults: true })
    const named = new Set<string>(faults.map(({ feature }) => feature))
    const clean = new Map(rides(produced(7, 24, false).records).map(ride => [ride.requestId, ride]))
    const changed = new Map<string, number>()
    for (const ride of rides(produced(7, 24, true).records)) {
      const before = clean.get(ride.requestId)!
      expect({ ...ride, features: 0, score: 0 }).toEqual({ ...before, features: 0, score: 0 })
      for (const [name, value] of Object.entries(ride.features))
        if (value !== before.features[name as keyof typeof before.features])
          changed.set(name, (changed.get(name) ?? 0) + 1)
    }
    expect(new Set(changed.keys())).toEqual(named)
  })

  it('serves v1, then both, then v2', () => {
    const { deploy } = schedule(START, 24 * HOUR_MS, { faults: false })
    for (const { eventTime, modelVersion } of rides(produced(8, 24, false).records)) {
      if (eventTime < deploy.canary) expect(modelVersion).toBe('v1')
      if (eventTime >= deploy.rollout) expect(modelVersion).toBe('v2')
    }
  })
})

describe('Random', () => {
  /** Within six standard errors of 20,000 draws. */
  it('draws from what it says', () => {
    const random = new Random(1)
    const mean = (draw: () => number): number => Array.from({ length: 20_000 }, draw).reduce((a, b) => a + b) / 20_000
    expect(mean(() => random.next())).toBeCloseTo(0.5, 1)
    expect(Math.abs(mean(() => random.normal(3, 2)) - 3)).toBeLessThan(0.09)
    expect(Math.abs(mean(() => random.normal(0, 1) ** 2) - 1)).toBeLessThan(0.06)
    expect(Math.abs(mean(() => random.gamma(3, 2)) - 6)).toBeLessThan(0.15)
    expect(Math.abs(mean(() => random.exponential(5)) - 5)).toBeLessThan(0.22)
    expect(Math.abs(mean(() => random.weighted([0.5, 0.3, 0.2])) - 0.7)).toBeLessThan(0.04)
  })
})
