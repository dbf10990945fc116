import { createTopicReader } from '../../src/codec/topic-reader.js'
import { textOf } from '../../src/core/dictionary.js'
import type { Monitor, Serving } from '../../src/core/monitor.js'
import { Layout, MISSING, NUMBER, Row, TEXT } from '../../src/core/row.js'
import { plainMonitor } from '../monitors.js'

/** A monitor that maps `id`, `at` and `features.*`, with what a test has of its own. */
export function monitorOf(serving: Partial<Serving> = {}, more: Partial<Monitor> = {}): Monitor {
  const usual = { key: ['id'], time: { path: ['at'], unit: 'ms' }, fixedVersion: 'unversioned' } as const
  return plainMonitor({
    model: 'taxi-tips',
    serving: { ...usual, ...serving },
    window: { sizeMs: 60_000, advanceMs: 60_000, graceMs: 5000 },
    ...more,
  })
}

/** Confluent wire format. */
export function wire(id: number, record: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + record.length)
  new DataView(bytes.buffer).setUint32(1, id)
  bytes.set(record, 5)
  return bytes
}

/** One topic with one monitor; schemas by id, `unknown` ids give null. */
export function topicOf(
  monitor: Monitor,
  schemas: Readonly<Record<number, object>> = {},
  layout = new Layout(true, 100),
) {
  const options = {
    monitors: [{ monitor, layout }],
    schemas: { get: async (id: number) => schemas[id] ?? null },
    maxBytes: 1e6,
  }
  const reader = createTopicReader(options)
  const row = new Row(layout)
  return { reader, row, layout, read: (bytes: Uint8Array) => reader.read(bytes, 0, row) }
}

/** What a row says of each feature: its flag, and the number or text there is. */
export function cells(row: Row): Record<string, readonly [number, (number | string)?]> {
  const { flags, numbers, categories, starts, lengths, bytes } = row
  const entries = row.layout.slots.map(({ name, dictionary }, i) => {
    if (flags[i] === NUMBER) return [name, [NUMBER, numbers[i]]]
    if (flags[i] !== TEXT) return [name, [flags[i] ?? MISSING]]
    const id = categories[i]
    return [name, [TEXT, id >= 0 ? dictionary.values[id] : textOf(bytes, starts[i], lengths[i])]]
  })
  return Object.fromEntries(entries)
}
