import type { Cause } from '../../../src/core/alert/event.js'
import { Incidents } from '../../../src/core/alert/incident.js'
import type { IncidentEvent } from '../../../src/core/alert/incident-event.js'
import type { IncidentAlert } from '../../../src/core/alert/incident-state.js'
import type { SegmentFacts } from '../../../src/core/alert/scope.js'
import { severityOf } from '../../../src/core/alert/severity.js'
import { NOBODY } from '../../../src/core/alert/telling.js'
import { type Segment, segmentKey } from '../../../src/core/baseline/baseline.js'
import type { Monitor } from '../../../src/core/monitor.js'
import { ids } from '../../../src/service/ids.js'
import { monitorOf } from '../world.js'

export const HOUR = 3_600_000
export const START = Date.UTC(2026, 0, 5)

export interface AlertSpec {
  readonly feature: string
  readonly code?: string
  readonly segment?: Segment
  /** First and last window in which it fires. */
  readonly from: number
  readonly to?: number
  /** Window that first breached; `from` unless told. */
  readonly opened?: number
  readonly z?: number | null
  readonly effect?: number
  readonly importance?: number | null
  readonly numbers?: Cause['numbers']
  readonly whoMoved?: Cause['whoMoved']
  readonly kind?: IncidentAlert['kind']
  readonly explainedByMix?: Readonly<Record<string, number>>
  /** The cause that its next window shows. */
  readonly later?: string | undefined
  /** What an operator has said of it. */
  readonly operator?: 'acked' | 'muted'
}

export function alertOf(spec: AlertSpec): IncidentAlert {
  const { feature, code = 'null', segment = {}, from, opened = from, z = 30, effect = 3, importance = null } = spec
  return {
    alertId: ids.hash(segmentKey(segment), feature, spec.kind ?? 'drift', opened),
    feature,
    segment,
    importance,
    kind: spec.kind ?? 'drift',
    check: code,
    cause: {
      code,
      confidence: code === 'distribution' ? 'low' : 'high',
      sentence: `${code} moved`,
      numbers: spec.numbers ?? {},
      alternatives: [],
      whoMoved: spec.whoMoved ?? 'unknown',
    },
    summary: `${feature}: ${code} moved`,
    z,
    effect,
    severity: severityOf(effect, importance),
    openedAt: START + opened * HOUR,
    ...(spec.explainedByMix && { explainedByMix: spec.explainedByMix }),
  }
}

export interface Scenario {
  readonly alerts: readonly AlertSpec[]
  readonly windows: number
  readonly monitor?: Partial<Monitor>
  readonly madeOf?: ReadonlyMap<string, readonly string[]>
  readonly segments?: (window: number) => readonly SegmentFacts[]
  /** Order in which a window's alerts are handed over. */
  readonly order?: (alerts: IncidentAlert[]) => IncidentAlert[]
  /** Before these windows the incidents are saved and restored into a new instance. */
  readonly restarts?: readonly number[]
}

export interface Line {
  readonly window: number
  readonly event: IncidentEvent
}

/** Steps through the windows; an alert fires from its window `from` to the one before `to` resolves it. */
export function run(scenario: Scenario): {
  lines: Line[]
  incidents: Incidents
  of: (spec: AlertSpec) => string | null
} {
  const { alerts, windows, segments = () => [], order = all => all, restarts = [], madeOf } = scenario
  const monitor = { ...monitorOf({ advance: HOUR, size: HOUR, grace: 0, revise: 0 }), ...scenario.monitor }
  let incidents = new Incidents({ ids, software: 'test' })
  const lines: Line[] = []
  const belonging = new Map<string, string>()
  for (let w = 0; w < windows; w++) {
    if (restarts.includes(w)) {
      const saved = structuredClone(incidents.state())
      incidents = new Incidents({ ids, software: 'test' })
      incidents.restore(saved)
    }
    const firing = alerts.filter(({ from, to = Number.POSITIVE_INFINITY }) => from <= w && w < to).map(alertOf)
    const events = incidents.step(monitor, {
      modelVersion: 'v1',
      window: {
        start: START + w * HOUR,
        end: START + (w + 1) * HOUR,
        revision: 0,
        provisional: false,
        rows: 1000,
        expectedRows: 1000,
        late: 0,
        rejected: 0,
        sampleRate: 1,
        gaps: [],
        partitions: { expected: 1, present: 1 },
      },
      alerts: order([
        ...alerts.filter(({ from }) => from === w).map(alertOf),
        ...alerts
          .filter(({ from, to = windows, later }) => later !== undefined && from === w - 1 && w < to)
          .map(spec => alertOf({ ...spec, code: spec.later!, opened: spec.opened ?? spec.from })),
      ]),
      operator: ({ alertId }) => ({
        ...NOBODY,
        state: alerts.find(spec => alertOf(spec).alertId === alertId)?.operator ?? 'none',
      }),
      firing: new Set(firing.map(({ alertId }) => alertId)),
      segments: segments(w),
      ...(madeOf !== undefined && { madeOf }),
      baseline: null,
      input: [],
    })
    for (const event of events) lines.push({ window: w, event })
    for (const { alertId } of firing) {
      const incident = incidents.incidentOf(alertId)
      if (incident !== null) belonging.set(alertId, incident)
    }
  }
  return { lines, incidents, of: spec => belonging.get(alertOf(spec).alertId) ?? null }
}

/** "2 ongoing fare,tolls": window, status, features. */
export function told(lines: readonly Line[]): string[] {
  return lines.map(
    ({ window, event }) =>
      `${window} ${event.status} ${event.features
        .map(({ feature }) => feature)
        .sort()
        .join()}`,
  )
}

/** Values of one dimension with their rows, usual shares, and the features that are quiet in them. */
export function dimension(
  name: string,
  values: Readonly<Record<string, { rows: number; usual: number; quiet?: readonly string[] }>>,
): SegmentFacts[] {
  return Object.entries(values).map(([value, { rows, usual, quiet = [] }]) => ({
    segment: { [name]: value },
    rows,
    usualShare: usual,
    quiet: new Set(quiet),
  }))
}
