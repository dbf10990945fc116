import { describe, expect, it } from 'vitest'
import { fromTo } from '../../../src/core/alert/words.js'

describe('two numbers of a move', () => {
  it('have three digits where these tell them apart, else as many as do', () => {
    expect(fromTo(7.281, 12.06)).toBe('7.28 → 12.1')
    expect(fromTo(41.8842, 41.8808)).toBe('41.884 → 41.881')
    expect(fromTo(1234.4, 1233.6)).toBe('1234.4 → 1233.6')
    expect(fromTo(1.00001e9, 1.00002e9)).toBe('1.00001e+9 → 1.00002e+9')
    expect(fromTo(5, 5)).toBe('5 → 5')
  })
})
