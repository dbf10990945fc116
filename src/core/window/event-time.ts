import type { TimestampRule } from '../ports.js'

/** 1990-01-01: whatever is older is a unit mistaken (seconds read as milliseconds fall into 1970). */
const OLDEST_MS = 631_152_000_000

/** So many implausible records in a row are taken at their word. */
const CONFIRMATIONS = 100

/**
 * Tells event times that cannot be. One bad clock must not move the watermark, which would close every window.
 *
 * - With LogAppendTime the broker's clock vouches: ahead of it by more than `maxAhead` is implausible.
 * - With CreateTime the producer's clock vouches as long as the broker rejects records from the future (`bounded`).
 * - Else nothing vouches: a jump of more than `maxAhead` beyond the watermark is implausible until 100 records in a row confirm it.
 */
export class EventTimeGuard {
  /** Implausible records in a row so far. */
  suspicious = 0

  constructor(
    private readonly rule: TimestampRule,
    private readonly maxAheadMs: number,
  ) {}

  /** @param timestamp of the record in the log, epoch ms */
  plausible(time: number, timestamp: number, watermark: number): boolean {
    if (time < OLDEST_MS) return false
    if (this.rule.type === 'append' || this.rule.bounded) return time <= timestamp + this.maxAheadMs
    if (time <= watermark + this.maxAheadMs || watermark === -Infinity) {
      this.suspicious = 0
      return true
    }
    if (++this.suspicious < CONFIRMATIONS) return false
    this.suspicious = 0
    return true
  }
}
