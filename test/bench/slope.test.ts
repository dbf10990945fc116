import { expect, it } from 'vitest'
import { seeded } from '../random.js'
import { slopeOf } from './slope.js'

const noisy = (slope: number, seed: number) => {
  const random = seeded(seed)
  return Array.from({ length: 240 }, (_, i) => ({ x: i / 60, y: 100 + (slope * i) / 60 + 5 * random.normal() }))
}

it('the interval of a slope holds it in 95 of 100 cases or so', () => {
  const seeds = Array.from({ length: 400 }, (_, seed) => seed)
  const held = seeds.filter(seed => {
    const { slope, margin } = slopeOf(noisy(2, seed))
    return Math.abs(slope - 2) <= margin
  }).length
  expect(held / seeds.length).toBeGreaterThan(0.92)
  expect(held / seeds.length).toBeLessThan(0.99)
})

it('too few points say nothing of a slope', () => {
  for (const points of [[], [{ x: 1, y: 1 }], [1, 2].map(x => ({ x, y: x }))]) expect(slopeOf(points).slope).toBeNaN()
})

it('a line without noise has its slope and no doubt', () => {
  const { slope, margin } = slopeOf(Array.from({ length: 60 }, (_, x) => ({ x, y: 3 * x })))
  expect(slope).toBeCloseTo(3)
  expect(margin).toBeCloseTo(0)
})
