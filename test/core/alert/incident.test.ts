import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REMIND_EVERY } from '../../../src/core/alert/incident.js'
import { type AlertSpec, dimension, run, told } from './incident-world.js'

const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `f${String(i).padStart(2, '0')}`)
const source = (name: string, features: readonly string[]) => ({ sources: { [name]: { features } } })

describe('one event is one incident', () => {
  it('12 features that become null at once', () => {
    //   window   0  1  2  3  4  5  6
    //   f00–f11        ▲──────────▼
    //   incident       firing     resolved
    const { lines } = run({ alerts: names(12).map(feature => ({ feature, from: 2, to: 6 })), windows: 8 })
    expect(lines.map(({ window, event }) => [window, event.status, event.sequence])).toEqual([
      [2, 'firing', 1],
      [6, 'resolved', 2],
    ])
    const [opened, resolved] = lines.map(({ event }) => event)
    expect(opened.summary).toBe(
      '12 features became null together, likely one upstream source: f00, f01, f02 and 9 more',
    )
    expect(opened.cause).toMatchObject({ code: 'missing-source', source: null, confidence: 'medium' })
    expect(opened.alerts).toHaveLength(12)
    expect(opened.suggestedAction).toBe('fix-pipeline')
    expect(resolved.incidentId).toBe(opened.incidentId)
    expect(resolved).toMatchObject({ suggestedAction: 'none', durationMs: 5 * 3_600_000, peak: { alerts: 12 } })
  })

  it('a declared source is named, and takes its features in whenever they break', () => {
    //   a, b     ▲ null ──────
    //   c                   ▲ stale      of the same source, much later
    //   other               ▲ null       of none
    const alerts = [
      { feature: 'a', from: 0 },
      { feature: 'b', from: 0 },
      { feature: 'c', from: 9, code: 'stale' },
      { feature: 'other', from: 9 },
    ]
    const { lines } = run({ alerts, windows: 10, monitor: source('meter', ['a', 'b', 'c', 'd']) })
    expect(told(lines)).toEqual(['0 firing a,b', '9 ongoing a,b,c', '9 firing other'])
    expect(lines[0].event.summary).toBe('2 features became null together, upstream source meter: a and b')
    expect(lines[0].event.cause).toMatchObject({ code: 'missing-source', source: 'meter', confidence: 'high' })
    expect(lines[2].event.cause).toMatchObject({ code: 'null', source: null })
  })

  it('features that break one window after the other, as in a slow roll-out', () => {
    const alerts = names(5).map((feature, from) => ({ feature, from, code: 'unit' }))
    const { lines } = run({ alerts, windows: 5 })
    expect(lines.map(({ event }) => event.status)).toEqual(['firing', 'ongoing', 'ongoing', 'ongoing', 'ongoing'])
    expect(new Set(lines.map(({ event }) => event.incidentId)).size).toBe(1)
    expect(lines[1].event.reason).toBe('1 alert joined: f01')
  })

  it('an alert that needed a window more to be sure joins by when it opened', () => {
    const alerts = [
      { feature: 'a', from: 3 },
      { feature: 'b', from: 6, opened: 4 },
    ]
    expect(told(run({ alerts, windows: 7 }).lines)).toEqual(['3 firing a', '6 ongoing a,b'])
  })

  it('everything that begins with a deploy', () => {
    const alerts = [
      { feature: 'a', from: 1, code: 'deploy', whoMoved: 'pipeline' },
      { feature: 'b', from: 1, code: 'unit' },
      { feature: 'c', from: 2, code: 'unseen' },
    ] as const
    const { lines } = run({ alerts, windows: 3 })
    expect(told(lines)).toEqual(['1 firing a,b', '2 ongoing a,b,c'])
  })

  it('a name that vanishes and one that appears', () => {
    const alerts = [
      { feature: 'fare', from: 1, code: 'missing' },
      { feature: 'fare_usd', from: 1, code: 'new-feature', effect: 0.2 },
    ]
    expect(told(run({ alerts, windows: 2 }).lines)).toEqual(['1 firing fare,fare_usd'])
  })
})

describe('different events are different incidents', () => {
  it('two faults an hour apart with different causes', () => {
    //   window   0  1  2  3  4  5
    //   fare        ▲ null ──▼
    //   speed          ▲ unit ──▼
    const alerts = [
      { feature: 'fare', from: 1, to: 4 },
      { feature: 'speed', from: 2, to: 5, code: 'unit' },
    ]
    const { lines } = run({ alerts, windows: 6 })
    expect(told(lines)).toEqual(['1 firing fare', '2 firing speed', '4 resolved fare', '5 resolved speed'])
    expect(new Set(lines.map(({ event }) => event.incidentId)).size).toBe(2)
  })

  it('two faults of one cause, hours apart', () => {
    const alerts = [
      { feature: 'fare', from: 1 },
      { feature: 'speed', from: 5 },
    ]
    expect(told(run({ alerts, windows: 6 }).lines)).toEqual(['1 firing fare', '5 firing speed'])
  })

  it('a second fault of a feature whose first still stands', () => {
    const alerts = [
      { feature: 'fare', from: 0, code: 'unit', kind: 'skew' },
      { feature: 'fare', from: 9, code: 'null', kind: 'drift' },
    ] as const
    expect(told(run({ alerts, windows: 10 }).lines)).toEqual(['0 firing fare', '9 firing fare'])
  })

  it('what merely moved in two segments of one dimension', () => {
    const alerts = [
      { feature: 'fare', from: 1, code: 'distribution', segment: { payment: 'Cash' } },
      { feature: 'tip', from: 1, code: 'distribution', segment: { payment: 'Card' } },
    ]
    expect(run({ alerts, windows: 2 }).lines).toHaveLength(2)
  })
})

describe('what a fault explains is folded under it', () => {
  it('the distribution of a feature whose type or nulls broke, whenever it opens', () => {
    const alerts = [
      { feature: 'fare', from: 1, code: 'type', kind: 'schema' },
      { feature: 'fare', from: 1, code: 'distribution', kind: 'drift', z: 300 },
      { feature: 'fare', from: 6, code: 'distribution', segment: { payment: 'Cash' } },
    ] as const
    const { lines } = run({ alerts, windows: 7 })
    expect(told(lines)).toEqual(['1 firing fare', '6 ongoing fare'])
    const { event } = lines[1]
    expect(event.cause.code).toBe('type')
    expect(event.kind).toBe('schema')
    const leading = event.alerts.find(({ causeCode }) => causeCode === 'type')!
    const others = event.alerts.filter(one => one !== leading)
    expect(others.map(({ explainedBy }) => explainedBy)).toEqual([leading.alertId, leading.alertId])
    expect(leading.explainedBy).toBeNull()
  })

  it('a projection, under the feature it is made of, and never tying two faults together', () => {
    const madeOf = new Map([
      ['~fare~tip', ['fare', 'tip']],
      ['~speed', ['speed']],
    ])
    const alerts = [
      { feature: 'fare', from: 1, code: 'null' },
      { feature: 'tip', from: 1, code: 'unit' },
      { feature: '~fare~tip', from: 1, code: 'distribution' },
      { feature: '~speed', from: 1, code: 'distribution' },
    ]
    const { lines } = run({ alerts, windows: 2, madeOf })
    expect(told(lines).sort()).toEqual(['1 firing fare,~fare~tip', '1 firing tip', '1 firing ~speed'].sort())
    const host = lines.find(({ event }) => event.featureCount === 2)!.event
    expect(host.features.at(-1)).toMatchObject({ feature: '~fare~tip', derived: true })
    expect(host.cause.code).toBe('null')
    expect(host.alerts.find(({ feature }) => feature.startsWith('~'))!.explainedBy).toBe(
      host.alerts.find(({ feature }) => feature === 'fare')!.alertId,
    )
  })

  it('a projection that was first is joined by the feature that moved it', () => {
    const alerts = [
      { feature: '~joint', from: 1, code: 'distribution' },
      { feature: 'fare', from: 2, code: 'unit' },
      { feature: 'tip', from: 2, code: 'null' },
    ]
    const { lines } = run({ alerts, windows: 3 })
    expect(new Set(lines.map(({ event }) => event.incidentId)).size).toBe(2)
  })
})

describe('segments are told from the whole', () => {
  const quiet = ['fare', 'tip']
  const even = (without: readonly string[] = []) =>
    dimension('payment', {
      Cash: { rows: 500, usual: 0.5, quiet: without.includes('Cash') ? [] : quiet },
      Card: { rows: 300, usual: 0.3, quiet: without.includes('Card') ? [] : quiet },
      App: { rows: 200, usual: 0.2, quiet: without.includes('App') ? [] : quiet },
    })
  const moved = (feature: string, segment: AlertSpec['segment'] = {}): AlertSpec => ({
    feature,
    from: 1,
    code: 'distribution',
    ...(segment && { segment }),
  })

  it('a segment that moved alone, with the whole quiet', () => {
    const { lines } = run({ alerts: [moved('fare', { payment: 'Card' })], windows: 2, segments: () => even(['Card']) })
    expect(lines[0].event.scope).toMatchObject({ where: 'segment', dimension: 'payment' })
    expect(lines[0].event.summary).toBe('fare: distribution moved, only in payment=Card')
  })

  it('a segment that moved alone, and the whole by it', () => {
    const alerts = [moved('fare', { payment: 'Cash' }), moved('fare')]
    const { lines } = run({ alerts, windows: 2, segments: () => even(['Cash']) })
    expect(lines).toHaveLength(1)
    expect(lines[0].event.summary).toBe('fare: distribution moved, only in payment=Cash, which moves the whole')
  })

  it('a whole that moved in all its segments', () => {
    const alerts = [moved('fare'), ...['Cash', 'Card', 'App'].map(payment => moved('fare', { payment }))]
    const { lines } = run({ alerts, windows: 2, segments: () => even(['Cash', 'Card', 'App']) })
    expect(lines).toHaveLength(1)
    expect(lines[0].event.scope).toMatchObject({ where: 'whole', sentence: 'in all rows, in 3 of 3 payment alike' })
    expect(lines[0].event.summary).toBe('fare: distribution moved')
  })

  it('a whole that moved through its mix only', () => {
    const mixed = dimension('payment', {
      Cash: { rows: 200, usual: 0.5, quiet: ['fare', 'tip', 'payment'] },
      Card: { rows: 600, usual: 0.3, quiet: ['fare', 'tip', 'payment'] },
      App: { rows: 200, usual: 0.2, quiet: ['fare', 'tip', 'payment'] },
    })
    const alerts = [moved('fare'), moved('tip'), { ...moved('payment'), code: 'distribution', z: 99 }]
    const { lines } = run({ alerts, windows: 2, segments: () => mixed })
    expect(lines).toHaveLength(1)
    const { event } = lines[0]
    expect(event.cause.code).toBe('mix')
    expect(event.scope.where).toBe('mix')
    expect(event.summary).toBe(
      'fare, payment and tip moved through the mix of payment alone ' +
        '(payment=Cash 50 % → 20 % of rows, payment=Card 30 % → 60 % of rows): inside the segments nothing moved',
    )
  })

  it('is not put down to the mix where that explains too little of it', () => {
    const mixed = dimension('payment', {
      Cash: { rows: 200, usual: 0.5, quiet: ['fare'] },
      Card: { rows: 800, usual: 0.5, quiet: ['fare'] },
    })
    const cause = (payment: number) => {
      const alerts = [{ ...moved('fare'), explainedByMix: { payment } }]
      return run({ alerts, windows: 2, segments: () => mixed }).lines[0].event.cause.code
    }
    expect([cause(0.9), cause(0.4)]).toEqual(['mix', 'distribution'])
  })

  it('is not put down to the mix when a segment moved itself, or the mix stands', () => {
    const mixed = dimension('payment', {
      Cash: { rows: 200, usual: 0.5, quiet: ['tip'] },
      Card: { rows: 800, usual: 0.5, quiet: ['fare', 'tip'] },
    })
    const alerts = [moved('fare'), moved('fare', { payment: 'Cash' })]
    expect(run({ alerts, windows: 2, segments: () => mixed }).lines[0].event.cause.code).toBe('distribution')
    expect(run({ alerts: [moved('fare')], windows: 2, segments: () => even() }).lines[0].event.cause.code).toBe(
      'distribution',
    )
  })
})

describe('features are ranked', () => {
  it('by certainty, then by importance × effect, derived series last', () => {
    const alerts = [
      { feature: 'weak', from: 1, z: 6, effect: 50 },
      { feature: 'important', from: 1, z: 40, effect: 3, importance: 0.4 },
      { feature: 'large', from: 1, z: 4000, effect: 10, importance: 0.05 },
      { feature: 'unknown', from: 1, z: 60, effect: 4 },
      { feature: '~joint', from: 1, z: 9000, effect: 99 },
    ]
    const [{ event }] = run({ alerts, windows: 2 }).lines
    expect(event.features.map(({ feature }) => feature)).toEqual(['important', 'unknown', 'large', 'weak', '~joint'])
    expect(event.features[3].adjustedP).toBeCloseTo(0.0018465, 6)
  })

  it('and the strongest common cause wins, weighed by importance', () => {
    const alerts = [
      { feature: 'a', from: 1, code: 'deploy' },
      { feature: 'b', from: 1, code: 'unit', importance: 0.01, numbers: { factor: 1000 } },
      { feature: 'c', from: 1, code: 'unit', importance: 0.9, numbers: { factor: 1000, r: 3 } },
    ]
    const [{ event }] = run({ alerts, windows: 2 }).lines
    expect(event.cause).toMatchObject({
      code: 'unit',
      alternatives: ['deploy'],
      numbers: { factor: 1000, features: 2 },
    })
    expect(event.cause.numbers).not.toHaveProperty('r')
    expect(event.summary).toBe('2 features changed their scale together: c and b (c: unit moved)')
  })

  it('and who moved is what they agree on', () => {
    const by = (...sides: AlertSpec['whoMoved'][]) => {
      const alerts = sides.map((whoMoved, i) => ({
        feature: `f${i}`,
        from: 1,
        code: 'unit',
        ...(whoMoved && { whoMoved }),
      }))
      return run({ alerts, windows: 2 }).lines[0].event.cause.whoMoved
    }
    expect(by('pipeline', 'unknown')).toBe('pipeline')
    expect(by('pipeline', 'world')).toBe('both')
    expect(by('unknown', 'unknown')).toBe('unknown')
  })
})

describe('the life of an incident', () => {
  it('ends with the last of its alerts, in whatever order they resolve', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 12 }), { minLength: 1, maxLength: 8 }), ends => {
        const alerts = ends.map((to, i) => ({ feature: `f${i}`, from: 1, to }))
        const { lines, incidents } = run({ alerts, windows: 14 })
        expect(lines.map(({ window, event }) => [window, event.status])).toEqual([
          [1, 'firing'],
          [Math.max(...ends), 'resolved'],
        ])
        expect(lines[1].event.alerts.every(({ status }) => status === 'resolved')).toBe(true)
        const open = incidents.state().filter(({ members }) => members.some(({ resolvedAt }) => resolvedAt === null))
        expect(open).toEqual([])
      }),
    )
  })

  it('goes on where an alert opens as the last one resolves', () => {
    const alerts = [
      { feature: 'a', from: 1, to: 3 },
      { feature: 'a', from: 3, to: 5, segment: { payment: 'Cash' } },
    ]
    expect(told(run({ alerts, windows: 6 }).lines)).toEqual(['1 firing a', '3 ongoing a', '5 resolved a'])
  })

  it(`reminds once in ${REMIND_EVERY} windows, and rises in severity, never falls`, () => {
    const { lines } = run({ alerts: [{ feature: 'a', from: 0, effect: 3 }], windows: 2 * REMIND_EVERY + 1 })
    expect(lines.map(({ window }) => window)).toEqual([0, REMIND_EVERY, 2 * REMIND_EVERY])
    expect(lines[1].event.reason).toMatch(/^1 alert firing since 2026-01-05T00/)
    const worse = [
      { feature: 'a', from: 0, to: 9, effect: 3 },
      { feature: 'b', from: 1, to: 2, effect: 30 },
    ]
    const steps = run({ alerts: worse, windows: 10 }).lines
    expect(steps.map(({ event }) => event.severity)).toEqual(['major', 'critical', 'critical'])
  })
})

const spec: fc.Arbitrary<AlertSpec> = fc
  .record({
    feature: fc.constantFrom('fare', 'tip', 'speed', 'tolls', '~fare', 'stops'),
    code: fc.constantFrom('null', 'type', 'unit', 'distribution', 'stale', 'deploy', 'new-feature'),
    segment: fc.constantFrom({}, { payment: 'Cash' }, { payment: 'Card' }),
    from: fc.integer({ min: 0, max: 8 }),
    lasts: fc.integer({ min: 1, max: 6 }),
    z: fc.option(fc.double({ min: -400, max: 400, noNaN: true })),
    effect: fc.double({ min: 0.1, max: 40, noNaN: true }),
    importance: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    later: fc.constantFrom(undefined, 'unit', 'null'),
  })
  .map(({ lasts, ...one }) => ({ ...one, to: one.from + lasts }))
const specs = fc.uniqueArray(spec, {
  maxLength: 25,
  selector: ({ feature, segment, from }) => `${feature} ${JSON.stringify(segment)} ${from}`,
})
const windows = 16

describe('laws', () => {
  it('the order in which a window’s alerts come changes nothing', () => {
    fc.assert(
      fc.property(specs, fc.infiniteStream(fc.nat()), (alerts, keys) => {
        const straight = run({ alerts, windows })
        const draw = keys[Symbol.iterator]()
        const order = <T>(all: T[]): T[] =>
          all
            .map(one => [draw.next().value, one] as const)
            .sort(([a], [b]) => a - b)
            .map(([, one]) => one)
        expect(run({ alerts: order([...alerts]), windows, order }).lines).toEqual(straight.lines)
      }),
    )
  })

  it('a restart in the middle changes nothing', () => {
    fc.assert(
      fc.property(specs, fc.array(fc.nat(windows)), (alerts, restarts) => {
        expect(run({ alerts, windows, restarts }).lines).toEqual(run({ alerts, windows }).lines)
      }),
    )
  })

  it('every alert belongs to exactly one incident, from its first window to its last', () => {
    fc.assert(
      fc.property(specs, alerts => {
        const { lines, of } = run({ alerts, windows })
        const listed = new Map<string, Set<string>>()
        for (const { event } of lines)
          for (const { alertId } of event.alerts)
            listed.set(alertId, (listed.get(alertId) ?? new Set()).add(event.incidentId))
        for (const one of alerts) expect(of(one)).not.toBeNull()
        const into = new Map(lines.map(({ event }) => [event.incidentId, event.mergedInto]))
        const last = (incident: string): string => (into.get(incident) == null ? incident : last(into.get(incident)!))
        for (const incidents of listed.values()) expect(new Set([...incidents].map(last)).size).toBe(1)
      }),
    )
  })

  it('sequences have no gap, begin with firing and end with resolved', () => {
    fc.assert(
      fc.property(specs, alerts => {
        const lives = new Map<string, (readonly [number, string])[]>()
        for (const { event } of run({ alerts, windows }).lines)
          lives.set(event.incidentId, [...(lives.get(event.incidentId) ?? []), [event.sequence, event.status]])
        for (const life of lives.values()) {
          expect(life.map(([sequence]) => sequence)).toEqual(life.map((_, i) => i + 1))
          expect(life.map(([, status]) => status)).toEqual([
            'firing',
            ...life.slice(2).map(() => 'ongoing'),
            'resolved',
          ])
        }
      }),
    )
  })
})
