import { describe, expect, it } from 'vitest'
import { historyLine, historyText } from '../../src/cli/baseline-history.js'
import type { Random } from '../random.js'
import { HOUR, monitorOf, trained, usual } from '../service/rides.js'

const monitor = monitorOf({ segments: {} })
const PER_HOUR = 400

/** One of them moves from hour to hour. */
const moving = (random: Random, time: number) => ({ ...usual(random), hour: Math.floor(time / HOUR) % 6 })

/** @param hours of training rows */
const linesOf = (hours: number, dated = true): { lines: string[]; features: Set<string> } => {
  const baseline = trained(monitor, { features: moving, rows: hours * PER_HOUR, perHour: PER_HOUR, dated })
  return { lines: historyLine(baseline).split('\n'), features: new Set(baseline.features.map(historyText)) }
}

describe('what a baseline says of earlier windows', () => {
  it('many are a history', () => {
    const { lines, features } = linesOf(24)
    expect(lines).toEqual([
      expect.stringMatching(/^history: the newest \d\d windows of 1h in (\d+) of \1 series; seasons/),
    ])
    expect([...features].every(text => /^\d\d × 1h/.test(text))).toBe(true)
  })

  it('a few say how far limits must lie', () => {
    const { lines, features } = linesOf(8)
    expect(lines[0]).toMatch(/^history: none/)
    expect(lines[1]).toMatch(
      /^limits: none against training below what its own windows came to, in \d of \d series, of 8 windows of 1h$/,
    )
    expect([...features]).toContain('8 × 1h, for limits')
  })

  it('rows without times say nothing', () => {
    const { lines, features } = linesOf(24, false)
    expect(lines).toEqual([expect.stringMatching(/^history: none: its rows have no times/)])
    expect([...features]).toEqual(['–'])
  })
})
