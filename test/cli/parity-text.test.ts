import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { ParityEvent, ParityFacts } from '../../src/core/parity/event.js'
import { performanceSample } from '../client/performance-sample.js'

const FACTS: ParityFacts = {
  ...{ pairs: 1000, matched: 880, mismatched: 100, nullServed: 0, nullOffline: 15, types: 5 },
  ...{ rate: 0.12, low: 0.1, high: 0.15, tolerated: 0.01, meanDifference: -2.5, medianRatio: 0.62 },
  ...{ differences: null, lagMs: -86_400_000, unexplained: 0.01, sampled: 1000 },
  causes: [
    { code: 'lag', share: 0.08, sentence: 'offline is stale by 1 day', numbers: {} },
    { code: 'unit', share: 0.02, sentence: "serving's values are offline's multiplied by 0.621371", numbers: {} },
  ],
  examples: [
    { servedPartition: 0, servedOffset: 12, offlinePartition: 3, offlineOffset: 8, served: '9.99', offline: null },
  ],
}

function sample(parity: ParityFacts | null, note: string | null = null): ParityEvent {
  const { id, series, window, outcome, because, baseline, monitor, input, software } = performanceSample()
  const join = { served: 1010, joined: 1000, unmatched: 10, duplicatesServed: 2, duplicatesOffline: 0, apartMs: 0 }
  return { id, series, window, outcome, because, baseline, monitor, input, software, join, parity, note }
}

describe('parity as text', () => {
  let text: typeof import('../../src/cli/parity-text.js')
  beforeAll(async () => {
    vi.stubEnv('NO_COLOR', '1')
    text = await import('../../src/cli/parity-text.js')
    vi.unstubAllEnvs()
  })

  it('says on one line how much differs, and why', () => {
    expect(text.parityHeadline(sample(FACTS))).toBe('12 % differ (tolerated 1.0 %): offline is stale by 1 day')
    expect(text.parityHeadline(sample(null))).toBe('offline values of 1000 of 1010 rows')
    expect(text.parityHeadline(sample(null, 'no key has come'))).toBe('no key has come')
  })

  it('shows every count, cause and example', () => {
    const lines = text.parityText(sample(FACTS)).split('\n')
    const shown = lines.map(line => line.trim().replaceAll(/ {2,}/g, ' | '))
    expect(shown).toEqual([
      'rows | 1010 served, 1000 with their offline row, 10 without',
      'duplicates | 2 served, 0 offline',
      'pairs | 880 of 1000 pairs match, 100 differ; only served null 0, only offline null 15, types 5',
      'differ | 12 % (99 % 10 % to 15 %), tolerated 1.0 %',
      'difference | served − offline -2.5 in the mean, served / offline 0.62 in the median',
      'lag | offline values are 1 day late',
      'of the pairs | cause',
      '8.0 % | lag | offline is stale by 1 day',
      "2.0 % | unit | serving's values are offline's multiplied by 0.621371",
      '1.0 % | not explained',
      'served row | offline row | served | offline',
      '0/12 | 3/8 | 9.99 | null',
    ])
  })
})
