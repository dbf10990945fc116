import type { Cause, Evidence } from '../alert/event.js'
import { number, percent } from '../alert/words.js'
import { EFFECT } from './counted-series.js'
import { Finding } from './finding.js'

/** Name of the check. */
export const REJECTED = 'rejected'

/** Rejected records from which on they are a flood, and not one broken client's handful. */
const FEWEST = 50

/** Records of the serving topic in a stretch of the log, of all models. */
export interface Read {
  readonly rejected: number
  readonly read: number
}

const shareOf = ({ rejected, read }: Read): number => rejected / Math.max(1, read)

/** In units of the share that matters. */
export function rejectedEffect(one: Read): number {
  return shareOf(one) / EFFECT
}

export function isFlood(one: Read): boolean {
  return one.rejected >= FEWEST && rejectedEffect(one) >= 1
}

/** Records that became dead letters, where they are many; with a ratio of 0 where they are not. */
export function rejectedFinding(one: Read): Finding {
  const { rejected, read } = one
  const share = shareOf(one)
  const flood = isFlood(one)
  const evidence: Evidence = {
    ...{ against: 'history', check: REJECTED, statistic: 'share', value: share, threshold: EFFECT },
    ...{ thresholdFrom: 'effect', noiseFloor: 0, alpha: 0, phi: null, calibrated: false, n: read, m: 0 },
    ...{ outcome: flood ? 'breach' : 'ok', because: null, decides: false },
  }
  const counted = `${number(rejected)} of ${number(read)} records`
  const sentence = flood
    ? `${counted} (${percent(share)}) were rejected and are dead letters`
    : `records can be read again${rejected === 0 ? '' : `: ${counted} were rejected`}`
  const cause: Cause = {
    ...{ code: REJECTED, confidence: 'high', sentence, numbers: { rejected, read } },
    ...{ alternatives: [], whoMoved: 'pipeline' },
  }
  const summary = flood ? `${sentence}; \`driftline dead-letters list\` counts them by cause` : sentence
  const ratio = flood ? rejectedEffect(one) : 0
  return new Finding(evidence, 'quality', ratio, 'fix-pipeline', () => ({ summary, cause }))
}
