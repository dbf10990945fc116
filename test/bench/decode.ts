/**
 * Decoding alone, on the workload: nanoseconds a feature value, and how many times as long as our reader the others take.
 *
 *     npx tsx test/bench/decode.ts [records]
 */
import avsc from 'avsc'
import { createTopicReader } from '../../src/codec/topic-reader.js'
import type { Monitor } from '../../src/core/monitor.js'
import { READ } from '../../src/core/ports.js'
import { Layout, Row } from '../../src/core/row.js'
import { CATEGORICAL, CATEGORIES, NUMERIC, records, SCHEMA, SERVING } from './workload.js'

const VALUES = NUMERIC.length + CATEGORICAL.length
const count = Number(process.argv[2] ?? 50_000)
const monitor = (format: 'avro' | 'json') =>
  ({ model: 'credit-risk', file: 'bench', segments: [], serving: { ...SERVING, format } }) as unknown as Monitor

const one = Buffer.concat([...records(count)].map(({ value }) => value))
const type = avsc.Type.forSchema(SCHEMA as avsc.Schema)
const wire: Buffer[] = []
for (let at = 0; at < one.length; ) {
  const end = type.decode(one, at + 5).offset
  wire.push(one.subarray(at, end))
  at = end
}
const json = wire.map(bytes => Buffer.from(JSON.stringify(type.decode(bytes, 5).value)))

async function ours(format: 'avro' | 'json', messages: Buffer[]): Promise<() => void> {
  const layout = new Layout(false, 1000)
  for (const name of NUMERIC) layout.add(name, 'numeric')
  CATEGORICAL.forEach((name, i) => {
    const { dictionary } = layout.slots[layout.add(name, 'categorical')]!
    for (let v = 0; v < CATEGORIES[i]!; v++) dictionary.add(`v${v}`)
  })
  const options = {
    monitors: [{ monitor: monitor(format), layout }],
    schemas: { get: async () => SCHEMA },
    maxBytes: 1e6,
  }
  const reader = createTopicReader(options)
  const row = new Row(layout)
  await reader.prepare(messages[0]!)
  return () => {
    for (const message of messages) if (reader.read(message, 0, row) !== READ) throw new Error('not read')
  }
}

const contenders: readonly [string, () => void][] = [
  ['driftline, Avro', await ours('avro', wire)],
  ['avsc fromBuffer', () => wire.forEach(bytes => void type.decode(bytes, 5))],
  ['driftline, JSON', await ours('json', json)],
  ['JSON.parse', () => json.forEach(bytes => void JSON.parse(bytes.toString()))],
]
const best = contenders.map(() => Number.POSITIVE_INFINITY)
for (let round = 0; round < 9; round++) {
  contenders.forEach(([, run], i) => {
    const start = process.hrtime.bigint()
    run()
    best[i] = Math.min(best[i]!, Number(process.hrtime.bigint() - start) / (count * VALUES))
  })
}
contenders.forEach(([name], i) => {
  console.log(`${name.padEnd(18)}${best[i]!.toFixed(1).padStart(7)} ns a value  × ${(best[i]! / best[0]!).toFixed(1)}`)
})
