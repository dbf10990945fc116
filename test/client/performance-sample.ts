import type { MeasureFacts, PerformanceEvent } from '../../src/core/performance/event.js'
import { alertSample } from './alert-sample.js'

const AUC: MeasureFacts = {
  ...{ name: 'auc', class: null, kind: 'performance', value: 0.672, low: 0.641, high: 0.703, n: 900, better: 'higher' },
  ...{ estimate: false, reference: 0.822, tolerance: 0.03, outcome: 'breach', decides: true },
}

const BESIDE = { ...AUC, decides: false }

export const MEASURES: readonly MeasureFacts[] = [
  { ...BESIDE, name: 'brier', value: 0.21, low: 0.2, high: 0.22, better: 'lower', reference: 0.2, tolerance: 0.02 },
  AUC,
  { ...BESIDE, name: 'precision', class: 'dog', reference: null, tolerance: null, outcome: 'insufficient-data' },
  { ...BESIDE, value: 0.696, estimate: true },
]

/** How good an output was, as the service publishes it. */
export function performanceSample(more: Partial<PerformanceEvent> = {}): PerformanceEvent {
  const { series, window, baseline, monitor, input, software } = alertSample()
  return {
    ...{ id: 'p1', window, baseline, monitor, input, software, measures: MEASURES },
    series: { ...series, segment: {}, feature: 'prediction' },
    ...{ outcome: 'breach', because: null, predictions: 1000, unusable: 2, labelled: 900, coverage: 0.9 },
    ...{ expectedCoverage: 0.88, finalCoverage: 0.92 },
    reference: { from: 'baseline', windows: 0, labelled: 4388 },
    ...more,
  }
}
