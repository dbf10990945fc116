import { describe, expect, it } from 'vitest'
import { Case } from './world.js'

describe('a counter that rang', () => {
  it('is the cause, also where the first windows of the fault have made its past restless', () => {
    const income = new Case(
      'numeric',
      random => (random.chance(0.15) ? null : 100 * Math.round(30 + 8 * random.normal())),
      220,
    )
    const lost = (share: number) => income.rows().map(x => (income.chance(share) ? null : x))
    const past = [...income.past, income.lab.window(lost(0.17)), income.lab.window(lost(0.2))].map(one => one.profile)
    expect(income.cause(lost(0.24), { past })).toMatchObject({ code: 'null', whoMoved: 'pipeline' })
  })
})
