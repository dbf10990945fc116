import { beforeAll, describe, expect, it, vi } from 'vitest'
import { shadowSample } from '../client/shadow-sample.js'

describe('two versions as text', () => {
  let text: typeof import('../../src/cli/shadow-text.js')
  beforeAll(async () => {
    vi.stubEnv('NO_COLOR', '1')
    text = await import('../../src/cli/shadow-text.js')
    vi.unstubAllEnvs()
  })

  it('shows the divergences with a limit first, and what is missing', () => {
    const rows = text
      .divergenceTable(shadowSample())
      .split('\n')
      .map(line => line.replaceAll(/ {2,}/g, ' | '))
    expect(rows).toEqual([
      'divergence | window | 95 % | limit | n',
      'flips | 4.1 % | 3.6 % to 4.7 % | 1.0 % | beyond | 4988',
      'latency | 48 ms | 44 ms to 52 ms | 50 ms | cannot tell | 300 | about 1200 are needed',
      'bias | 0.003 | 0.002 to 0.004 | – | no limit | 4988',
    ])
  })

  it('says the advice, the rows it rests on, and what decisions became', () => {
    expect(text.adviceText(shadowSample())).toBe('roll back')
    expect(text.adviceText(shadowSample({ advice: 'hold', because: 'too-few-rows' }))).toBe('hold (too-few-rows)')
    expect(text.rowsText(shadowSample())).toBe(
      '4990 requests scored by both (5100 of v12, 5000 of v13), 2 without a usable score',
    )
    expect(text.rowsText(shadowSample({ mode: 'canary' }))).toBe('5100 of v12, 5000 of v13')
    expect(text.flipsText(shadowSample())).toBe('negative → positive 150, positive → negative 54')
    const { quantiles } = shadowSample()
    expect(text.quantilesText(quantiles, quantiles.score)).toBe('p50 0.001, p90 0.01, p95 0.02, p99 0.3')
    expect(text.quantilesText(quantiles, quantiles.latency)).toBeNull()
  })
})
