import { describe, expect, it } from 'vitest'
import type { AlertEvent, VerdictEvent } from '../../src/core/alert/event.js'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import { BaselineBuilder } from '../../src/core/baseline/build.js'
import { hashBytes, utf8 } from '../../src/core/dictionary.js'
import { Evaluation } from '../../src/core/evaluate.js'
import type { Monitor } from '../../src/core/monitor.js'
import { PanePlanner } from '../../src/core/planner.js'
import { Layout, NULL, NUMBER, Row, TEXT } from '../../src/core/row.js'
import { Summarizer } from '../../src/core/summarize.js'
import { ids } from '../../src/service/ids.js'
import { seeded } from '../random.js'
import { monitorOf } from './world.js'

const HOUR = 3_600_000
const T0 = Math.ceil(1_700_000_000_000 / HOUR) * HOUR
const ROWS = 500

type Event = { amount: number | null; zeros: number; country: string | null }

const monitor: Monitor = {
  ...monitorOf({ advance: HOUR, size: HOUR, grace: 60_000, revise: HOUR }),
  features: new Map(),
  segments: [{ name: 'country', path: null, values: null, top: 2 }],
}

function clean(random = seeded(7)): () => Event {
  return () => ({
    amount: random.chance(0.02) ? null : 35 + 12 * random.normal(),
    zeros: random.chance(0.5) ? 0 : Math.exp(random.normal()),
    country: random.pick(['DE', 'DE', 'DE', 'FR', 'FR', 'IT']),
  })
}

function fill(row: Row, event: Event, time: number): Row {
  row.fit()
  row.time = time
  row.flags.fill(0)
  for (const [name, value] of Object.entries(event)) {
    const slot = row.layout.add(name, 'auto')
    row.fit()
    if (value === null) row.flags[slot] = NULL
    else if (typeof value === 'number') {
      row.flags[slot] = NUMBER
      row.numbers[slot] = value
    } else {
      const bytes = utf8(value)
      row.flags[slot] = TEXT
      row.bytes = bytes
      row.starts[slot] = 0
      row.lengths[slot] = bytes.length
      row.hashes[slot] = hashBytes(bytes, 0, bytes.length)
      row.categories[slot] = row.layout.slots[slot].dictionary.find(bytes, 0, bytes.length, row.hashes[slot])
    }
  }
  return row
}

function baseline(rows = 5000): Baseline {
  const layout = new Layout(true, 100)
  const builder = new BaselineBuilder(monitor, layout, {
    version: 1,
    modelVersion: null,
    source: 'test',
    loadedAt: 0,
    from: null,
  })
  const row = new Row(layout)
  for (const end of [() => builder.freeze(), () => {}]) {
    const next = clean()
    for (let i = 0; i < rows; i++) builder.observe(fill(row, next(), T0))
    end()
  }
  return builder.finish(() => 'hash')
}

function line(windows: readonly (() => Event)[]): { verdicts: VerdictEvent[]; alerts: AlertEvent[] } {
  const known = [baseline()]
  const activation = { model: 'm', modelVersion: null, baseline: 1, from: null, by: 'test', at: 0 }
  const layout = new Layout(true, 100)
  const planner = new PanePlanner(monitor, layout)
  planner.update(known, [activation])
  layout.versions.add('default')
  const summarizer = new Summarizer(monitor, layout, { topic: 't', partition: 0 }, planner, 0)
  const evaluation = new Evaluation(monitor, { ids, software: 'test', alertsFrom: -Infinity })
  evaluation.know(known)
  evaluation.activate(activation)
  const row = new Row(layout)
  const out = { verdicts: [] as VerdictEvent[], alerts: [] as AlertEvent[] }
  const tell = (parts: ReturnType<Summarizer['drain']>): void => {
    for (const part of parts) evaluation.add(part)
    const progress = summarizer.progress(false, -Infinity)
    const marker = { topic: 't', partition: 0, partitions: 1, nextOffset: summarizer.nextOffset, monitors: [progress] }
    const { verdicts, alerts } = evaluation.advance(marker, progress)
    out.verdicts.push(...verdicts)
    out.alerts.push(...alerts)
  }
  for (const [w, next] of windows.entries()) {
    for (let i = 0; i < ROWS; i++)
      summarizer.observe(fill(row, next(), T0 + w * HOUR + Math.floor((i * HOUR) / ROWS)), summarizer.nextOffset)
    tell(summarizer.drain())
  }
  tell(summarizer.finish())
  return out
}

describe('the launch rule on whole windows', () => {
  const from = clean(seeded(99))

  it('says ok of windows like training, for all rows and each segment', () => {
    const { verdicts, alerts } = line([from, from, from, from])
    expect(alerts).toEqual([])
    expect(new Set(verdicts.map(v => JSON.stringify(v.series.segment)))).toEqual(
      new Set(['{}', '{"country":"DE"}', '{"country":"FR"}', '{"country":"other"}']),
    )
    const whole = verdicts.filter(v => Object.keys(v.series.segment).length === 0 && v.series.feature !== '*')
    expect(whole.map(v => v.outcome)).toEqual(Array(12).fill('ok'))
    expect(whole.every(v => v.window.rows === ROWS)).toBe(true)
    // 500 rows, a sixth of them Italian: too few to judge.
    const rest = verdicts.filter(v => v.series.segment['country'] === 'other' && v.series.feature === 'amount')
    expect(rest.map(v => v.outcome)).toEqual(Array(4).fill('ok'))
    expect(
      rest
        .flatMap(v => v.checks)
        .filter(c => c.check === 'psi')
        .map(c => c.because),
    ).toEqual(Array(4).fill('too-few-rows'))
  })

  it('fires on a unit change, names the feature, and resolves after three calm windows', () => {
    const scaled = (): Event => {
      const event = from()
      return { ...event, amount: event.amount === null ? null : event.amount * 1000 }
    }
    const { alerts } = line([from, scaled, scaled, from, from, from, from])
    const whole = alerts.filter(alert => Object.keys(alert.series.segment).length === 0)
    expect(new Set(whole.map(alert => alert.series.feature))).toEqual(new Set(['amount']))
    expect(whole.map(({ status, sequence, severity }) => ({ status, sequence, severity }))).toEqual([
      { status: 'firing', sequence: 1, severity: 'critical' },
      { status: 'resolved', sequence: 2, severity: 'critical' },
    ])
    const [fired, over] = whole
    expect(fired.alertId).toBe(over.alertId)
    expect(fired.openedAt).toBe(T0 + HOUR)
    expect(over.window.end).toBe(T0 + 6 * HOUR)
    expect(fired.cause).toMatchObject({ code: 'unit', whoMoved: 'pipeline' })
    expect(fired.kind).toBe('skew')
  })

  it('tells nulls imputed as zero by the nulls and the atom', () => {
    const imputed = (): Event => ({ ...from(), country: null })
    const { alerts } = line([imputed, imputed])
    const whole = alerts.filter(alert => Object.keys(alert.series.segment).length === 0)
    expect(whole.map(alert => alert.check).sort()).toEqual(['null'])
    expect(whole[0].summary).toBe('country: nulls rose from 0 % to 100 %')
  })
})

describe('a series with a history of its own', () => {
  const from = clean(seeded(5))
  const usual = Array.from({ length: 30 }, () => from)
  const shifted = (): Event => {
    const event = from()
    return { ...event, amount: event.amount === null ? null : event.amount + 4 }
  }
  const whole = (alerts: AlertEvent[]): AlertEvent[] =>
    alerts.filter(({ series }) => Object.keys(series.segment).length === 0)

  it('is quiet while nothing changes, and says what it was compared with', () => {
    const { verdicts, alerts } = line([...usual, ...usual])
    expect(alerts).toEqual([])
    const last = verdicts.findLast(({ series }) => series.feature === 'amount')!
    const deciding = last.checks.filter(({ decides }) => decides)
    expect(new Set(deciding.map(({ against }) => against))).toEqual(new Set(['history']))
    expect(deciding.every(({ calibrated, m }) => calibrated && m > 0)).toBe(true)
    expect(last.checks.some(({ against, decides }) => against === 'training' && !decides)).toBe(true)
  })

  it('tells a third of σ that the launch rule lets pass, in its first windows, as drift', () => {
    const { alerts } = line([...usual, shifted, shifted, shifted])
    expect(whole(alerts)).toMatchObject([{ status: 'firing', kind: 'drift', series: { feature: 'amount' } }])
    expect(whole(alerts)[0].window.end).toBeLessThanOrEqual(T0 + 32 * HOUR)
    expect(whole(line([shifted, shifted, shifted]).alerts)).toEqual([])
  })

  it('tells a standing difference once, and nothing of the return', () => {
    const { alerts } = line([...usual, ...Array.from({ length: 16 }, () => shifted), ...usual])
    expect(whole(alerts).map(({ status }) => status)).toEqual(['firing', 'resolved'])
    expect(whole(alerts)[1].reason).toMatch(/standing difference/)
  })

  it('notices a further change of a standing difference', () => {
    const more = (): Event => ({ ...shifted(), amount: 90 + Math.abs(shifted().amount ?? 0) })
    const { alerts } = line([...usual, ...Array.from({ length: 16 }, () => shifted), more, more])
    const ends = whole(alerts).filter(({ status }) => status !== 'ongoing')
    expect(ends.map(({ status }) => status)).toEqual(['firing', 'resolved', 'firing'])
    expect(new Set(whole(alerts).map(({ alertId }) => alertId)).size).toBe(2)
  })
})
