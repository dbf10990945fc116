import type { Monitor } from '../../src/core/monitor.js'
import { monitorOf } from '../service/rides.js'
import { type Feed, HORIZON, MAX_AHEAD, MINUTE } from './feed.js'
import { FEATURES, PAYMENTS } from './oracle.js'

export const SOURCE = 'served'
export const LABELS = 'labels'
/** Of silence, after which a partition holds nothing back; only where a run has silences. */
export const IDLE_AFTER = 20 * MINUTE

export function monitorFor(
  model: string,
  { window, segmented, labels }: Pick<Feed, 'window' | 'segmented' | 'labels'>,
  idles: boolean,
): Monitor {
  const minutes = (ms: number): string => `${ms / MINUTE}m`
  return monitorOf({
    model,
    serving: {
      topic: SOURCE,
      where: { model },
      ...(labels.length > 0 && { prediction: 'score' }),
      maxAhead: minutes(MAX_AHEAD),
      idleAfter: idles ? minutes(IDLE_AFTER) : '3650d',
    },
    window: {
      size: minutes(window.size),
      advance: minutes(window.advance),
      grace: minutes(window.grace),
      reviseFor: minutes(window.reviseFor),
      minRows: 5,
    },
    ...(labels.length > 0 && {
      task: { type: 'binary' },
      labels: {
        ...{ topic: LABELS, format: 'json', where: { model }, key: 'ride', time: 'at', value: 'tipped' },
        horizon: minutes(HORIZON),
      },
    }),
    segments: segmented ? { payment: { values: PAYMENTS } } : {},
    features: Object.fromEntries(Object.entries(FEATURES).map(([name, kind]) => [name, { kind }])),
  })
}
