import { expect, it } from 'vitest'
import { parseMonitor } from '../../src/config/monitor.js'
import { hourly, QualityLine, trained, usual } from './quality-line.js'

const ROWS = 400
const line = (restarts = false, one = hourly()) => new QualityLine(one, [trained(one)], restarts)
const told = ({ alerts }: QualityLine) => alerts.filter(({ check }) => check === 'rejected')

/** Hours with rejected records beside the rows, told with the rows of the hour. */
function flooded(one: QualityLine, from: number, to: number, rejected: number): QualityLine {
  for (let hour = from; hour < to; hour++) one.reject(rejected).serve(hour, ROWS, usual)
  return one
}

it('a flood of rejected records is one alert, from its first window to the third without', () => {
  const one = flooded(line().hours(0, 2, ROWS), 2, 6, 100)
    .hours(6, 12, ROWS)
    .finish()
  const events = told(one)
  expect(events.map(({ status, sequence }) => [status, sequence])).toEqual([
    ['firing', 1],
    ['resolved', 2],
  ])
  expect(events[0]).toMatchObject({
    series: { feature: '*', segment: {} },
    summary: expect.stringMatching(/^100 of 500 records \(20 %\) were rejected and are dead letters; `driftline dead-/),
    cause: { code: 'rejected', numbers: { rejected: 100, read: 500 }, whoMoved: 'pipeline' },
    suggestedAction: 'fix-pipeline',
    incidentId: null,
  })
  expect(events[0].evidence[0]).toMatchObject({ check: 'rejected', value: 0.2, threshold: 0.05, outcome: 'breach' })
  expect(events[1]).toMatchObject({ summary: 'records can be read again' })
  // What is said of a window goes by its rows alone.
  expect(one.verdictsOf('*').flatMap(({ checks }) => checks.map(({ check }) => check))).not.toContain('rejected')
})

it('a few are none: under five in a hundred, or under fifty', () => {
  expect(told(flooded(line(), 0, 8, 20).finish())).toEqual([])
  const few = line()
  for (let hour = 0; hour < 8; hour++) few.reject(15).serve(hour, 100, usual)
  expect(told(few.finish())).toEqual([])
})

it('a restart after each message changes nothing', () => {
  const run = (restarts: boolean) =>
    told(
      flooded(line(restarts).hours(0, 2, ROWS), 2, 6, 100)
        .hours(6, 12, ROWS)
        .finish(),
    )
  expect(run(true)).toEqual(run(false))
})

it('is told too where late rows revise windows at the same time', () => {
  const one = line()
  one.hours(0, 3, ROWS)
  one.serve(1, 50, usual).reject(100).hours(3, 6, ROWS).finish()
  expect(one.verdicts.some(({ window }) => window.revision > 0)).toBe(true)
  expect(told(one)[0]).toMatchObject({ status: 'firing', cause: { numbers: { rejected: 100 } } })
})

it('is switched off by its name', () => {
  const file = `apiVersion: driftline/v1
model: m
serving: { topic: t, format: json, key: k, time: at }
window: { size: 1h }
features: { "*": { checks: { rejected: false } } }`
  const { features } = parseMonitor(file, 'm.yaml').monitors[0]
  expect(told(flooded(line(false, hourly({ features })), 0, 6, 100).finish())).toEqual([])
})
