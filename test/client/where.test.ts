import { describe, expect, it } from 'vitest'
import { headerFilter, hidesSteps } from '../../src/client/where.js'

const headers = (all: Record<string, string>) =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [`ce_${name}`, Buffer.from(value)]))
const alert = headers({ model: 'taxi', kind: 'skew', severity: 'major', status: 'firing' })

describe('the filter by headers', () => {
  it.each([
    [{}, true],
    [{ model: 'taxi' }, true],
    [{ model: 'bikes' }, false],
    [{ severity: ['major', 'critical'], status: 'firing' }, true],
    [{ severity: ['warn', 'info'] }, false],
    [{ model: 'taxi', kind: 'quality' }, false],
    [{ status: [] }, false],
  ] as const)('%o: %s', (where, matches) => {
    expect(headerFilter(where)(alert)).toBe(matches)
  })

  it('does not match what carries no such header', () => {
    expect(headerFilter({ severity: 'major' })(headers({ model: 'taxi' }))).toBe(false)
    expect(headerFilter({})({})).toBe(true)
  })

  it('hides steps of an alert only where it asks for what changes', () => {
    expect(hidesSteps({ model: 'taxi', kind: 'skew' })).toBe(false)
    expect(hidesSteps({ severity: 'major' })).toBe(true)
  })
})
