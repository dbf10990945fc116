import { describe, expect, it } from 'vitest'
import { swing } from '../../../src/core/detect/score/errors.js'
import { seeded } from '../../random.js'

/** Independent errors of variance 1. */
const calm = (n: number): number[] => {
  const random = seeded(5)
  return Array.from({ length: n }, () => Math.max(-2, Math.min(2, random.normal())))
}

describe('the largest past error', () => {
  it('stands for two standard deviations', () => {
    expect(swing(Float64Array.from([...calm(30), 8, ...calm(9)]))).toBe(16)
  })

  it('is not looked for in the newest two windows, in which what is judged may have begun', () => {
    expect(swing(Float64Array.from([...calm(39), 4]))).toBeLessThan(1.5)
    expect(swing(Float64Array.from([...calm(38), 4, 4]))).toBeLessThan(2)
    expect(swing(Float64Array.from([...calm(37), 4, ...calm(2)]))).toBe(4)
  })

  it('is, where errors follow each other: a series that wanders is not at its beginning', () => {
    const wandering = calm(39).map((_, i) => 2 * Math.sin(i / 3))
    expect(swing(Float64Array.from([...wandering, 4]))).toBe(4)
  })
})
