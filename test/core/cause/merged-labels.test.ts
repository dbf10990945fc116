import { describe, expect, it } from 'vitest'
import { Case } from './world.js'

describe('labels that are merged', () => {
  const platform = new Case('categorical', random =>
    random.pick(['ios', 'ios', 'ios', 'android', 'android', 'android', 'android', 'web', 'web', 'tv']),
  )
  const mapped = (to: (label: string) => string): string[] => platform.rows().map(label => to(String(label)))

  it('are told by name, with what they had', () => {
    const cause = platform.cause(mapped(label => (label === 'ios' || label === 'tv' ? 'android' : label)))
    expect(cause).toMatchObject({ code: 'merged-labels', whoMoved: 'pipeline', numbers: { labels: 2 } })
    expect(cause.sentence).toMatch(/^"ios", "tv" are gone \(usually (39|40|41) %\), and "android" rose/)
  })

  it('are not told of a label whose rows went to all the others, or are gone', () => {
    const without = platform.rows().filter(label => label !== 'ios')
    expect(platform.cause(without).code).not.toBe('merged-labels')
    const half = mapped(label => (label === 'ios' && platform.chance(0.5) ? 'android' : label))
    expect(platform.cause(half).code).not.toBe('merged-labels')
  })
})
