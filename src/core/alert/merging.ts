import type { Monitor } from '../monitor.js'
import { type Bundle, belongs, bundles, components, isOwn, type Kinship, near } from './belonging.js'
import { operatorOf } from './incident-operator.js'
import type { IncidentState, JudgedWindow, Member } from './incident-state.js'
import { likelyFamily } from './likely-cause.js'
import { isFiring, speaking } from './membership.js'
import { rank } from './ranking.js'
import { isTold, worstSeverity } from './severity.js'

/** An incident in a window. */
export interface Grown {
  readonly state: IncidentState
  readonly joined: readonly Member[]
  /** Whose cause has become clearer. */
  readonly explained: readonly Member[]
  /** Incidents that are part of it from this window on. */
  readonly mergedFrom?: readonly IncidentState[]
  /** The incident that it is part of from this window on. */
  readonly mergedInto?: string
}

/** An open incident in a window, as others see it. */
interface Candidate {
  readonly grown: Grown
  /** What speaks for it, of features. */
  readonly own: readonly Bundle[]
  /** Those of them that have its likely cause. */
  readonly leading: readonly Bundle[]
  /** Those of them that have opened in this window. */
  readonly opened: readonly Bundle[]
  /** Projections and predictions. */
  readonly derived: readonly Bundle[]
  /** Until this window it had derived series, or what labels say, alone. */
  readonly wasDerived: boolean
}

/**
 * Incidents of one event that its first, partial window has kept apart: a window later their causes are clearer and agree, or the features that a
 * derived series is made of have moved. One goes on with the alerts of both.
 *
 *     window     1                        2
 *     income     ▲ partial unit           unit
 *     weight     ▲ "it moved"             unit
 *     incident A firing (income)          ongoing (income, weight): B is part of it
 *     incident B firing (weight)          resolved, goes on in A
 *
 * They began in the same window or adjacent ones. What an operator has muted, or answered in one of the two alone, stays as it is.
 * @param all after what opens in this window has joined
 */
export function merged(
  monitor: Monitor,
  judged: JudgedWindow,
  kinship: Kinship,
  all: readonly Grown[],
): readonly Grown[] {
  // Windows of joined rows say nothing of features.
  if (judged.joined !== undefined || !all.some(isNews)) return all
  const { sizeMs } = monitor.window
  const candidates = all.filter(({ state }) => state.members.some(isFiring)).map(grown => candidateOf(grown, kinship))
  const isOne = (a: Candidate, b: Candidate): boolean => haveOneCause(a, b, sizeMs) && mayMerge(a, b, judged)
  const groups = components(
    candidates.filter(({ own }) => own.length > 0),
    isOne,
  )
  for (const derived of candidates.filter(({ own }) => own.length === 0))
    groups
      .find(group => group.some(one => tied(derived.derived, one.opened, sizeMs) && mayMerge(derived, one, judged)))
      ?.push(derived)
  const after = new Map(groups.filter(({ length }) => length > 1).flatMap(group => united(monitor, group)))
  return all.map(one => after.get(one) ?? one)
}

function isNews({ joined, explained }: Grown): boolean {
  return joined.length > 0 || explained.length > 0
}

function candidateOf(grown: Grown, kinship: Kinship): Candidate {
  const { state, joined } = grown
  const its = bundles(speaking(state.members), kinship).filter(one => !one.isEffect)
  const own = its.filter(isOwn)
  const family = own.length === 0 ? null : likelyFamily(rank(own))
  const before = bundles(
    state.members.filter(one => !joined.includes(one)),
    kinship,
  )
  const opened = own.filter(({ members }) => members.every(one => joined.includes(one)))
  return {
    grown,
    own,
    leading: own.filter(one => one.family === family),
    opened,
    derived: its.filter(one => !isOwn(one)),
    wasDerived: before.length > 0 && !before.some(isOwn),
  }
}

/** What their causes say now; that both moved is no cause in common. */
function haveOneCause(a: Candidate, b: Candidate, sizeMs: number): boolean {
  const isKnown = [a, b].some(({ leading }) => leading[0].family !== 'distribution')
  const isNew = [a, b].some(({ grown, wasDerived }) => grown.explained.length > 0 || wasDerived)
  return isKnown && isNew && tied(a.leading, b.leading, sizeMs)
}

function tied(some: readonly Bundle[], others: readonly Bundle[], sizeMs: number): boolean {
  return some.some(x => others.some(y => near(x, y, sizeMs) && (belongs(x, y, sizeMs) || belongs(y, x, sizeMs))))
}

/** Whether nothing that an operator has silenced becomes loud by it. */
function mayMerge(a: Candidate, b: Candidate, judged: JudgedWindow): boolean {
  const [one, other] = [a, b].map(({ grown }) => operatorOf(grown.state.members.filter(isFiring), judged).state)
  return one === other && one !== 'muted'
}

/** Each incident of a group as it is after the window: one has the members of all, the others have ended in it. */
function united(monitor: Monitor, group: readonly Candidate[]): [Grown, Grown][] {
  const order = group.map(({ grown }) => grown).sort((a, b) => byWeight(monitor, a.state, b.state))
  const [survivor, ...others] = order
  const { state } = survivor
  const all = others.map(one => one.state)
  const next: Grown = {
    state: {
      ...state,
      openedAt: Math.min(state.openedAt, ...all.map(({ openedAt }) => openedAt)),
      severity: worstSeverity([state.severity, ...all.map(({ severity }) => severity)]),
      members: [...state.members, ...all.flatMap(({ members }) => members)],
    },
    joined: order.flatMap(({ joined }) => joined),
    explained: order.flatMap(({ explained }) => explained),
    mergedFrom: all,
  }
  return [[survivor, next], ...others.map((one): [Grown, Grown] => [one, { ...one, mergedInto: state.incidentId }])]
}

/** The one that goes on first: of which people have heard, then the older, then the more important, then the larger. */
function byWeight(monitor: Monitor, a: IncidentState, b: IncidentState): number {
  const isHeard = ({ sequence, severity }: IncidentState): number => Number(sequence > 0 && isTold(monitor, severity))
  const importance = ({ members }: IncidentState): number => Math.max(...members.map(one => one.importance ?? 0))
  const effect = ({ members }: IncidentState): number => Math.max(...members.map(one => one.effect))
  return (
    isHeard(b) - isHeard(a) ||
    a.openedAt - b.openedAt ||
    importance(b) - importance(a) ||
    effect(b) - effect(a) ||
    (a.incidentId < b.incidentId ? -1 : 1)
  )
}
