import { decodeInternal } from '../../src/codec/internal.js'
import { recordsOf } from './check.js'
import { Runs } from './run.js'
import { PANES } from '../../src/service/topics.js'
import { World } from './world.js'
const [seed, only, pane] = process.argv.slice(2)
const runs = new Runs()
const grow = World.prototype.due
World.prototype.due = function () { (globalThis as any).world = this; return grow.call(this) }
const r = await runs.run(Number(seed), JSON.parse(only!))
console.log(r.violations.slice(0, 6))
const world = (globalThis as any).world as World
console.log(JSON.stringify(world.options.feed.window), world.options.feed.partitions.map(p => p.length))
let i: Record<number, number> = {}
const w = world.options.feed.window
for (const { headers, value, partition } of await recordsOf(world.log, PANES)) {
  i[partition] = (i[partition] ?? 0) + 1
  const m = decodeInternal(headers, value)
  const t = (x: number) => Number.isFinite(x) ? (x - 1767571200000) / 60000 : x
  if (m?.type === 'part') { const p = m.chunk.part; if (p.pane >= Number(pane) - w.size && p.pane < Number(pane)) console.log(i[partition], partition, 'PART', p.model, 'pane', t(p.pane), 'round', t(p.round), 'p', p.partition, 'next', p.nextOffset, 'rows', p.rows, JSON.stringify(p.offsets)) }
  else if (m?.type === 'marker') console.log(i[partition], partition, 'MARK', m.marker.partition, 'next', m.marker.nextOffset, m.marker.monitors.map(x => `${x.model} wm ${t(x.watermark)} idle ${x.idle} to ${t(x.closeTo)} agg ${x.counts.aggregated}`).join(' | '))
}
const { verdictsOf } = await import('./check.js')
for (const v of await verdictsOf(world.log)) if (v.window.end === Number(pane) && v.series.feature === 'fare' && v.series.model === 'rides') console.log('VERDICT', v.window.revision, v.series.modelVersion, JSON.stringify(v.series.segment), v.window.rows, JSON.stringify(v.input))
console.log(world.members.map(m => m.line.evaluating?.evaluations.map(e => e.monitor.model + ' ' + e.collector.boundary + ' ' + e.collector.expired)))
await runs.close()
