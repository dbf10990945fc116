import { gzipSync } from 'node:zlib'
import tdigest from 'tdigest'
import { expect, test } from 'vitest'
import { parseMonitor } from '../../src/config/monitor.js'
import { Layout, NULL, NUMBER } from '../../src/core/row.js'
import { digestRows } from '../../src/files/digest-rows.js'
import { readDigestDump } from '../../src/files/tdigest-dump.js'
import { buildFromDigests } from '../../src/service/build-baseline.js'
import { seeded } from '../random.js'
import { badInput, folder } from './fixtures.js'

const { write } = folder()
const random = seeded(7)

/** 20,000 values, 40 % of them zero: what zero-inflated features look like. */
const values = Array.from({ length: 20_000 }, () => (random.chance(0.4) ? 0 : 10 + random.normal()))
const sketch = new tdigest.TDigest()
sketch.push(values)
const dump = JSON.stringify({ miles: { centroids: sketch.toArray(), nulls: 500 }, fare: sketch.toArray() })

test('a dump gives a digest with the same quantiles, every time', async () => {
  const [miles, fare] = await readDigestDump(write('dump.json', dump))
  expect(miles).toMatchObject({ feature: 'miles', count: 20_000, nulls: 500 })
  expect(fare!.digest.toArray()).toEqual(sketch.toArray())
  expect(miles!.digest.percentile([0.05, 0.5, 0.95])).toEqual(sketch.percentile([0.05, 0.5, 0.95]))
  const zipped = await readDigestDump(write('dump.json.gz', gzipSync(dump)))
  expect(zipped[0]!.weighted).toEqual(miles!.weighted)
})

test('rows made of it have its distribution, its atom and its nulls', async () => {
  const dumps = await readDigestDump(write('rows.json', dump))
  const layout = new Layout(true, 10)
  const miles: number[] = []
  let nulls = 0
  const rows = digestRows(dumps, layout, row => {
    if (row.flags[0] === NUMBER) miles.push(row.numbers[0]!)
    else if (row.flags[0] === NULL) nulls++
  })
  expect([rows, miles.length, nulls]).toEqual([20_500, 20_000, 500])
  const share = (list: readonly number[], below: number) => list.filter(x => x <= below).length / list.length
  expect(share(miles, 0) - share(miles, -1e-9)).toBeCloseTo(share(values, 0) - share(values, -1e-9), 2)
  for (const at of [8, 9, 10, 11, 12]) expect(share(miles, at)).toBeCloseTo(share(values, at), 1.5)
})

test.each<[string, string, RegExp]>([
  ['prose.json', 'once', /prose\.json: not JSON/],
  ['list.json', '[1]', /list\.json is no dump of npm tdigest: it is no object of features/],
  ['none.json', '{}', /it has no features/],
  ['shape.json', '{"x":{"mean":1}}', /x has no centroids/],
  ['null.json', '{"x":[{"mean":null,"n":1}]}', /centroid 1 of x is \{"mean":null,"n":1\}/],
  ['count.json', '{"x":{"centroids":[{"mean":1,"n":1}],"nulls":-1}}', /nulls of x is no count/],
])('%s', async (name, text, message) => {
  expect(await badInput(() => readDigestDump(write(name, text)))).toMatch(message)
})

test('a baseline of dumps knows nothing of how features go together: its rows are made up', async () => {
  const { monitors } = parseMonitor(
    JSON.stringify({ apiVersion: 'driftline/v1', model: 'm', serving: { topic: 't', key: 'k', time: 'at' } }),
    'm.yaml',
  )
  const provenance = { version: 1, modelVersion: null, source: 'dump', loadedAt: 0, from: null }
  const { features } = await buildFromDigests(monitors[0]!, write('joint.json', dump), provenance)
  expect(features.map(({ name }) => name).sort()).toEqual(['fare', 'miles'])
})
