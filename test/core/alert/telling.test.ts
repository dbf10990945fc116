import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Answer } from '../../../src/core/alert/answer.js'
import type { AlertStatus } from '../../../src/core/alert/event.js'
import { type OperatorPart, operatorOf, tell, UNANSWERED } from '../../../src/core/alert/telling.js'
import { SEVERITIES, type Severity } from '../../../src/core/monitor.js'

/** A window of a firing alert: what the state machine says of it, and what operators had said before. */
interface Window {
  readonly step: AlertStatus | null
  readonly muted: boolean
  /** Acknowledged after the window. */
  readonly ack: boolean
  readonly severity: Severity
}

const MUTE: Answer = {
  ...{ id: '1', model: 'm', action: 'mute', alertId: 'x', scope: null },
  ...{ by: 'ann', at: 0, until: 9, note: 'deploy' },
}

/** The life of one alert: it begins, is reminded of at times, and ends or goes on. */
const life = (muted: fc.Arbitrary<boolean>, ack: fc.Arbitrary<boolean>): fc.Arbitrary<Window[]> =>
  fc
    .tuple(
      fc.array(fc.record({ remind: fc.boolean(), muted, ack, severity: fc.constantFrom(...SEVERITIES) }), {
        minLength: 2,
        maxLength: 12,
      }),
      fc.boolean(),
    )
    .map(([windows, ends]) =>
      windows.map(({ remind, ...one }, i) => {
        const last = ends && i === windows.length - 1
        return { ...one, step: i === 0 ? 'firing' : last ? 'resolved' : remind ? 'ongoing' : null }
      }),
    )
const no = fc.constant(false)

interface Event {
  readonly at: number
  readonly status: AlertStatus
  readonly sequence: number
  readonly by: string | null
}

function toldOf(windows: readonly Window[]): Event[] {
  let part: OperatorPart = UNANSWERED
  let issued = 0
  const events: Event[] = []
  for (const [at, { step, muted, ack, severity }] of windows.entries()) {
    if (step !== null) issued++
    const mute = muted ? MUTE : null
    const next = tell(part, step && { status: step, reason: 'so' }, mute, severity)
    part = next.part
    if (next.told !== null) {
      const { by } = operatorOf(part, mute)
      events.push({ at, status: next.told.status, sequence: issued - part.withheld, by })
    }
    if (ack) part = { ...part, acked: { by: 'bob', note: null, severity } }
  }
  return events
}

describe('what is told of an alert', () => {
  it('without an answer is what the state machine says', () => {
    fc.assert(
      fc.property(life(no, no), windows => {
        const said = windows.flatMap(({ step }, at) => (step === null ? [] : [{ at, status: step }]))
        expect(toldOf(windows)).toMatchObject(said)
        expect(toldOf(windows)).toHaveLength(said.length)
      }),
    )
  })

  it('is numbered without gaps, begins with firing, and ends with resolved', () => {
    fc.assert(
      fc.property(life(fc.boolean(), fc.boolean()), windows => {
        const told = toldOf(windows)
        expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, i) => i + 1))
        expect(told.map(({ status }) => status === 'firing')).toEqual(told.map((_, i) => i === 0))
        expect(told.slice(0, -1).every(({ status }) => status !== 'resolved')).toBe(true)
      }),
    )
  })

  it('is nothing in a mute, and once it is over exactly one event of what still fires', () => {
    fc.assert(
      fc.property(life(fc.boolean(), no), windows => {
        const told = toldOf(windows)
        for (const [at, { step, muted }] of windows.entries()) {
          const here = told.filter(event => event.at === at)
          const owed = at > 0 && windows[at - 1]!.muted
          const known = told.some(event => event.at < at)
          if (muted) expect(here).toEqual([])
          else if (step === 'resolved') expect(here).toHaveLength(known ? 1 : 0)
          else expect(here).toHaveLength(owed || step !== null ? 1 : 0)
        }
      }),
    )
  })

  it('after an acknowledgement is what is news: a cause that has become clear', () => {
    const part: OperatorPart = { ...UNANSWERED, acked: { by: 'bob', note: null, severity: 'critical' } }
    const ongoing = { status: 'ongoing', reason: 'so' } as const
    expect(tell(part, ongoing, null, 'major').told).toBeNull()
    expect(tell(part, { ...ongoing, isNews: true }, null, 'major').told).toMatchObject(ongoing)
    expect(tell(part, { ...ongoing, isNews: true }, MUTE, 'major').told).toBeNull()
  })

  it('after an acknowledgement is no reminder, unless it is more severe; its end is told as ever', () => {
    fc.assert(
      fc.property(life(no, fc.boolean()), windows => {
        const told = toldOf(windows)
        for (const [at, { step, severity }] of windows.entries()) {
          const acked = windows.slice(0, at).findLast(({ ack }) => ack)
          const known = acked !== undefined && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(acked.severity)
          const here = told.filter(event => event.at === at)
          expect(here).toHaveLength(step === null || (step === 'ongoing' && known) ? 0 : 1)
          for (const { by } of here) expect(by).toBe(acked === undefined ? null : 'bob')
        }
      }),
    )
  })
})
