import { describe, expect, it } from 'vitest'
import { type AlertSpec, run, told } from './incident-world.js'

/** A unit that changed in the middle of window 1: what the two features look like then, and in window 2. */
const income: AlertSpec = { feature: 'income', from: 1, code: 'partial-unit', later: 'unit', to: 6 }
const weight: AlertSpec = { feature: 'weight', from: 1, code: 'distribution', later: 'unit', to: 7 }

describe('one event whose first window kept it apart', () => {
  //   window     0  1                2           6        7
  //   income        ▲ partial unit   unit ───────▼
  //   weight        ▲ "it moved"     unit ────────────────▼
  it('is one incident once the causes agree; the other says where it goes on', () => {
    const { lines, of } = run({ alerts: [{ ...income, importance: 0.6 }, weight], windows: 8 })
    expect(told(lines.slice(0, 2)).sort()).toEqual(['1 firing income', '1 firing weight'])
    expect(told(lines.slice(4))).toEqual(['7 resolved income,weight'])
    const second = lines.filter(({ window }) => window === 2).map(({ event }) => event)
    const [ended, goesOn] = second.sort((a, b) => (a.status > b.status ? -1 : 1))
    expect(ended).toMatchObject({
      ...{ status: 'resolved', sequence: 2, mergedInto: goesOn.incidentId, suggestedAction: 'none' },
      reason: `one event with incident ${goesOn.incidentId}, which goes on with 1 alert of this one`,
    })
    expect(goesOn).toMatchObject({
      ...{ status: 'ongoing', sequence: 2, mergedInto: null, alertCount: 2 },
      reason: `incident ${ended.incidentId} is one event with it: weight`,
    })
    // The more important of two that are equally old.
    expect(goesOn.incidentId).toBe(lines.find(({ event }) => event.summary.startsWith('income'))!.event.incidentId)
    expect(of(weight)).toBe(goesOn.incidentId)
    expect(lines.at(-1)!.event).toMatchObject({ incidentId: goesOn.incidentId, peak: { alerts: 2 } })
  })

  it('that a slow roll-out began a window later goes on in the older one', () => {
    const later = { ...weight, from: 2 }
    const { lines, of } = run({ alerts: [income, later], windows: 5 })
    expect(told(lines)).toEqual([
      '1 firing income',
      '2 ongoing income',
      '2 firing weight',
      '3 ongoing income,weight',
      '3 resolved weight',
    ])
    expect(of(later)).toBe(lines[0].event.incidentId)
  })

  it('is the same after a restart in between', () => {
    const scenario = { alerts: [income, weight], windows: 8 }
    expect(run({ ...scenario, restarts: [2, 3, 6] }).lines).toEqual(run(scenario).lines)
  })

  it('brings its derived series along', () => {
    // The relation rang before the features that it is made of; one of them joins the incident of another feature.
    const madeOf = new Map([['~a~b', ['a', 'b']]])
    const alerts = [
      { feature: '~a~b', from: 1, code: 'relation' },
      { feature: 'c', from: 1, code: 'unit' },
      { feature: 'a', from: 2, code: 'unit' },
    ]
    const { lines, of } = run({ alerts, windows: 3, madeOf })
    expect(new Set(alerts.map(of)).size).toBe(1)
    expect(lines.filter(({ event }) => event.mergedInto !== null)).toHaveLength(1)
  })
})

describe('incidents stay apart', () => {
  it.each<[string, readonly AlertSpec[]]>([
    ['whose causes agree no better a window later', [income, { ...weight, later: 'null' }]],
    [
      'of which it is only known that they moved',
      [weight, { ...income, code: 'null', later: 'distribution' }].map(one => ({ ...one, later: 'distribution' })),
    ],
    ['that began hours apart', [income, { ...weight, from: 4 }]],
    ['of which an operator has muted one', [income, { ...weight, operator: 'muted' }]],
    ['of which an operator has acknowledged one', [income, { ...weight, operator: 'acked' }]],
    ['that are muted both', [income, weight].map(one => ({ ...one, operator: 'muted' as const }))],
  ])('%s', (_, alerts) => {
    const { lines, of } = run({ alerts, windows: 8 })
    expect(new Set(alerts.map(of)).size).toBe(2)
    expect(lines.every(({ event }) => event.mergedInto === null)).toBe(true)
  })

  it('but for those that are acknowledged both: one goes on, acknowledged', () => {
    const alerts = [income, weight].map(one => ({ ...one, operator: 'acked' as const }))
    const { lines } = run({ alerts, windows: 4 })
    expect(lines.at(-1)!.window).toBe(2)
    expect(
      lines
        .slice(2)
        .map(({ event }) => [event.status, event.operator.state])
        .sort(),
    ).toEqual([
      ['ongoing', 'acked'],
      ['resolved', 'acked'],
    ])
  })
})

describe('a relation that breaks', () => {
  const madeOf = new Map([['~miles~minutes', ['miles', 'minutes']]])
  const relation = { feature: '~miles~minutes', from: 9, code: 'relation' }

  it('hours after one of its features did, belongs to that incident while the feature fires', () => {
    const miles = { feature: 'miles', from: 1, code: 'unit' }
    const { lines } = run({ alerts: [miles, relation], windows: 10, madeOf })
    expect(told(lines)).toEqual(['1 firing miles', '9 ongoing miles,~miles~minutes'])
    expect(lines[1].event.alerts.map(({ explainedBy }) => explainedBy === null)).toEqual([true, false])
  })

  it('hours before one of its features is seen to move is one event with that; a fault of its own is none', () => {
    const moved = { feature: 'minutes', from: 12, code: 'distribution' }
    const broken = { feature: 'miles', from: 13, code: 'null' }
    const { lines } = run({ alerts: [relation, moved, broken], windows: 14, madeOf })
    expect(told(lines)).toEqual(['9 firing ~miles~minutes', '12 ongoing minutes,~miles~minutes', '13 firing miles'])
  })

  it('stands for itself once the feature has come to rest, or is none of its own', () => {
    const alerts = [
      { feature: 'miles', from: 1, to: 6, code: 'unit' },
      { feature: 'fare', from: 1, code: 'unit' },
    ]
    const { lines } = run({ alerts: [...alerts, relation], windows: 10, madeOf })
    expect(told(lines).at(-1)).toBe('9 firing ~miles~minutes')
  })
})
