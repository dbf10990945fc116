import { expect, it } from 'vitest'
import { parseSince } from '../../src/cli/since-option.js'

const NOW = Date.UTC(2026, 0, 31, 12)

it.each([
  ['2h', NOW - 7_200_000],
  ['1d 12h', NOW - 129_600_000],
  ['now', NOW],
  ['earliest', Number.NEGATIVE_INFINITY],
  ['2026-01-31', Date.UTC(2026, 0, 31)],
  ['2026-01-31T11:30', Date.UTC(2026, 0, 31, 11, 30)],
])('%s', (text, expected) => expect(parseSince('--since', text, NOW)).toBe(expected))

it.each(['yesterday', '2', '', '2026-13-45'])('"%s" is refused, with what to write', text =>
  expect(() => parseSince('--since', text, NOW)).toThrow(/--since .*: expected .*(2h|ISO time)/),
)
