import { describe, expect, it } from 'vitest'
import type { Answer } from '../../src/core/alert/answer.js'
import type { Random } from '../random.js'
import { type Event, HOUR, hourly, QualityLine, T0, trained, usual } from './quality-line.js'

const monitor = hourly()
const baselines = [trained(monitor)]
const line = (restarts = false) => new QualityLine(monitor, baselines, restarts)
const statuses = (events: readonly { status: string }[]) => events.map(({ status }) => status)

/** The upper and the lower half of the usual amounts. */
const half =
  (side: 1 | -1) =>
  (random: Random): Event => {
    const { kind } = usual(random).values
    return { values: { amount: 35 + side * 12 * Math.abs(random.normal()), kind: kind! } }
  }
const high = half(1)
const low = half(-1)

/**
 *     hour     …  29   30            31             32        33
 *     rows        400  250 high      400
 *     late                           250 low of hour 30
 *     amount           ▲ firing      ▽ retracted: with the late rows the window is as ever
 */
describe('late events', () => {
  const late = (restarts = false) =>
    line(restarts)
      .hours(0, 30, 400)
      .serve(30, 250, high)
      .serve(31, 400, usual)
      .serve(30, 250, low)
      .hours(32, 40, 400)
      .finish()

  it('take back the alert of a window that does not breach with them, and its incident', () => {
    const one = late()
    const told = one.told('amount')
    expect(statuses(told)).toEqual(['firing', 'retracted'])
    expect(new Set(told.map(({ alertId }) => alertId)).size).toBe(1)
    expect(told.map(({ sequence }) => sequence)).toEqual([1, 2])
    expect(told[1]).toMatchObject({ window: { end: T0 + 31 * HOUR, revision: 1 }, suggestedAction: 'none' })
    expect(told[1].reason).toMatch(/^late events have changed the window until .*: it does not breach$/)
    expect(told[1].incidentId).toBe(told[0].incidentId)
    expect(one.incidents.map(({ status, incidentId }) => [status, incidentId])).toEqual([
      ['firing', told[0].incidentId],
      ['retracted', told[0].incidentId],
    ])
    expect(one.evaluation.firing).toEqual([])
  })

  it('give the window back to the history', () => {
    const one = late()
    const { history } = one.evaluation.state().histories.find(({ key }) => key === 'default||amount')!
    expect(history.during).toEqual([])
    expect(history.past.some(({ end, profile }) => end === T0 + 31 * HOUR && profile.rows === 500)).toBe(true)
    const ends = history.past.map(({ end }) => end)
    expect(ends).toEqual([...ends].sort((a, b) => a - b))
  })

  it('say the same with a restart after every message', () => {
    const bare = (events: readonly { id: string }[]) => events.map(({ id }) => id)
    const [whole, broken] = [late(), late(true)]
    expect(bare(broken.verdicts)).toEqual(bare(whole.verdicts))
    expect(broken.alerts).toEqual(whole.alerts)
    expect(broken.incidents).toEqual(whole.incidents)
  })

  it('take back an alert that has just resolved', () => {
    const patient = hourly({ window: { ...monitor.window, reviseForMs: 6 * HOUR } })
    const one = new QualityLine(patient, baselines, true)
      .hours(0, 30, 400)
      .serve(30, 250, high)
      .hours(31, 35, 400)
      .serve(30, 250, low)
      .hours(35, 40, 400)
      .finish()
    expect(statuses(one.told('amount'))).toEqual(['firing', 'resolved', 'retracted'])
    expect(statuses(one.incidents)).toEqual(['firing', 'resolved', 'retracted'])
    expect(one.told('amount').map(({ sequence }) => sequence)).toEqual([1, 2, 3])
  })

  it('leave an alert that other windows uphold, and one that they do not change', () => {
    const upheld = line()
      .hours(0, 30, 400)
      .serve(30, 250, high)
      .serve(31, 400, high)
      .serve(30, 250, low)
      .serve(32, 400, high)
      .finish()
    expect(statuses(upheld.told('amount'))).toEqual(['firing'])
    const same = line()
      .hours(0, 30, 400)
      .serve(30, 250, high)
      .serve(31, 400, usual)
      .serve(30, 200, high)
      .serve(32, 400, usual)
      .finish()
    expect(statuses(same.told('amount'))).toEqual(['firing'])
  })

  it('take back a fall of the volume that they fill', () => {
    const one = line(true)
      .hours(0, 30, 400)
      .serve(30, 60, usual)
      .serve(31, 400, usual)
      .serve(30, 330, usual)
      .hours(32, 36, 400)
      .finish()
    expect(statuses(one.told('*'))).toEqual(['firing', 'retracted'])
    expect(one.alerts).toHaveLength(2)
  })

  it('take back nothing aloud that was muted', () => {
    const mute: Answer = {
      ...{ id: 'a', model: 'm', action: 'mute', alertId: null, by: 'ann', at: 0, until: null, note: null },
      scope: { modelVersion: null, segment: null, feature: 'amount', check: null },
    }
    const one = line().hours(0, 30, 400)
    one.take(one.evaluation.answer(mute))
    one.serve(30, 250, high).serve(31, 400, usual).serve(30, 250, low).hours(32, 34, 400).finish()
    expect(one.alerts).toEqual([])
    expect(one.incidents).toEqual([])
    expect(one.evaluation.firing).toEqual([])
  })
})

describe('what ends without a window that ends it', () => {
  const v2 = (random: Random): Event => ({ ...usual(random), version: 'v2' })

  it('an alert of a model version that is served no more', () => {
    const one = new QualityLine(monitor, baselines, true)
      .hours(0, 30, 400)
      .hours(30, 32, 400, high)
      .hours(32, 44, 400, v2)
      .finish()
    const told = one.told('amount').filter(({ series }) => series.modelVersion === 'default')
    expect(statuses(told)).toEqual(['firing', 'resolved'])
    expect(told[1].reason).toBe('model version default is served no more: no rows for 8 windows')
    expect(told[1].incidentId).toBe(told[0].incidentId)
    const its = one.incidents.filter(({ incidentId }) => incidentId === told[0].incidentId)
    expect(statuses(its)).toEqual(['firing', 'resolved'])
  })

  it('not an alert that fires where the input ends', () => {
    const one = line().hours(0, 30, 400).hours(30, 32, 400, high).finish()
    expect(statuses(one.told('amount'))).toEqual(['firing'])
  })

  it('an alert of a feature that the next baseline does not have', () => {
    const less = trained(
      monitor,
      random => {
        const { kind } = usual(random).values
        return { values: { kind: kind! } }
      },
      2,
    )
    const one = new QualityLine(monitor, [...baselines, less], true)
      .hours(0, 6, 400)
      .hours(6, 14, 400, random => {
        const { amount, kind } = usual(random).values
        return { values: { amount: (amount as number) * 100, kind: kind! } }
      })
      .finish()
    const told = one.told('amount').filter(({ check }) => check !== 'new-feature')
    expect(statuses(told)).toEqual(['firing', 'resolved'])
    expect(told[1].reason).toBe('baseline 2 does not have the feature')
  })

  it('alerts of a monitor that another version follows', () => {
    const one = line().hours(0, 30, 400).hours(30, 32, 400, high)
    one.evaluation.ranges.become([{ from: Number.NEGATIVE_INFINITY, until: T0 + 33 * HOUR }])
    one.hours(32, 36, 400, high)
    expect(statuses(one.told('amount'))).toEqual(['firing', 'resolved'])
    expect(one.told('amount')[1].reason).toMatch(/^the monitor was changed/)
    expect(statuses(one.incidents)).toEqual(['firing', 'resolved'])
  })
})

/**
 *     hour      0 …      18     19     20 …        28
 *     amount    usual    ×100 ─────────────────────▶
 *     decides   training               history
 *     told                      ▲ firing            ▼ standing: one alert, not two
 */
describe('history that takes over', () => {
  const far = (random: Random): Event => {
    const { amount, kind } = usual(random).values
    return { values: { amount: (amount as number) * 100, kind: kind! } }
  }

  it('goes on with the alert of a difference that has just begun', () => {
    const one = line(true).hours(0, 18, 400).hours(18, 40, 400, far).finish()
    expect(statuses(one.told('amount').filter(({ status }) => status !== 'ongoing'))).toEqual(['firing', 'resolved'])
    expect(new Set(one.told('amount').map(({ alertId }) => alertId)).size).toBe(1)
  })

  it('ends that of a difference that has always been', () => {
    const one = line().hours(0, 40, 400, far).finish()
    expect(statuses(one.told('amount'))).toEqual(['firing', 'resolved'])
    expect(one.told('amount')[1].reason).toMatch(/a difference from training that stands is told once/)
  })
})
