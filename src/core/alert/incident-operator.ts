import type { JudgedWindow, Member } from './incident-state.js'
import { NOBODY, type Operator } from './telling.js'

/**
 * What operators have said of an incident: muted while all of these alerts are, until the first mute ends; acknowledged where each is either.
 * @param members those that fire, or all of an incident in which none does any more
 */
export function operatorOf(
  members: readonly Member[],
  { operator, modelVersion }: Pick<JudgedWindow, 'operator' | 'modelVersion'>,
): Operator {
  if (operator === undefined) return NOBODY
  const said = members.map(member => operator({ ...member, modelVersion }))
  const acked = said.find(({ state }) => state === 'acked')
  if (said.some(({ state }) => state === 'none' || state === 'expected')) return NOBODY
  if (acked !== undefined) return acked
  return said.reduce((first, one) => (endOf(one) < endOf(first) ? one : first))
}

function endOf({ until }: Operator): number {
  return until ?? Number.POSITIVE_INFINITY
}
