import pino from 'pino'
import { expect, it, vi } from 'vitest'
import { RejectionLog } from '../../src/service/rejected.js'
import { DEAD_LETTERS } from '../../src/service/topics.js'
import { MINUTE, monitorOf, T0, trained } from './rides.js'
import { Site } from './site.js'

it('a flood of rejected records is written in small portions, every one of them', async () => {
  const monitor = monitorOf()
  const site = await Site.with({ topics: { rides: 1 }, baselines: [trained(monitor)], now: T0, batchSize: 20_000 }, [
    monitor,
  ])
  const append = vi.spyOn(site.log, 'append')
  const small = Array.from({ length: 6_000 }, (_, i) => ({ key: null, value: Buffer.from(`${i}`) }))
  const large = Array.from({ length: 40 }, () => ({ key: null, value: Buffer.alloc(300_000, 0x78) }))
  await site.send('rides', [...small, ...large])
  const portions = append.mock.calls.filter(([topic]) => topic === DEAD_LETTERS).map(([, records]) => records)
  const bytes = portions.map(records => records.reduce((sum, { value }) => sum + value!.length, 0))
  expect(Math.max(...portions.map(({ length }) => length))).toBe(500)
  expect(Math.max(...bytes)).toBeLessThan(2 ** 20 + 300_000)
  const letters = await site.deadLetters()
  expect(letters.map(({ offset }) => offset)).toEqual(Array.from({ length: 6_040 }, (_, i) => i))
  expect(await site.counted('rides')).toEqual([{ rejected: 6_040 }])
})

it('and is one line of the log a minute, the first at once', () => {
  const lines: { rejected: Record<string, number>; last: { offset: number } }[] = []
  const log = new RejectionLog('rides', pino({}, { write: line => void lines.push(JSON.parse(line)) }))
  for (let i = 0; i < 50_000; i++) log.count(i % 10 === 0 ? 'key-missing' : 'not-json', 0, i, T0 + i)
  expect(lines.map(({ rejected }) => rejected)).toEqual([{ 'key-missing': 1 }])
  log.tick(T0 + MINUTE - 1)
  expect(lines).toHaveLength(1)
  log.tick(T0 + MINUTE)
  log.tick(T0 + 10 * MINUTE)
  expect(lines.slice(1)).toMatchObject([
    { rejected: { 'key-missing': 4_999, 'not-json': 45_000 }, last: { offset: 49_999 } },
  ])
  log.count('truncated', 0, 7, T0 + 11 * MINUTE)
  expect(lines.slice(2)).toMatchObject([{ rejected: { truncated: 1 }, last: { offset: 7 } }])
})
