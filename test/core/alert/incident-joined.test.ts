import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Incidents } from '../../../src/core/alert/incident.js'
import type { IncidentEvent } from '../../../src/core/alert/incident-event.js'
import type { IncidentState, JoinedSide, JudgedWindow } from '../../../src/core/alert/incident-state.js'
import { ids } from '../../../src/service/ids.js'
import { monitorOf } from '../world.js'
import { type AlertSpec, alertOf, HOUR, START } from './incident-world.js'

type Log = JoinedSide | 'features'
const MONITOR = monitorOf({ advance: HOUR, size: HOUR, grace: 0, revise: 0 })

/** Windows of features, of predictions with their labels and of pairs, each in their order, taken in any order of each other. */
class Lanes {
  readonly events: IncidentEvent[] = []
  incidents = new Incidents({ ids, software: 'test' })
  readonly #next: Record<Log, number> = { features: 0, labels: 0, offline: 0 }

  constructor(private readonly alerts: Readonly<Partial<Record<Log, readonly AlertSpec[]>>>) {}

  /** The next windows of a log, up to `to`. */
  to(log: Log, to: number): this {
    while (this.#next[log] <= to) this.next(log)
    return this
  }

  next(log: Log): IncidentEvent[] {
    const w = this.#next[log]++
    const events = this.incidents.step(MONITOR, this.judged(log, w, 0))
    this.events.push(...events)
    return events
  }

  retract(log: JoinedSide, spec: AlertSpec, window: number): readonly IncidentEvent[] {
    return this.incidents.retract(MONITOR, this.judged(log, window, 3), alertOf(spec).alertId).events
  }

  restart(): void {
    const saved = structuredClone(this.incidents.state())
    this.incidents = new Incidents({ ids, software: 'test' })
    this.incidents.restore(saved)
  }

  /** May a log be read further? What is joined comes after the features of its window. */
  mayGo(log: Log): boolean {
    return log === 'features' || this.#next[log] < this.#next.features
  }

  judged(log: Log, w: number, revision: number): JudgedWindow {
    const firing = (one: Log): AlertSpec[] =>
      (this.alerts[one] ?? []).filter(
        ({ from, to = Number.POSITIVE_INFINITY }) => from < this.#next[one] && this.#next[one] <= to,
      )
    const window = {
      ...{ start: START + w * HOUR, end: START + (w + 1) * HOUR, revision, provisional: false, rows: 100 },
      ...{ expectedRows: null, late: 0, rejected: 0, sampleRate: 1, gaps: [], partitions: { expected: 1, present: 1 } },
    }
    return {
      ...{ modelVersion: 'v1', window, baseline: null, input: [], segments: [] },
      alerts: firing(log).map(alertOf),
      firing: new Set(
        [...firing('features'), ...firing('labels'), ...firing('offline')].map(one => alertOf(one).alertId),
      ),
      settled: START + (Math.min(this.#next.labels, this.#next.offline) - 60) * HOUR,
      ...(log !== 'features' && { joined: log, now: START + this.#next.features * HOUR }),
    }
  }

  /** Alerts that are in one incident, by name. */
  get groups(): string[] {
    const name = ({ kind, feature }: IncidentState['members'][number]): string => `${kind} ${feature}`
    return this.incidents
      .state()
      .map(({ members }) => members.map(name).sort().join(', '))
      .sort()
  }
}

const SKEW = { feature: 'f7', kind: 'skew', code: 'truncation', from: 2, to: 6, importance: 0.3 } as const
const AUC = { feature: 'score', kind: 'performance', code: 'performance', opened: 2, from: 3, to: 8, z: null } as const
const PARITY = { ...SKEW, kind: 'parity', z: null, to: 7 } as const

describe('what labels say', () => {
  it('joins the incident of what moved, as its effect', () => {
    //   window   0  1  2  3  4  5  6  7  8
    //   f7             ▲ ─────────▼
    //   AUC            –  ▲ ────────────▼      told when its labels are in
    const lanes = new Lanes({ features: [SKEW], labels: [AUC] }).to('features', 4)
    const [opened] = lanes.events
    lanes.to('labels', 3)
    const joined = lanes.events.at(-1)!
    expect(joined).toMatchObject({
      ...{ incidentId: opened.incidentId, status: 'ongoing', reason: '1 alert joined: score', sequence: 2 },
      ...{ kind: 'skew', suggestedAction: 'fix-pipeline', cause: { code: 'truncation' }, featureCount: 1 },
      effects: [{ kind: 'performance', feature: 'score', status: 'firing', openedAt: START + 2 * HOUR }],
    })
    expect(joined.summary).toBe('f7: truncation moved; score: performance moved, since 2026-01-05T02:00:00Z')
    const [cause, effect] = joined.alerts
    expect([cause.explainedBy, effect.explainedBy]).toEqual([null, cause.alertId])
    lanes.to('features', 9).to('labels', 9)
    expect(lanes.events.at(-1)).toMatchObject({ status: 'resolved', alertCount: 2, effects: [{ status: 'resolved' }] })
    expect(lanes.events.map(({ status }) => status)).toEqual(['firing', 'ongoing', 'resolved'])
    expect(new Set(lanes.events.map(({ id }) => id)).size).toBe(3)
  })

  it('joins an incident that was over when the labels came, and names its cause', () => {
    const lanes = new Lanes({ features: [SKEW], labels: [AUC] }).to('features', 40).to('labels', 3)
    expect(lanes.events.map(({ status, reason }) => `${status}: ${reason}`)).toEqual([
      'firing: 1 alert opened',
      'resolved: the last of 1 alert resolved',
      'ongoing: 1 alert joined: score, after its end',
    ])
    expect(lanes.events.at(-1)).toMatchObject({
      ...{ cause: { code: 'truncation' }, suggestedAction: 'investigate', durationMs: 5 * HOUR },
      effects: [{ kind: 'performance' }],
    })
    lanes.to('features', 41)
    expect(lanes.events).toHaveLength(3)
    lanes.to('labels', 8)
    expect(lanes.events.at(-1)).toMatchObject({ status: 'resolved', sequence: 4 })
    expect(lanes.groups).toEqual(['performance score, skew f7'])
  })

  it('is an incident of its own where nothing moved, and asks for a retraining', () => {
    const drift = { ...AUC, kind: 'concept-drift', code: 'concept-drift' } as const
    const lanes = new Lanes({ labels: [AUC, drift] }).to('features', 4).to('labels', 3)
    expect(lanes.events).toMatchObject([
      {
        ...{ status: 'firing', kind: 'concept-drift', suggestedAction: 'retrain', cause: { code: 'concept-drift' } },
        effects: [{ kind: 'performance' }, { kind: 'concept-drift' }],
      },
    ])
    lanes.to('features', 9).to('labels', 9)
    expect(lanes.events.at(-1)).toMatchObject({ status: 'resolved', suggestedAction: 'none' })
  })

  it('is put down to what moved near it, and of that to what weighs most', () => {
    const heavy = { feature: 'f9', code: 'unit', from: 3, importance: 0.6 }
    const early = { feature: 'f1', code: 'null', from: 0, importance: 0.9 }
    const later = { ...AUC, opened: 3, from: 4 }
    const lanes = new Lanes({ features: [early, { ...SKEW, to: 20 }, heavy], labels: [later] })
    lanes.to('features', 5).to('labels', 4)
    expect(lanes.groups).toEqual(['drift f1', 'drift f9, performance score', 'skew f7'])
  })

  it('is not put down to what stood for a day before, nor to what came after', () => {
    const standing = { feature: 'f1', code: 'null', from: 0 }
    const after = { feature: 'f2', code: 'unit', from: 34 }
    const lanes = new Lanes({ features: [standing, after], labels: [{ ...AUC, opened: 30, from: 31, to: 50 }] })
    lanes.to('features', 40).to('labels', 31)
    expect(lanes.groups).toEqual(['drift f1', 'drift f2', 'performance score'])
  })

  it('never ties two features together', () => {
    const other = { feature: 'f9', code: 'null', from: 3 }
    const lanes = new Lanes({ features: [SKEW, other], labels: [{ ...AUC, opened: 2, from: 2 }] })
    lanes.to('features', 2).to('labels', 2).to('features', 4)
    expect(lanes.groups).toEqual(['drift f9', 'performance score, skew f7'])
  })

  it('that is taken back leaves its incident, or takes back one that has nothing else', () => {
    const lanes = new Lanes({ features: [SKEW], labels: [AUC] }).to('features', 8).to('labels', 3)
    const [taken] = lanes.retract('labels', AUC, 3)
    expect(taken).toMatchObject({ status: 'resolved', effects: [], cause: { code: 'truncation' } })
    const alone = new Lanes({ labels: [AUC] }).to('features', 8).to('labels', 3)
    expect(alone.retract('labels', AUC, 3)).toMatchObject([{ status: 'retracted', suggestedAction: 'none' }])
  })

  it('is waited for: what it may belong to is forgotten when its labels are in', () => {
    const lanes = new Lanes({ features: [SKEW] }).to('features', 90).to('offline', 80).to('labels', 50)
    expect(lanes.groups).toEqual(['skew f7'])
    lanes.to('labels', 80).to('features', 91)
    expect(lanes.groups).toEqual([])
  })
})

describe('what offline values say', () => {
  it('is the cause of what a distribution only shows', () => {
    const moved = { ...SKEW, code: 'distribution' } as const
    const lanes = new Lanes({ features: [moved], offline: [PARITY], labels: [AUC] })
    lanes.to('features', 4).to('labels', 3).to('offline', 2)
    expect(lanes.events.map(({ cause, reason }) => `${cause.code}: ${reason}`)).toEqual([
      'distribution: 1 alert opened',
      'distribution: 1 alert joined: score',
      'truncation: 1 alert joined: f7',
    ])
    const newest = lanes.events.at(-1)!
    expect(newest).toMatchObject({ kind: 'parity', suggestedAction: 'fix-pipeline', effects: [{ feature: 'score' }] })
    const leading = newest.alerts.find(({ kind }) => kind === 'parity')!
    for (const one of newest.alerts) expect(one.explainedBy).toBe(one === leading ? null : leading.alertId)
  })

  it('joins an incident that labels opened', () => {
    const lanes = new Lanes({ labels: [AUC], offline: [PARITY] }).to('features', 6).to('labels', 3).to('offline', 2)
    expect(lanes.events.map(({ cause }) => cause.code)).toEqual(['performance', 'truncation'])
    expect(lanes.groups).toEqual(['parity f7, performance score'])
  })
})

describe('any order of arrival', () => {
  const logs = ['features', 'labels', 'offline'] as const
  const alerts = {
    features: [SKEW, { feature: 'f2', code: 'unseen', from: 12, to: 16 }, { ...SKEW, feature: 'late', from: 3, to: 5 }],
    labels: [AUC, { ...AUC, feature: 'other', opened: 12, from: 13, to: 15 }],
    // What weighs less than f2: of two at once labels go with the heavier of those that are known by then.
    offline: [PARITY, { ...PARITY, feature: 'f8', from: 12, to: 14, code: 'unit', importance: 0.01 }],
  }
  const LAST = 20

  it('comes to the same incidents, restarts included', () => {
    const whole = new Lanes(alerts).to('features', LAST).to('labels', LAST).to('offline', LAST)
    expect(whole.groups).toEqual([
      'drift f2, performance other',
      'parity f7, performance score, skew f7, skew late',
      'parity f8',
    ])
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(99)), choices => {
        const lanes = new Lanes(alerts)
        const left: Record<Log, number> = { features: LAST + 1, labels: LAST + 1, offline: LAST + 1 }
        for (const choice of choices) {
          const open = logs.filter(log => left[log] > 0 && lanes.mayGo(log))
          if (open.length === 0) break
          const log = open[choice % open.length]
          left[log]--
          lanes.next(log)
          if (choice % 7 === 0) lanes.restart()
        }
        expect(lanes.groups).toEqual(whole.groups)
        expect(new Set(lanes.events.map(({ id }) => id)).size).toBe(lanes.events.length)
        const last = new Map(lanes.events.map(one => [one.incidentId, one]))
        expect([...last.values()].every(({ status }) => status === 'resolved')).toBe(true)
        const cause = [...last.values()].find(({ effects }) => effects.some(({ feature }) => feature === 'score'))
        expect(cause!.cause.code).toBe('truncation')
      }),
      { numRuns: 200 },
    )
  })
})
