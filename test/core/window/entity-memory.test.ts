import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Layout, NUMBER, Row } from '../../../src/core/row.js'
import { EntityMemory, SAME_VALUE } from '../../../src/core/window/entity-memory.js'
import { mergeViews } from '../../../src/core/window/view.js'
import { seeded } from '../../random.js'
import { fill, partsOf, type Served, simple, summarizer } from '../counted.js'

const monitor = (() => {
  const base = simple()
  return { ...base, serving: { ...base.serving, entity: ['driver'] } }
})()

const value = fc.constantFrom(0, 1, 2, null, 'a', 'b')
const row = fc.record({
  entity: fc.option(fc.nat(6), { nil: undefined }),
  time: fc.nat(25_000),
  values: fc.record({ x: value, y: fc.constantFrom(3, 4, null) }, { requiredKeys: ['y'] }),
})

/** Usable values whose entity had one of the feature before in this partition, and of these the same. */
function expected(rows: readonly Served[], feature: string) {
  const last = new Map<unknown, unknown>()
  const counts = { entityRepeatable: 0, entityRepeats: 0 }
  for (const { entity, values } of rows) {
    const x = values[feature]
    if (entity === undefined || x === undefined || x === null) continue
    if (last.has(entity)) counts.entityRepeatable++
    if (last.get(entity) === x) counts.entityRepeats++
    last.set(entity, x)
  }
  return counts
}

describe('values that an entity had before', () => {
  test('are counted across panes, in each source partition on its own', () => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 60 }), { minLength: 1, maxLength: 3 }), partitions => {
        const inTime = partitions.map(rows => rows.sort((a, b) => a.time - b.time) as Served[])
        const parts = inTime.flatMap((rows, p) => partsOf(monitor, rows, p))
        if (parts.length === 0) return
        const [view] = mergeViews(parts, [], { of: () => null, wanted: () => null })
        for (const feature of ['x', 'y']) {
          const all = inTime.map(rows => expected(rows, feature))
          const sum = (what: 'entityRepeatable' | 'entityRepeats') => all.reduce((total, one) => total + one[what], 0)
          const wanted = { entityRepeatable: sum('entityRepeatable'), entityRepeats: sum('entityRepeats') }
          expect(view.features.get(feature) ?? wanted).toMatchObject(wanted)
        }
      }),
    )
  })

  test('are not looked for where the monitor names no entity', () => {
    const rows = Array.from({ length: 10 }, () => ({ entity: 1, values: { x: 1 } }))
    expect(partsOf(simple(), rows)[0].leaves[0].features[0]).toMatchObject({ entityRepeatable: 0 })
    expect(partsOf(monitor, rows)[0].leaves[0].features[0]).toMatchObject({ entityRepeatable: 9, entityRepeats: 9 })
  })

  test('are known again, after a restart, from the oldest open part on', () => {
    const served = (time: number): Served => ({ time, entity: 'd', values: { x: 1 } })
    const rows = [served(0), served(10_000), served(11_000), served(12_000)]
    const before = summarizer(monitor)
    for (const [offset, one] of rows.entries()) before.summarizer.observe(before.row(one), offset)
    before.summarizer.drain()
    const commit = before.summarizer.commit()
    expect(commit.oldest).toBe(1)
    const after = summarizer(monitor)
    after.summarizer.restore(commit, 4, 0)
    for (let offset = commit.oldest; offset < 4; offset++) after.summarizer.rebuild(after.row(rows[offset]), offset)
    const [part] = after.summarizer.finish()
    // The row of the part that was final is gone: one comparison less.
    expect(part.leaves[0].features[0]).toMatchObject({ entityRepeatable: 2, entityRepeats: 2 })
  })
})

describe('memory of entities is bounded', () => {
  /** Rows of entities of which some come once; a value stays as it was in seven of ten rows. */
  function run(entities: number, once: number, rows: number, most: number) {
    const random = seeded(3)
    const layout = new Layout(false, 10)
    layout.add('x', 'numeric')
    const memory = new EntityMemory(layout, most)
    const one = new Row(layout)
    const values = new Map<number, number>()
    const counts = { comparable: 0, same: 0, largest: 0 }
    for (let i = 0; i < rows; i++) {
      const entity = random.chance(once) ? 1e9 + i : random.integer(1, entities)
      const x = random.chance(0.7) ? (values.get(entity) ?? i) : i
      if (entity < 1e9) values.set(entity, x)
      const compared = memory.compare(fill(one, { entity, values: { x } }))
      if (i > rows / 2 && compared !== null && compared[0] > 0) {
        counts.comparable++
        if (compared[0] === SAME_VALUE) counts.same++
      }
      counts.largest = Math.max(counts.largest, memory.size)
    }
    return counts
  }

  test.each([
    ['entities that all fit', 400, 0, 0.95],
    ['ten times as many as fit: a sample of them', 5000, 0, 0.03],
    ['few that come again among many that come once', 300, 0.9, 0.0005],
  ])('%s', (_, entities, once, least) => {
    const rows = 80_000
    const { comparable, same, largest } = run(entities, once, rows, 500)
    expect(largest).toBeLessThanOrEqual(500)
    expect(comparable / (rows / 2)).toBeGreaterThan(least)
    expect(Math.abs(same / comparable - 0.7)).toBeLessThan(4 * Math.sqrt(0.21 / comparable))
  })

  test('features found later are compared from then on, and what was known stays', () => {
    const layout = new Layout(true, 100)
    const memory = new EntityMemory(layout)
    const one = new Row(layout)
    const compare = (entity: number, values: Served['values']) => {
      const compared = memory.compare(fill(one, { entity, values }))
      return compared && [...compared]
    }
    for (let entity = 0; entity < 100; entity++) expect(compare(entity, { x: entity })).toBeNull()
    expect(compare(5, { x: 5, y: 1 })).toEqual([2, 0])
    expect(compare(6, { x: 5, y: 1 })).toEqual([1, 0])
    expect(compare(5, { x: 5, y: 1 })).toEqual([2, 2])
    expect(compare(99, { x: null, y: 1 })).toEqual([0, 0])
    expect(compare(99, { x: 99, y: 2 })).toEqual([2, 1])
  })

  test('a row of thousands of features leaves room for a few entities only', () => {
    const layout = new Layout(true, 2 ** 20)
    for (let f = 0; f < 2 ** 18 + 1; f++) layout.add(`f${f}`, 'numeric')
    const memory = new EntityMemory(layout)
    const one = new Row(layout)
    one.flags.fill(NUMBER)
    for (let i = 0; i < 12; i++) {
      one.entity = Math.imul(i % 3, 0x9e3779b1) + 1
      memory.compare(one)
      expect(memory.size).toBe(1)
    }
  })
})
