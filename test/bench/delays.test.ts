import { expect, it } from 'vitest'
import { besideFaults, Closings, delaysOf } from './delays.js'

it('delays are told by nearest rank', () => {
  const all = Array.from({ length: 200 }, (_, i) => ({ from: 1000, to: 1000 + 200 - i }))
  expect(delaysOf(all)).toEqual({ count: 200, p50: 100, p99: 198, most: 200 })
  expect(delaysOf([{ from: 5, to: 12 }])).toEqual({ count: 1, p50: 7, p99: 7, most: 7 })
  expect(delaysOf([])).toEqual({ count: 0, p50: Number.NaN, p99: Number.NaN, most: Number.NaN })
})

it('a delay is beside the faults where it ends before them, or begins when their time after is over', () => {
  const faults = [
    { from: 100, to: 200 },
    { from: 500, to: 510 },
  ]
  const calm = [
    { from: 0, to: 99 },
    { from: 231, to: 499 },
    { from: 541, to: 600 },
  ]
  const troubled = [
    { from: 50, to: 100 },
    { from: 120, to: 130 },
    { from: 230, to: 240 },
    { from: 90, to: 300 },
    { from: 400, to: 700 },
  ]
  expect(besideFaults([...calm, ...troubled], faults, 30)).toEqual({ calm, troubled })
})

it('a window closes when every partition has passed its end + grace, and not before', () => {
  const closings = new Closings(60, 5, 130)
  closings.passed(184, 1)
  expect(closings.of(180)).toBeUndefined()
  closings.passed(185, 2)
  closings.passed(190, 3)
  closings.passed(400, 4)
  expect([120, 180, 240, 300, 360, 420].map(end => closings.of(end))).toEqual([undefined, 2, 4, 4, 4, undefined])
  expect(new Closings(60, 5, 124).of(120)).toBeUndefined()
})

it('a window that has not closed when the closings begin is told', () => {
  const closings = new Closings(60, 5, 124)
  closings.passed(125, 7)
  expect(closings.of(120)).toBe(7)
})
