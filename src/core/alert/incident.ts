import type { Monitor } from '../monitor.js'
import type { Ids } from '../ports.js'
import { sourceSeries } from '../source.js'
import { assign, bundles, type Kinship } from './belonging.js'
import { describeIncident } from './describe-incident.js'
import type { IncidentEvent } from './incident-event.js'
import { operatorOf } from './incident-operator.js'
import { reasonOf } from './incident-reason.js'
import type { IncidentAlert, IncidentState, JudgedWindow, Member } from './incident-state.js'
import { isClearer } from './lifecycle.js'
import { likelyCause } from './likely-cause.js'
import { inTextOrder, isFiring, present, refreshed, speaking, trimmed, withMix } from './membership.js'
import { type Grown, merged } from './merging.js'
import { rank } from './ranking.js'
import { scopeOf } from './scope.js'
import { worstSeverity } from './severity.js'

interface Teller {
  readonly ids: Ids
  readonly software: string
}

/** A reminder of an incident that goes on comes at most once in so many windows of event time. */
export const REMIND_EVERY = 24
/** Incidents that are over and that no late event takes back are kept up to so many: joined rows that are judged late may belong to them. */
const MOST_CLOSED = 64

/**
 * The open incidents of one monitor: firing alerts of a model version that belong together, with one likely cause. A step a window.
 *
 *     window     1            2           3          4             5
 *     fare       ▲ null       ·           ·          ▼
 *     tolls      ▲ null       ·           ·          ·             ▼
 *     tip                     ▲ null      ·          ·             ▼
 *     speed                   ▲ unit      ·          ▼
 *     incident A firing (2)   ongoing (3)                          resolved
 *     incident B              firing (1)             resolved
 *
 * Labels and offline values are judged later, by windows of their own: what they say joins the incident of its event time, which goes on again if
 * it was over.
 *
 * An alert that resolves while others fire is told with the next event. Of 24 windows without news, the last brings a reminder, unless all
 * that fires is acknowledged. While all of it is mute nothing is told.
 */
export class Incidents {
  #open: IncidentState[] = []
  /** Whose alerts have all ended, while late events may still take them back, or labels tell what they led to. */
  #closed: readonly IncidentState[] = []
  /** Alert → incident, of this step and of what is open. */
  readonly #incidents = new Map<string, string>()

  constructor(private readonly around: Teller) {}

  /** The incident that an alert belongs to, also for an alert that resolved in the newest step; null: none. */
  incidentOf(alertId: string): string | null {
    return this.#incidents.get(alertId) ?? null
  }

  state(): IncidentState[] {
    return [...this.#open, ...this.#closed]
  }

  restore(states: readonly IncidentState[]): void {
    this.#open = states.filter(({ members }) => members.some(isFiring))
    this.#closed = states.filter(({ members }) => !members.some(isFiring))
    this.#index(this.#open)
  }

  /** Late events have taken an alert back: its incident goes on without it, or ends; one that has no other alert is taken back with it. */
  retract(
    monitor: Monitor,
    judged: JudgedWindow,
    alertId: string,
  ): { readonly incidentId: string | null; readonly events: readonly IncidentEvent[] } {
    const has = ({ members }: IncidentState): boolean => members.some(one => one.alertId === alertId)
    const known = this.#open.find(has) ?? this.#closed.find(has)
    if (known === undefined) return { incidentId: null, events: [] }
    const members = known.members.map(one =>
      one.alertId === alertId ? { ...one, resolvedAt: one.resolvedAt ?? judged.window.end, retracted: true } : one,
    )
    const state = { ...known, members }
    const wasOpen = this.#open.includes(known)
    const isOver = !members.some(isFiring)
    const isNews = isOver && (wasOpen || members.every(one => one.retracted))
    const { next, event } = isNews
      ? this.#told(monitor, judged, kinshipOf(monitor, judged), { state, joined: [], explained: [] })
      : { next: state, event: null }
    const others = (all: readonly IncidentState[]): IncidentState[] => all.filter(one => one !== known)
    if (isOver) this.#closed = [...others(this.#closed), next]
    this.#open = isOver ? others(this.#open) : this.#open.map(one => (one === known ? next : one))
    return { incidentId: known.incidentId, events: event === null ? [] : [event] }
  }

  /** Events are in the order in which the incidents opened. Where nobody is to be told (observe, backfill) the caller drops them. */
  step(monitor: Monitor, judged: JudgedWindow): IncidentEvent[] {
    const { modelVersion, joined, settled = Number.POSITIVE_INFINITY } = judged
    const kinship = kinshipOf(monitor, judged)
    const isMine = (one: IncidentState): boolean => one.modelVersion === modelVersion
    const mine = this.#open.filter(isMine).map(one => refreshed(one, judged))
    const known = new Set(mine.flatMap(({ members }) => members.map(({ alertId }) => alertId)))
    const fresh = judged.alerts.filter(({ alertId }) => !known.has(alertId) && judged.firing.has(alertId))
    const over = joined === undefined || fresh.length === 0 ? [] : this.#closed.filter(isMine).reverse()
    const grown = this.#grouped(monitor, judged, kinship, [...mine, ...over], fresh)
    const resting = new Set(over.map(({ incidentId }) => incidentId))
    const before = new Map(this.#open.flatMap(({ members }) => members.map(one => [one.alertId, one] as const)))
    const explained = ({ members }: IncidentState): Member[] =>
      members.filter(one => isFiring(one) && isClearer(one.cause, (before.get(one.alertId) ?? one).cause))
    const awake = grown
      .filter(one => one.joined.length > 0 || !resting.has(one.state.incidentId))
      .map(one => ({ ...one, explained: explained(one.state) }))
    const told = merged(monitor, judged, kinship, awake).map(one => ({
      ...this.#told(monitor, judged, kinship, one),
      isPart: one.mergedInto !== undefined,
    }))
    const stepped = new Set(told.map(({ next }) => next.incidentId))
    // What is part of another from now on is known by that alone.
    const after = told.filter(({ isPart }) => !isPart)
    this.#open = this.#open.filter(one => !isMine(one))
    this.#index([...this.#open, ...after.map(({ next }) => next)])
    this.#open.push(...after.flatMap(({ next }) => (next.members.some(isFiring) ? [next] : [])))
    const { sizeMs, reviseForMs } = monitor.window
    const ended = after.flatMap(({ next }) => (next.members.some(isFiring) ? [] : [next]))
    const revisedFrom = judged.window.end - reviseForMs - sizeMs
    const all = [...this.#closed.filter(({ incidentId }) => !stepped.has(incidentId)), ...ended]
    this.#closed = all.filter(
      ({ toldAt }, i) => toldAt >= revisedFrom || (toldAt >= settled && i >= all.length - MOST_CLOSED),
    )
    return told.flatMap(({ event }) => event ?? [])
  }

  /** The open incidents with what joins them, then the new ones. */
  #grouped(
    monitor: Monitor,
    judged: JudgedWindow,
    kinship: Kinship,
    open: readonly IncidentState[],
    fresh: readonly IncidentAlert[],
  ): Grown[] {
    if (fresh.length === 0) return open.map(state => ({ state, joined: [], explained: [] }))
    const { window, modelVersion } = judged
    const there = open.map(({ members }) => bundles(present(members, fresh, judged), kinship))
    const opened = bundles(withMix(fresh, open, judged), kinship)
    const groups = assign(opened, there, monitor.window.sizeMs)
    const members = (its: (typeof groups)[number]['bundles']): Member[] =>
      inTextOrder(its.flatMap(bundle => bundle.members))
    const grown = open.map((state, i): Grown => {
      const joined = groups.filter(({ joins }) => joins === i).flatMap(group => members(group.bundles))
      return { state: { ...state, members: [...state.members, ...joined] }, joined, explained: [] }
    })
    const born = groups
      .filter(({ joins }) => joins === null)
      .map((group): Grown => {
        const joined = members(group.bundles)
        const openedAt = Math.min(...joined.map(one => one.openedAt))
        const incidentId = this.around.ids.hash(monitor.model, modelVersion, openedAt, joined[0].alertId)
        const peak = { alerts: 0, windowEnd: window.end }
        const state = {
          incidentId,
          modelVersion,
          openedAt,
          sequence: 0,
          owed: false,
          toldAt: window.end,
          severity: 'info',
          peak,
        } as const
        return { state: { ...state, members: joined }, joined, explained: [] }
      })
    return [...grown, ...born.sort((a, b) => (a.state.incidentId < b.state.incidentId ? -1 : 1))]
  }

  /** The incident after this window, and what is to be said of it; null: nothing new. */
  #told(
    monitor: Monitor,
    judged: JudgedWindow,
    kinship: Kinship,
    grown: Grown,
  ): { next: IncidentState; event: IncidentEvent | null } {
    const { window } = judged
    const { state, joined, explained, mergedFrom, mergedInto } = grown
    const firing = state.members.filter(isFiring)
    const isOver = firing.length === 0 || mergedInto !== undefined
    const operator = operatorOf(firing.length > 0 ? firing : state.members, judged)
    const severity = worstSeverity([state.severity, ...state.members.map(one => one.severity)])
    const peak = firing.length > state.peak.alerts ? { alerts: firing.length, windowEnd: window.end } : state.peak
    const next: IncidentState = { ...state, severity, peak, members: trimmed(state.members) }
    const reminderDue = window.end - state.toldAt >= REMIND_EVERY * monitor.window.sizeMs && operator.state !== 'acked'
    const worse = severity !== state.severity
    const isChanged = joined.length > 0 || explained.length > 0 || mergedFrom !== undefined
    const isNews = isChanged || worse || state.owed || isOver
    if (!isNews && !reminderDue) return { next, event: null }
    // Whoever never heard of its beginning need not hear of its end.
    const unheard = state.sequence === 0 && isOver
    if (unheard || operator.state === 'muted') return { next: { ...next, owed: isNews || state.owed }, event: null }
    const isVoid = state.members.every(one => one.retracted)
    const status = state.sequence === 0 ? 'firing' : !isOver ? 'ongoing' : isVoid ? 'retracted' : 'resolved'
    const toldAt = judged.joined === undefined ? window.end : Math.max(state.toldAt, judged.now ?? window.end)
    const told = { ...next, sequence: state.sequence + 1, owed: false, toldAt }
    const of = speaking(state.members)
    const features = rank(bundles(of, kinship))
    const scope = scopeOf(of, judged.segments)
    const cause = likelyCause(features, scope, kinship.sources)
    const worst = worse ? severity : null
    const reason = reasonOf(status, grown, firing.length, worst, window.end)
    const event = describeIncident(monitor, this.around, judged, {
      state: told,
      status,
      reason,
      features,
      scope,
      cause,
      operator,
      mergedInto: mergedInto ?? null,
    })
    return { next: told, event }
  }

  #index(states: readonly IncidentState[]): void {
    this.#incidents.clear()
    for (const { incidentId, members } of states)
      for (const { alertId } of members) this.#incidents.set(alertId, incidentId)
  }
}

/** The prediction is made of all features. */
function kinshipOf({ sources, times, serving }: Monitor, { madeOf = [] }: JudgedWindow): Kinship {
  const { prediction } = serving
  const predicted =
    prediction === null ? [] : [prediction.at(-1)!, prediction.join('.')].map(name => [name, []] as const)
  const of = Object.entries(sources).flatMap(([source, { features }]) => {
    const ages = times.flatMap(time => (time.features.some(name => features.includes(name)) ? time.series : []))
    return [...features, ...ages, sourceSeries(source)].map(series => [series, source] as const)
  })
  return { sources: new Map(of.reverse()), madeOf: new Map([...predicted, ...madeOf]) }
}
