import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeState, encodeState } from '../../src/codec/state.js'
import type { EvaluationState } from '../../src/core/evaluation/memory.js'
import { operators } from './answers.js'

const empty: Omit<EvaluationState, 'operators' | 'histories'> = {
  collector: { boundary: -Infinity, closeTo: -Infinity, expired: 0, sources: [], gaps: [], exceptions: [], left: [] },
  alerts: [],
  resolved: [],
  versions: [],
  incidents: [],
  recurrences: [],
  rows: [],
  activations: [],
  gathered: null,
  reported: { late: 0, rejected: 0, read: 0 },
  lane: null,
  parity: null,
  shadow: null,
}

const of = { model: 'm', monitor: 'v', position: 7, oldest: 3 }

function back(state: Omit<EvaluationState, 'histories'>): Omit<EvaluationState, 'histories'> {
  const { value, headers } = encodeState({ ...of, state })
  return decodeState(value!, Number(headers!['schema-version']))!.state
}

describe('the decision state', () => {
  it('brings back what operators have said', () => {
    fc.assert(
      fc.property(operators, said => {
        expect(back({ ...empty, operators: said }).operators).toEqual(said)
      }),
    )
  })

  it('brings back which alerts come again and again', () => {
    const recurrence = fc.record({
      ...{ key: fc.string(), check: fc.string(), code: fc.string(), alertId: fc.string(), isTold: fc.boolean() },
      ...{ times: fc.nat(), lastEnd: fc.integer(), effect: fc.double({ noNaN: true }) },
    })
    const none = { answered: [], mutes: [], expected: [], alerts: [] }
    fc.assert(
      fc.property(fc.array(recurrence), recurrences => {
        expect(back({ ...empty, operators: none, recurrences }).recurrences).toEqual(recurrences)
      }),
    )
  })
})
