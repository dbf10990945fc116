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
})
