import type { Monitor, Serving, WindowSpec } from '../src/core/monitor.js'

type Changes = Partial<Omit<Monitor, 'serving' | 'window'>> & {
  readonly serving?: Partial<Serving>
  readonly window?: Partial<WindowSpec>
}

export const PLAIN_SERVING: Serving = {
  topic: 'serving-features',
  format: 'avro',
  where: [],
  key: ['requestId'],
  entity: null,
  time: { path: ['eventTime'], unit: 'ms' },
  version: null,
  fixedVersion: 'default',
  features: ['features.*'],
  ignore: [],
  prediction: null,
  sampleRate: 1,
  maxAheadMs: 600_000,
  idleAfterMs: 60_000,
}

const HOUR_MS = 3_600_000

/** A monitor of windows of an hour that asks for nothing else, with what a test has of its own. */
export function plainMonitor({ serving, window, ...more }: Changes = {}): Monitor {
  return {
    model: 'm',
    hash: 'h',
    version: 'v',
    file: 'test',
    owner: null,
    tags: {},
    mode: 'alert',
    serving: { ...PLAIN_SERVING, ...serving },
    window: {
      ...{ sizeMs: HOUR_MS, advanceMs: HOUR_MS, graceMs: 0, reviseForMs: 0, minRows: 200, historyMinRows: 50 },
      ...window,
    },
    baseline: 'active',
    segments: [],
    features: new Map(),
    sources: {},
    times: [],
    limits: { series: 2000, segments: 50 },
    falseIncidents: 1,
    notify: { minSeverity: 'info', runbook: null, link: null },
    ...more,
  }
}
