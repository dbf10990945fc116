import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Answer, concerns, holds, mute, mutedBy, type Scope, unmute } from '../../../src/core/alert/answer.js'

const name = fc.constantFrom('a', 'b')
const segment = fc.constantFrom({}, { pay: 'cash' }, { pay: 'card' })
const scope: fc.Arbitrary<Scope> = fc.record({
  modelVersion: fc.option(name),
  segment: fc.option(segment),
  feature: fc.option(name),
  check: fc.option(name),
})
const subject = fc.record({
  alertId: fc.constantFrom('x', 'y'),
  modelVersion: name,
  segment,
  feature: name,
  check: name,
})
/** Given to an alert, to a scope, or to both. */
const answer: fc.Arbitrary<Answer> = fc
  .record({
    id: fc.uuid(),
    model: fc.constant('m'),
    action: fc.constant('mute' as const),
    alertId: fc.option(fc.constantFrom('x', 'y')),
    scope: fc.option(scope),
    by: fc.constant('ann'),
    at: fc.constant(0),
    until: fc.option(fc.integer({ min: 1, max: 20 })),
    note: fc.constant(null),
  })
  .filter(({ alertId, scope }) => alertId !== null || scope !== null)

const muted = (answers: readonly Answer[]): readonly Answer[] => answers.reduce(mute, [])

describe('a scope', () => {
  it('holds itself, and what is in a scope that it holds', () => {
    fc.assert(
      fc.property(scope, scope, scope, (a, b, c) => {
        expect(holds(a, a)).toBe(true)
        if (holds(a, b) && holds(b, c)) expect(holds(a, c)).toBe(true)
      }),
    )
  })

  it('that is wider concerns every alert that the narrower does', () => {
    fc.assert(
      fc.property(answer, scope, scope, subject, (one, a, b, of) => {
        fc.pre(holds(a, b) && concerns({ ...one, scope: b }, of))
        expect(concerns({ ...one, scope: a }, of)).toBe(true)
      }),
    )
  })

  it('of all rows is not every segment', () => {
    const all: Scope = { modelVersion: null, segment: {}, feature: null, check: null }
    const cash = { alertId: 'x', modelVersion: 'a', segment: { pay: 'cash' }, feature: 'a', check: 'a' }
    expect(holds(all, cash)).toBe(false)
    expect(holds({ ...all, segment: null }, cash)).toBe(true)
  })
})

describe('mutes', () => {
  it('silence what they concern in windows that end before they do, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(answer), subject, fc.nat(20), (answers, of, end) => {
        const standing = muted(answers)
        const any = standing.some(one => concerns(one, of) && end < (one.until ?? Number.POSITIVE_INFINITY))
        expect(mutedBy(standing, of, end) !== null).toBe(any)
      }),
    )
  })

  it('of several the one that lasts longest is told', () => {
    fc.assert(
      fc.property(fc.array(answer), subject, fc.nat(20), (answers, of, end) => {
        const told = mutedBy(muted(answers), of, end)
        for (let later = end; told !== null && later < (told.until ?? 40); later++)
          expect(mutedBy(muted(answers), of, later)).toBe(told)
        if (told !== null && told.until !== null) expect(mutedBy(muted(answers), of, told.until)).toBeNull()
      }),
    )
  })

  it('given again take the place of the earlier one, so that they can be made shorter', () => {
    fc.assert(
      fc.property(fc.array(answer), answer, fc.nat(20), (answers, one, until) => {
        const twice = mute(mute(muted(answers), one), { ...one, id: 'again', until })
        expect(twice).toEqual(mute(muted(answers), { ...one, id: 'again', until }))
      }),
    )
  })

  it('are taken back by an answer to the same alert or with a scope that holds theirs; the others stand', () => {
    fc.assert(
      fc.property(fc.array(answer), answer, (answers, back) => {
        const before = muted(answers)
        const after = unmute(before, back)
        for (const one of before) {
          const sameAlert = back.alertId !== null && back.alertId === one.alertId
          const within = back.scope !== null && one.scope !== null && holds(back.scope, one.scope)
          expect(after.includes(one)).toBe(!sameAlert && !within)
        }
        expect(unmute(mute(before, back), back)).not.toContainEqual(back)
      }),
    )
  })
})
