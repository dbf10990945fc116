import { describe, expect, it } from 'vitest'
import { Case } from './world.js'

describe('functions taken on one side only', () => {
  const sizes = new Case('numeric', random => Math.exp(3 + 1.2 * random.normal()))
  const counts = new Case('numeric', random => Math.floor(Math.exp(2.5 + 1.3 * random.normal())))
  const logits = new Case('numeric', random => -1.2 + 1.5 * random.normal())

  it('are told: a logarithm, its absence, a probability instead of its logit', () => {
    expect(sizes.cause(sizes.turned(Math.log))).toMatchObject({ code: 'transform', whoMoved: 'pipeline' })
    expect(sizes.cause(sizes.turned(Math.log)).sentence).toContain('values look like ln x of what they were')
    expect(counts.cause(counts.turned(Math.log1p)).sentence).toContain('ln(1 + x)')
    expect(logits.cause(logits.turned(Math.exp)).sentence).toContain('eˣ of what they were')
    expect(logits.cause(logits.turned(x => 1 / (1 + Math.exp(-x)))).sentence).toContain('a probability where')
  })

  it('are not told of one value or two, which any function gives', () => {
    const holidays = new Case('numeric', () => 0)
    expect(holidays.cause(holidays.turned(() => 1)).code).not.toBe('transform')
    const flags = new Case('numeric', random => (random.chance(0.4) ? 1 : 0))
    expect(flags.cause(flags.turned(Math.exp)).code).not.toBe('transform')
  })

  it('are not told of what only moved, spread or has another unit', () => {
    const turns = [(x: number) => x * 3, (x: number) => x + 4, (x: number) => 2 * x - 3, (x: number) => x / 1000]
    for (const one of [sizes, counts, logits])
      for (const turn of turns) expect(one.cause(one.turned(turn)).code).not.toBe('transform')
  })
})
