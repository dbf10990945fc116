import type { Cause, Evidence, WindowFacts } from '../alert/event.js'
import { number } from '../alert/words.js'
import type { OffsetRange } from '../window/part.js'
import { Finding } from './finding.js'

/** Name of the check. */
export const INPUT_GAP = 'input-gap'

/** Nothing is known of what is gone. */
export const GAP_EFFECT = 1

/**
 * Records of a topic that were gone before they were read, and that may be of this window, beside the check that decides.
 * @param gaps of the topic; none: the window is whole
 */
export function gapFinding(topic: string, gaps: readonly OffsetRange[], { start, rows }: WindowFacts): Finding {
  const gone = gaps.reduce((sum, { from, to }) => sum + to - from, 0)
  const evidence: Evidence = {
    ...{ against: 'history', check: INPUT_GAP, statistic: 'offsets', value: gone, threshold: 0 },
    ...{ thresholdFrom: 'effect', noiseFloor: 0, alpha: 0, phi: null, calibrated: false, n: rows, m: 0 },
    ...{ outcome: gone === 0 ? 'ok' : 'breach', because: null, decides: false },
  }
  const ranges = gaps.map(({ partition, from, to }) => `offsets ${from}..${to - 1} of ${topic}/${partition}`)
  const since = new Date(start).toISOString()
  const sentence =
    gone === 0
      ? `windows are whole again: none lacks records of ${topic}`
      : `${ranges.join(', ')} were gone before they were read: windows from ${since} on that may lack rows of them are not judged`
  const cause: Cause = {
    ...{ code: INPUT_GAP, confidence: 'high', sentence },
    numbers: { offsets: gone, partitions: new Set(gaps.map(({ partition }) => partition)).size },
    ...{ alternatives: [], whoMoved: 'pipeline' },
  }
  const remedy = `keep records for longer than Driftline may be away (retention.ms of ${topic}); ${number(gone)} offsets count as gap`
  const summary = gone === 0 ? sentence : `${sentence}; ${remedy}`
  return new Finding(evidence, INPUT_GAP, gone, 'fix-pipeline', () => ({ summary, cause }))
}
