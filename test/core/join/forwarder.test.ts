import { describe, expect, it } from 'vitest'
import { hashBytes, utf8 } from '../../../src/core/dictionary.js'
import { Forwarder } from '../../../src/core/join/forwarder.js'
import { joinPartition, lowWord } from '../../../src/core/join/key.js'
import { OutgoingRows } from '../../../src/core/join/outgoing-rows.js'
import { labelSlot, outputSlots } from '../../../src/core/join/slots.js'
import type { Labels, Monitor, Task } from '../../../src/core/monitor.js'
import type { Segmentation } from '../../../src/core/plan.js'
import { Layout, MISSING, NUMBER, Row, TEXT, WRONG_TYPE } from '../../../src/core/row.js'
import { PaneRanges } from '../../../src/core/window/pane-ranges.js'
import { PANE, simple } from '../counted.js'

const PARTITIONS = 3
const HEAD = { model: 'm', monitor: 'v', topic: 't', partition: 0 }
const HORIZON = 1000
const labels: Labels = {
  ...{ topic: 'labels', format: 'json', where: [], key: ['k'], time: { path: ['t'], unit: 'ms' }, value: ['y'] },
  horizonMs: HORIZON,
}

function monitorOf(type: Task['type'] = 'binary', outputs: readonly string[] = ['main']): Monitor {
  const task: Task = {
    ...{ type, positive: null, threshold: null, costs: null },
    outputs: outputs.map(name => ({ name, path: [name] })),
  }
  return simple({ task, labels })
}

function keyed(row: Row, key: string): Row {
  const bytes = utf8(key)
  row.key = hashBytes(bytes, 0, bytes.length)
  row.keyLow = lowWord(bytes, 0, bytes.length)
  return row
}

function text(row: Row, slot: number, value: string): void {
  const bytes = utf8(value)
  row.flags[slot] = TEXT
  row.categories[slot] = row.layout.slots[slot].dictionary.find(
    bytes,
    0,
    bytes.length,
    hashBytes(bytes, 0, bytes.length),
  )
  row.bytes = bytes
  row.starts[slot] = 0
  row.lengths[slot] = bytes.length
}

describe('rows that go out', () => {
  const all: Segmentation = { groups: [] }

  function predictions(monitor: Monitor) {
    const layout = new Layout(true, 10)
    for (const version of ['v1', 'v2']) layout.versions.add(version)
    const slots = outputSlots(monitor, layout)
    const rows = new OutgoingRows({ ...HEAD, side: 'serving' }, layout, { pair: null, slots: () => slots }, PARTITIONS)
    return { layout, slots, rows, row: new Row(layout) }
  }

  it('lie in the partition of their key, in the order of their offsets, in messages of some thousand', () => {
    const { rows, row, slots } = predictions(monitorOf())
    const count = 30_000
    for (let offset = 0; offset < count; offset++) {
      keyed(row, `r${offset}`)
      row.time = PANE + offset
      row.flags[slots[0]] = NUMBER
      row.numbers[slots[0]] = offset / count
      rows.add(row, offset, 0, all)
    }
    expect(rows.waiting).toBe(count)
    const taken = rows.take()
    expect(rows.waiting).toBe(0)
    expect(rows.take()).toEqual([])
    expect(taken.map(({ rows: { size } }) => size).reduce((a, b) => a + b)).toBe(count)
    const last = new Float64Array(PARTITIONS).fill(-1)
    for (const { partition, rows: message } of taken) {
      expect(message.size).toBeLessThanOrEqual(4096)
      for (let i = 0; i < message.size; i++) {
        const offset = message.offsets[i]
        expect(offset).toBeGreaterThan(last[partition])
        last[partition] = offset
        keyed(row, `r${offset}`)
        expect([message.keys[2 * i], message.keys[2 * i + 1]]).toEqual([row.key >>> 0, row.keyLow >>> 0])
        expect(joinPartition(row.key, PARTITIONS)).toBe(partition)
        expect([message.times[i], message.values[0][i]]).toEqual([PANE + offset, offset / count])
      }
    }
    expect(taken.length).toBeLessThan(PARTITIONS * 4)
  })

  it('say their versions and the declared values of their dimensions', () => {
    const { rows, row, layout } = predictions(monitorOf())
    const [city, plan] = ['city', 'plan'].map(name => layout.add(name, 'categorical'))
    for (const [slot, values] of [
      [city, ['Rome', 'Oslo', 'elsewhere']],
      [plan, ['gold']],
    ] as const)
      for (const value of values) layout.slots[slot].dictionary.add(value)
    const dimension = (name: string, slot: number, values: readonly string[], cells: readonly number[]) => {
      return { name, slot, values, cells: Int32Array.from(cells), cut: 0 }
    }
    const segmentation = {
      groups: [[dimension('city', city, ['Rome', 'Oslo'], [0, 1, -1])], [dimension('plan', plan, ['gold'], [0])]],
    }
    row.fit()
    keyed(row, 'same')
    const given = [
      ['Oslo', 'gold', 1],
      ['elsewhere', 'gold', 0],
      ['Oslo', null, 1],
      ['Oslo', 'gold', 0],
    ] as const
    for (const [offset, [inCity, onPlan, version]] of given.entries()) {
      row.flags.fill(MISSING)
      text(row, city, inCity)
      if (onPlan !== null) text(row, plan, onPlan)
      rows.add(row, offset, version, segmentation)
    }
    const [{ rows: message }] = rows.take()
    expect(Array.from(message.versionOf, place => message.versions[place])).toEqual(['v2', 'v1', 'v2', 'v1'])
    expect(Array.from(message.segmentOf, place => message.segments[place])).toEqual([
      { city: 'Oslo', plan: 'gold' },
      { plan: 'gold' },
      { city: 'Oslo' },
      { city: 'Oslo', plan: 'gold' },
    ])
    expect(message.segments.length).toBe(3)
  })

  it('have a column for each output; what is no number is none', () => {
    const { rows, row, slots } = predictions(monitorOf('regression', ['a', 'b']))
    keyed(row, 'k')
    row.flags[slots[0]] = NUMBER
    row.numbers[slots[0]] = -2.5
    row.flags[slots[1]] = WRONG_TYPE
    row.numbers[slots[1]] = 7
    rows.add(row, 0, 0, all)
    expect(rows.take()[0].rows.values).toEqual([Float64Array.of(-2.5), Float64Array.of(Number.NaN)])
  })

  it('name their classes once a message, and start another where there are too many', () => {
    const { rows, row, slots } = predictions(monitorOf('multiclass'))
    keyed(row, 'k')
    const classes = ['a', 'b', 'a', 'x'.repeat(300)]
    for (const [offset, value] of classes.entries()) {
      text(row, slots[0], value)
      rows.add(row, offset, 0, all)
    }
    const [{ rows: message }] = rows.take()
    expect(message.texts).toEqual(['a', 'b'])
    expect(message.values).toEqual([Float64Array.of(0, 1, 0, Number.NaN)])
    for (let offset = 0; offset < 3000; offset++) {
      text(row, slots[0], `class ${offset}`)
      rows.add(row, offset, 0, all)
    }
    const taken = rows.take()
    expect(taken.length).toBe(3)
    const said = taken.flatMap(({ rows: { values, texts } }) => Array.from(values[0], place => texts[place]))
    expect(said).toEqual(Array.from({ length: 3000 }, (_, i) => `class ${i}`))
  })
})

describe('labels', () => {
  const monitor = monitorOf()

  function task(ranges = new PaneRanges()) {
    const layout = new Layout(false, 1)
    const slot = labelSlot(monitor, layout)
    const outgoing = new OutgoingRows(
      { ...HEAD, side: 'labels' },
      layout,
      { pair: null, slots: () => Int32Array.of(slot) },
      PARTITIONS,
    )
    const forwarder = new Forwarder(monitor, 'labels', outgoing, 0, ranges)
    const row = keyed(new Row(layout), 'k')
    row.flags[slot] = NUMBER
    const observe = (time: number, offset = forwarder.nextOffset) => {
      row.time = PANE + time
      return forwarder.observe(row, offset)
    }
    return { forwarder, observe }
  }

  it('go out as they came, however late; they move time and make no parts', () => {
    const { forwarder, observe } = task()
    expect([25_000, 12_000, 31_000].map(time => observe(time))).toEqual(['aggregated', 'aggregated', 'aggregated'])
    const [{ rows }] = forwarder.outgoing[0]!.take()
    expect(Array.from(rows.times, time => time - PANE)).toEqual([25_000, 12_000, 31_000])
    expect([rows.versions, rows.versionOf, rows.segments, rows.segmentOf]).toEqual([
      [],
      new Int32Array(0),
      [],
      new Int32Array(0),
    ])
    expect([forwarder.watermark, forwarder.round]).toEqual([PANE + 31_000, PANE + 40_000])
    expect(forwarder.drain()).toEqual([])
    expect(forwarder.progress(false, Number.NEGATIVE_INFINITY)).toMatchObject({
      ...{ side: 'labels', monitor: 'v', watermark: PANE + 31_000 },
      counts: { aggregated: 3, late: 0 },
    })
  })

  it('go on from a commit as if nothing had happened, and have a name beside that of the predictions', () => {
    const whole = task()
    const before = task()
    for (const one of [whole, before]) for (const time of [5000, 21_000, 14_000]) one.observe(time)
    const commit = before.forwarder.commit()
    expect(commit).toMatchObject({ monitor: 'v/labels', oldest: 3 })
    const after = task()
    after.forwarder.restore(commit, 3, 0)
    after.forwarder.skipGap(5)
    whole.forwarder.skipGap(5)
    for (const one of [whole, after]) one.observe(33_000)
    expect(after.forwarder.commit()).toEqual(whole.forwarder.commit())
    expect(after.forwarder.waiting).toBe(1)
  })

  it('of predictions that another version counts are not sent, and time passes', () => {
    const { forwarder, observe } = task(new PaneRanges([{ from: PANE + 10_000, until: PANE + 20_000 }]))
    const times = [9999, 10_000, 19_999, 20_999, 21_000, 30_000]
    expect(times.map(time => observe(time))).toEqual([
      'notSelected',
      ...['aggregated', 'aggregated', 'aggregated'],
      ...['notSelected', 'notSelected'],
    ])
    expect(forwarder.watermark).toBe(PANE + 30_000)
    expect(forwarder.counts).toMatchObject({ aggregated: 3, notSelected: 3 })
    expect(forwarder.nextOffset).toBe(6)
  })
})
