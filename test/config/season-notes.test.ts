import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseMonitor } from '../../src/config/monitor.js'
import { seasonWarning } from '../../src/config/season-notes.js'

const DAY = 86_400_000
const TEXT = `apiVersion: driftline/v1
model: m
serving: { topic: t, key: k, time: at }
baseline: first-windows
seasons: hour-of-week
`

it('names file, line and remedy where the history has less than two periods', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'seasons-')), 'm.yaml')
  writeFileSync(file, TEXT)
  const told = (days: number | null) =>
    seasonWarning(file, 'hour-of-week', { source: 'train.csv', historyMs: days === null ? null : days * DAY })
  expect(told(5)).toBe(
    `${file}:5 seasons: hour-of-week needs two weeks; train.csv has 5 days. Load older rows too, name the time column with --map, or write seasons: auto.`,
  )
  expect(told(null)).toContain('train.csv has no history (a time column, and windows with rows enough)')
  expect(told(14)).toBeNull()
  expect(seasonWarning(file, 'auto', { source: 'train.csv', historyMs: null })).toBeNull()
})

it('says of a monitor that begins without a baseline when its seasons begin', () => {
  const { notices, faults } = parseMonitor(TEXT, 'm.yaml')
  expect(faults).toEqual([])
  expect(notices).toEqual([
    'm.yaml:5 seasons: hour-of-week needs two weeks, which baseline: first-windows does not bring; until then windows of any hour are compared with each other',
  ])
})
