import { expect, it } from 'vitest'
import { isDrifting, Load } from './soak-load.js'

const START = Date.UTC(2026, 0, 5)
const SHAPE = {
  models: 2,
  partitions: 4,
  sizeMs: 60_000,
  graceMs: 5_000,
  reviseForMs: 120_000,
  start: START,
  rounds: 500,
}

interface Made {
  readonly model: number
  readonly time: number
  readonly id: number
  readonly drifts: boolean
}

const load = () =>
  new Load(SHAPE, (...[model, time, id, drifts]) => Buffer.from(JSON.stringify({ model, time, id, drifts })))

it('the last round of each send brings every model in every partition to the same time', () => {
  const feed = load()
  for (const rounds of [1, 7, 30]) {
    const reached = new Map<string, number>()
    for (const { partition, value } of feed.next(rounds)) {
      const made = /^\{"model.*\}$/.exec(String(value))
      if (made === null) continue
      const { model, time } = JSON.parse(made[0]) as Made
      reached.set(`${partition}/${model}`, Math.max(time, reached.get(`${partition}/${model}`) ?? 0))
    }
    expect(reached.size).toBe(8)
    expect([...new Set(reached.values())]).toEqual([feed.reached])
  }
})

it('tells how many rows are late for any revision, and how many are poison; all others are counted', () => {
  const feed = load()
  const newest = new Map<string, number>()
  let [late, rows, poison] = [0, 0, 0]
  for (let i = 0; i < 40; i++)
    for (const { partition, value } of feed.next(100)) {
      const made = /^\{"model.*\}$/.exec(String(value))
      if (made === null || (JSON.parse(made[0]) as Made).time < START / 2) poison++
      else {
        const { model, time } = JSON.parse(made[0]) as Made
        const key = `${partition}/${model}`
        const before = newest.get(key) ?? 0
        newest.set(key, Math.max(before, time))
        rows++
        // Until grace after the last revision of its window, which ends with the minute.
        const closes = time - (time % 60_000) + 60_000 + 120_000 + 5_000
        if (before >= closes) late++
      }
    }
  expect(late).toBeGreaterThan(100)
  expect(feed).toMatchObject({ late, aggregated: rows - late, sent: rows + poison })
  expect(feed.windows).toBeCloseTo(8)
  expect([...feed.poisoned.keys()].sort()).toEqual(['event-time-implausible', 'not-avro', 'tombstone', 'truncated'])
  expect([...feed.poisoned.values()].reduce((sum, one) => sum + one, 0)).toBe(poison)
})

it('each model drifts for some windows now and then, none at the beginning', () => {
  const drifting = Array.from({ length: 48 }, (_, window) => [0, 1].filter(model => isDrifting(model, window, 2)))
  expect(drifting.slice(0, 12).flat()).toEqual([])
  for (const model of [0, 1]) expect(drifting.filter(some => some.includes(model)).length).toBeGreaterThanOrEqual(4)
  expect(drifting.every(some => some.length <= 1)).toBe(true)
})

it('goes on at another pace from the same time', () => {
  const feed = load()
  feed.next(SHAPE.rounds)
  expect(feed.windows).toBeCloseTo(1)
  feed.pace(4 * SHAPE.rounds)
  feed.next(4 * SHAPE.rounds)
  expect(feed.windows).toBeCloseTo(2, 1)
  expect(feed.reached).toBe(START + 119_880)
})

it('closes all windows at the end', () => {
  const feed = load()
  feed.next(3 * SHAPE.rounds)
  const records = feed.last()
  expect(feed.reached).toBeGreaterThan(START + 12 * 60_000)
  expect(records.filter(({ value }) => /^\{"model/.test(String(value))).length).toBeGreaterThanOrEqual(8)
})
