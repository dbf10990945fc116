import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../src/config/duration.js'

describe('parseDuration', () => {
  it.each([
    ['30d', 2_592_000_000],
    ['1h', 3_600_000],
    ['15m', 900_000],
    ['250ms', 250],
    ['2w', 1_209_600_000],
    ['30d 1h 15m 250ms', 2_592_000_000 + 3_600_000 + 900_000 + 250],
    ['1h30m', 5_400_000],
    [' 1 h ', 3_600_000],
    ['0s', 0],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ms })
  })

  it.each([
    ['', 'Write whole numbers with units, for example 30d or 1h 15m.'],
    ['soon', 'Write whole numbers with units, for example 30d or 1h 15m.'],
    ['60', 'Add the unit, for example 60s or 60m.'],
    ['1h 60', 'Add the unit, for example 60s or 60m.'],
    ['-5m', 'A duration cannot be negative.'],
    ['1.5h', 'Use whole numbers: 1h 30m, not 1.5h.'],
    ['5 parsecs', 'The units are w, d, h, m, s, ms; "parsecs" is none of them.'],
    ['5 toString', 'The units are w, d, h, m, s, ms; "toString" is none of them.'],
    ['5M', 'The units are w, d, h, m, s, ms; "M" is none of them.'],
    ['1m 1m', 'Name each unit once; m is there twice.'],
    ['99999d', 'The longest duration is 3660d.'],
    ['99999999999999999999999d', 'The longest duration is 3660d.'],
  ])('says how to write %j', (text, remedy) => {
    expect(parseDuration(text)).toEqual({ remedy })
  })

  it('reads what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3660 * 86_400_000 }), ms => {
        expect(parseDuration(formatDuration(ms))).toEqual({ ms })
      }),
    )
    expect(formatDuration(5_400_000)).toBe('1h 30m')
  })
})
