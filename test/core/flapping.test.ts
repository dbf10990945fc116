import { describe, expect, it } from 'vitest'
import type { Answer } from '../../src/core/alert/answer.js'
import type { Random } from '../random.js'
import { type Event, hourly, QualityLine, T0, trained, usual } from './quality-line.js'

const monitor = hourly()
const baselines = [trained(monitor)]
const ROWS = 400

/** The usual amounts, and so much more. */
const moved =
  (by: number) =>
  (random: Random): Event => {
    const { values } = usual(random)
    return { values: { ...values, amount: (values['amount'] as number) + by } }
  }

/** Amounts move by so much for an hour, six hours after the last time. */
function bursts(sizes: readonly number[], { restarts = false, every = 6 } = {}): QualityLine {
  const line = new QualityLine(monitor, baselines, restarts).hours(0, 30, ROWS)
  for (const [i, size] of sizes.entries()) {
    const hour = 30 + i * every
    line.serve(hour, ROWS, moved(size)).hours(hour + 1, hour + every, ROWS)
  }
  return line.finish()
}

const statuses = (line: QualityLine): string[] => line.told('amount').map(({ status }) => status)
const pairs = (n: number): string[] => Array.from({ length: n }, () => ['firing', 'resolved']).flat()

describe('an alert that ends and comes again', () => {
  it('is told twice, the second time with what follows from it; then no more, nor its incidents', () => {
    const line = bursts([8, 8, 8, 8])
    expect(statuses(line)).toEqual(pairs(2))
    const [first, , second] = line.told('amount')
    expect(first!.reason).not.toContain('again')
    expect(second!.reason).toMatch(/; again soon after its end: from now on told only where it goes farther/)
    expect(line.incidents.map(({ status }) => status)).toEqual(pairs(2))
    // The verdicts say what is.
    const breaches = line.verdicts.filter(({ series, outcome }) => series.feature === 'amount' && outcome === 'breach')
    expect(breaches.length).toBeGreaterThanOrEqual(4)
  })

  it('is told where it goes farther, with a sequence of its own', () => {
    const line = bursts([8, 8, 8, 24])
    expect(statuses(line)).toEqual(pairs(3))
    expect(line.told('amount').at(-2)).toMatchObject({ sequence: 1, severity: 'critical' })
  })

  it('is told again once it has been away for long', () => {
    expect(statuses(bursts([8, 8, 8, 8], { every: 30 }))).toEqual(pairs(4))
  })

  it('of another kind is told', () => {
    const line = new QualityLine(monitor, baselines, false).hours(0, 30, ROWS)
    for (const hour of [30, 36, 42]) line.serve(hour, ROWS, moved(8)).hours(hour + 1, hour + 6, ROWS)
    const gone = (random: Random): Event => ({
      values: { ...usual(random).values, amount: random.chance(0.2) ? null : 35 },
    })
    line.serve(48, ROWS, gone).hours(49, 53, ROWS).finish()
    expect(statuses(line)).toEqual(pairs(3))
  })

  it('begins anew where an operator has ended it', () => {
    const line = new QualityLine(monitor, baselines, false).hours(0, 30, ROWS)
    for (const hour of [30, 36, 42]) {
      line.serve(hour, ROWS, moved(8)).hours(hour + 1, hour + 2, ROWS)
      const { alertId } = line.told('amount').at(-1)!
      const at = T0 + (hour + 2) * 3_600_000
      const answer: Answer = {
        ...{ id: `a${hour}`, action: 'resolve', model: monitor.model, alertId, scope: null },
        ...{ by: 'ann', note: null, until: null, at },
      }
      line.take(line.evaluation.answer(answer))
      line.hours(hour + 2, hour + 6, ROWS)
    }
    line.finish()
    expect(statuses(line).filter(status => status === 'firing')).toHaveLength(3)
  })

  it('is told after a mute that swallowed it twice', () => {
    const line = new QualityLine(monitor, baselines, false).hours(0, 30, ROWS)
    const scope = { modelVersion: null, segment: null, feature: 'amount', check: null }
    const about = { id: 'm', action: 'mute', model: monitor.model, alertId: null, scope } as const
    const [at, until] = [30, 42].map(hour => T0 + hour * 3_600_000)
    line.take(line.evaluation.answer({ ...about, by: 'ann', note: null, at: at!, until: until! }))
    for (const hour of [30, 36, 42]) line.serve(hour, ROWS, moved(8)).hours(hour + 1, hour + 6, ROWS)
    expect(statuses(line.finish())).toEqual(pairs(1))
  })

  it('is the same after restarts', () => {
    const sizes = [8, 8, 8, 24, 8]
    expect(bursts(sizes, { restarts: true }).told('amount')).toEqual(bursts(sizes).told('amount'))
  })
})
