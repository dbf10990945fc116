import { createTopicReader } from '../codec/topic-reader.js'
import type { Baseline } from '../core/baseline/baseline.js'
import { BaselineBuilder } from '../core/baseline/build.js'
import type { Monitor } from '../core/monitor.js'
import { scoreCounts } from '../core/performance/score-counts.js'
import { READ } from '../core/ports.js'
import { Layout, Row } from '../core/row.js'
import { contentHash } from '../service/content-hash.js'
import { schedule } from './faults.js'
import type { Priced } from './labels.js'
import { ScoringService } from './scoring-service.js'

const WEEKS_MS = 14 * 86_400_000
const STEP_MS = 3_600_000
const PER_HOUR = 120
const MOST_COLUMNS = 500
/** The training set is drawn from a stream of its own: it is not the served rows. */
const APART = 0x7a1

/**
 * What "ride-pricing" was trained on: two weeks of the same service before the run, without faults. It goes through the same reader and
 * builder as a file of `baseline load`. Of all its rides it is known whether the price was taken.
 */
export function trainingBaseline(monitor: Monitor, seed: number, servedFrom: number): Baseline {
  const from = servedFrom - WEEKS_MS
  const layout = new Layout(true, MOST_COLUMNS)
  const reader = createTopicReader({ monitors: [{ monitor, layout }], schemas: null, maxBytes: 1_048_576 })
  const provenance = {
    version: 1,
    modelVersion: null,
    source: 'simulated training set',
    loadedAt: servedFrom,
    from: null,
  }
  const builder = new BaselineBuilder(monitor, layout, provenance)
  const row = new Row(layout)
  const { task } = monitor
  const pass = (onPriced?: (ride: Priced) => void): void => {
    // Generated twice rather than kept, as a file would be read twice.
    const service = new ScoringService(seed ^ APART, schedule(from, 1e15, { faults: false }), PER_HOUR, onPriced)
    for (let at = from; at < servedFrom; at += STEP_MS)
      for (const { value } of service.records(at, at + STEP_MS))
        if (value !== null && reader.read(value, 0, row) === READ) builder.observe(row)
  }
  pass()
  builder.freeze()
  if (task === undefined) {
    pass()
    return builder.finish(contentHash)
  }
  const counts = scoreCounts(task)
  pass(({ score, accepted }) => {
    counts.predicted(score, 1)
    counts.labelled(score, accepted ? 1 : 0, 1)
  })
  const outputs = task.outputs.map(({ name }) => name)
  const scores = { outputs, leaves: [{ segment: {}, outputs: [counts.state()] }] }
  const baseline = { ...builder.finish(contentHash), scores }
  return { ...baseline, hash: contentHash(baseline) }
}
