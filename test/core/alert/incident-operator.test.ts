import { describe, expect, it } from 'vitest'
import type { Answer } from '../../../src/core/alert/answer.js'
import type { Random } from '../../random.js'
import { type Event, HOUR, hourly, QualityLine, T0, trained, usual } from '../quality-line.js'

const monitor = hourly()
const baselines = [trained(monitor)]
const statuses = (events: readonly { status: string }[]) => events.map(({ status }) => status)

const nulls =
  (share: number, of: readonly ('amount' | 'kind')[] = ['amount']) =>
  (random: Random): Event => {
    const { values } = usual(random)
    const gone = Object.fromEntries(of.filter(() => random.chance(share)).map(name => [name, null]))
    return { values: { ...values, ...gone } }
  }

const answer = (more: Partial<Answer>): Answer => ({
  ...{ id: JSON.stringify(more), model: 'm', action: 'mute', alertId: null, by: 'ann', at: 0, until: null, note: null },
  scope: { modelVersion: null, segment: null, feature: 'amount', check: null },
  ...more,
})

const line = () => new QualityLine(monitor, baselines, true).hours(0, 30, 400)

describe('an incident of muted alerts', () => {
  it('is not told, nor its end', () => {
    const one = line()
    one.take(one.evaluation.answer(answer({})))
    one.hours(30, 33, 400, nulls(0.2)).hours(33, 40, 400).finish()
    expect(one.incidents).toEqual([])
  })

  it('is told when an alert joins that is not muted, with both', () => {
    const one = line()
    one.take(one.evaluation.answer(answer({})))
    one
      .serve(30, 400, nulls(0.2))
      .serve(31, 400, nulls(0.2, ['amount', 'kind']))
      .hours(32, 40, 400)
      .finish()
    expect(statuses(one.incidents)).toEqual(['firing', 'resolved'])
    const [opened] = one.incidents
    expect(opened.operator.state).toBe('none')
    expect(opened.alerts.map(({ feature, operator }) => [feature, operator])).toEqual([
      ['amount', 'muted'],
      ['kind', 'none'],
    ])
  })

  it('is told when the mute ends and it still fires', () => {
    const one = line()
    one.take(one.evaluation.answer(answer({ until: T0 + 33 * HOUR })))
    one.hours(30, 36, 400, nulls(0.2)).finish()
    expect(one.incidents).toMatchObject([
      { status: 'firing', reason: '1 alert firing after a mute', window: { end: T0 + 33 * HOUR }, sequence: 1 },
    ])
  })
})

describe('an acknowledged incident', () => {
  it('says so, and that it is more severe all the same', () => {
    const one = line().hours(30, 32, 400, nulls(0.06))
    one.take(one.evaluation.answer(answer({ action: 'ack' })))
    one.hours(32, 35, 400, nulls(0.6)).finish()
    expect(statuses(one.incidents)).toEqual(['firing', 'ongoing'])
    const [, worse] = one.incidents
    expect(worse.reason).toMatch(/^severity rose to /)
    // What was acknowledged was milder.
    expect(worse.operator.state).toBe('none')
  })
})
