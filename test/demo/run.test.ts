import { fileURLToPath } from 'node:url'
import pino from 'pino'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadMonitors } from '../../src/config/monitor.js'
import { balances } from '../../src/demo/account.js'
import { estimated } from '../../src/demo/estimates.js'
import { outcomeOf } from '../../src/demo/outcome.js'
import { type DemoResult, runDemo } from '../../src/demo/run.js'

const HOUR_MS = 3_600_000
const [monitor] = loadMonitors(fileURLToPath(new URL('../../topology/monitors/demo.yaml', import.meta.url))).monitors

async function run(
  seed: number,
  hours: number,
  faults = true,
  signal?: AbortSignal,
  onWindows: (windows: number) => void = () => {},
): Promise<DemoResult & { bytes: string[] }> {
  const bytes: string[] = []
  const onAlert = (_: unknown, value: Uint8Array): void => void bytes.push(Buffer.from(value).toString())
  const logger = pino({ level: 'error' })
  const onProgress = ({ windows }: { readonly windows: number }): void => onWindows(windows)
  const durationMs = hours * HOUR_MS
  const result = await runDemo({
    monitor,
    seed,
    durationMs,
    faults,
    logger,
    onAlert,
    onProgress,
    ...(signal && { signal }),
  })
  return { ...result, bytes }
}

describe('the demo as it is run without options', () => {
  let result: Awaited<ReturnType<typeof run>>
  beforeAll(async () => {
    result = await run(7, 24)
  }, 240_000)

  /** The cause that its alert must name; the first window with metres has kilometres too. */
  it.each([
    ['trip_km', 'partial-unit'],
    ['temperature_c', 'imputation'],
    ['pickup_delay_s', 'truncation'],
    ['payment_type', 'unseen'],
    ['trip_minutes', 'distribution'],
  ])('finds the fault of %s in the alert events, and why', (feature, cause) => {
    const { fault, openings } = result.outcome.faults.find(one => one.fault.feature === feature)!
    expect(openings.map(({ alert }) => alert.cause.code)).toContain(cause)
    for (const { alert, at } of openings) {
      expect(alert.window.end).toBeGreaterThan(fault.from)
      expect(at, 'no alert before its window is over').toBeGreaterThanOrEqual(alert.window.end + monitor.window.graceMs)
    }
  })

  it('resolves the alerts of faults that end, and only those', () => {
    for (const { fault, resolvedAfterMs } of result.outcome.faults)
      expect(resolvedAfterMs !== null, fault.what).toBe(Number.isFinite(fault.until))
  })

  it('says what metres cost once labels are in, in the incident of the metres', () => {
    const { fault, openings, effects } = result.outcome.faults.find(one => one.fault.feature === 'trip_km')!
    expect(effects.map(({ alert }) => `${alert.kind} ${alert.check}`)).toEqual(['performance log-loss'])
    const [{ alert, at }] = effects
    expect(alert.window.start).toBeGreaterThanOrEqual(fault.from - monitor.window.sizeMs)
    expect(at, 'labels come later').toBeGreaterThan(alert.window.end + monitor.window.graceMs)
    const ofMetres = openings.filter(one => one.alert.cause.code === 'partial-unit')
    expect(ofMetres.map(one => one.alert.incidentId)).toContain(alert.incidentId)
    const incident = result.incidents.findLast(({ incidentId }) => incidentId === alert.incidentId)!
    expect(incident).toMatchObject({ status: 'resolved', effects: [{ alertId: alert.alertId }] })
    expect(result.outcome.faults.flatMap(one => one.effects)).toHaveLength(1)
  })

  it('had estimated before the labels what they say, but not where the score was wrong', () => {
    const windows = estimated(result.performances, 'log-loss')
    expect(windows.length).toBeGreaterThan(45)
    const { from, until } = result.outcome.faults.find(one => one.fault.feature === 'trip_km')!.fault
    for (const { start, end, estimate, measured } of windows) {
      if (end <= from || start >= until) expect(Math.abs(estimate - measured.value)).toBeLessThan(0.04)
      else if (start >= from && end <= until) expect(measured.value - estimate).toBeGreaterThan(1)
    }
    const last = new Map(result.performances.map(one => [`${one.window.end} ${one.series.modelVersion}`, one]))
    const sum = [...last.values()].reduce((all, { labelled }) => all + labelled, 0)
    expect(sum / result.labels).toBeGreaterThan(0.999)
    expect(sum).toBeLessThanOrEqual(result.labels)
    expect(result.labels / result.sent.rides).toBeCloseTo(0.92, 2)
  })

  it('rings for nothing else', () => {
    expect(result.outcome.falseAlarms).toEqual([])
  })

  it('accounts for every record', () => {
    const { account, sent } = result
    expect(balances(account)).toBe(true)
    expect(account.read).toBe(sent.records)
    expect(account.rejected).toBe(sent.broken)
    expect(account.notSelected).toBe(sent.otherModels)
    expect(account.aggregated + account.late).toBe(sent.rides)
    expect(account.late).toBeGreaterThan(0)
    expect(account.deadLetters).toBeLessThan(account.rejected)
  })

  it('counts as a false alarm what no fault explains', () => {
    const opened = result.told.filter(({ alert }) => alert.status === 'firing')
    expect(outcomeOf({ faults: [] }, result.told).falseAlarms).toEqual(opened)
    const later = result.outcome.faults.map(({ fault }) => ({
      ...fault,
      from: fault.from + 1000 * HOUR_MS,
      until: Infinity,
    }))
    expect(outcomeOf({ faults: later }, result.told).faults.every(({ openings }) => openings.length === 0)).toBe(true)
  })

  it('tells its alerts as they are published', () => {
    expect(result.told.map(({ alert }) => alert.id)).toEqual(result.bytes.map(text => JSON.parse(text).id))
  })

  it('stops when told to, with what it has, the same to the byte for the same seed', async () => {
    const stopping = new AbortController()
    const half = await run(7, 24, true, stopping.signal, windows => windows >= 24 && stopping.abort())
    expect(half.stopped).toBe(true)
    expect(half.windows).toBeLessThan(26)
    // Of the others it says nothing: they had not begun.
    expect(half.outcome.faults.map(({ fault }) => fault.feature)).toEqual([
      'trip_km',
      'temperature_c',
      'pickup_delay_s',
    ])
    expect(balances(half.account)).toBe(true)
    expect(half.bytes.length).toBeGreaterThan(10)
    expect(half.bytes).toEqual(result.bytes.slice(0, half.bytes.length))
  }, 120_000)
})

it('does not ring without faults', async () => {
  const { told, account, windows } = await run(1, 12, false)
  expect(told).toEqual([])
  expect(windows).toBe(24)
  expect(balances(account)).toBe(true)
}, 120_000)
