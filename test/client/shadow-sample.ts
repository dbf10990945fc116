import type { ShadowEvent } from '../../src/core/shadow/event.js'
import { alertSample } from './alert-sample.js'

/** How far a challenger is from its champion, as the service publishes it. */
export function shadowSample(more: Partial<ShadowEvent> = {}): ShadowEvent {
  const { series, window, baseline, monitor, input, software } = alertSample()
  return {
    ...{ id: 's1', window, baseline, monitor, input, software, champion: 'v12', mode: 'shadow' },
    series: { ...series, modelVersion: 'v13', segment: {}, feature: 'score' },
    ...{ advice: 'roll-back', because: null, outcome: 'breach' },
    summary: 'v13 flips 4.1 % of decisions (95 % 3.6 % to 4.7 %), limit 1.0 %: roll back',
    rows: { champion: 5100, challenger: 5000, pairs: 4990, unusable: 2 },
    within: { windows: 0, needed: 3 },
    divergences: [
      {
        name: 'bias',
        class: null,
        value: 0.003,
        low: 0.002,
        high: 0.004,
        n: 4988,
        limit: null,
        verdict: null,
        needed: null,
      },
      {
        ...{ name: 'flips', class: null, value: 0.041, low: 0.036, high: 0.047, n: 4988 },
        ...{ limit: 0.01, verdict: 'beyond', needed: null },
      },
      {
        ...{ name: 'latency', class: null, value: 48, low: 44, high: 52, n: 300 },
        ...{ limit: 50, verdict: 'open', needed: 1200 },
      },
    ],
    flips: [
      { champion: 'negative', challenger: 'positive', count: 150 },
      { champion: 'positive', challenger: 'negative', count: 54 },
    ],
    quantiles: { p: [0.5, 0.9, 0.95, 0.99], score: [0.001, 0.01, 0.02, 0.3], latency: [] },
    ...more,
  }
}
