import { describe, expect, it } from 'vitest'
import { decodePairJoiner, encodePairJoiner } from '../../../src/codec/pair-joiner.js'
import { SHADOW_COUNTED } from '../../../src/codec/shadow-counts.js'
import { windowWithin } from '../../../src/core/join/lane-window.js'
import { PairJoiner } from '../../../src/core/join/pair-joiner.js'
import type { PairPart } from '../../../src/core/join/pair-parts.js'
import type { SideRows } from '../../../src/core/join/side-rows.js'
import type { Shadow } from '../../../src/core/monitor.js'
import { NULL, NUMBER } from '../../../src/core/row.js'
import { shadowKind } from '../../../src/core/shadow/kind.js'
import { ShadowCounts, type ShadowLeaf, type ShadowState } from '../../../src/core/shadow/shadow-counts.js'
import { mergeShadow, type ShadowPart } from '../../../src/core/shadow/window.js'
import { type Random, seeded } from '../../random.js'
import { deliver, described, headOf, type InSource, type Message } from '../join/sources-world.js'
import { monitorOf } from '../world.js'
import { shadow, task } from './pairs.js'

const [ADVANCE, GRACE, WITHIN, START] = [1000, 300, 2000, 1_700_000_000_000]

function monitorIn(mode: Shadow['mode']) {
  return {
    ...monitorOf({ advance: ADVANCE, size: ADVANCE, grace: GRACE, revise: 2 * ADVANCE }),
    ...{ task: task('binary'), shadow: shadow({ mode, withinMs: WITHIN, latency: ['ms'] }) },
  }
}

interface Served {
  readonly side: 'serving'
  readonly key: number
  readonly time: number
  readonly version: string
  readonly segment: Readonly<Record<string, string>>
  /** NaN: none. */
  readonly score: number
  readonly latency: number
}

type Placed = InSource<Served>

/** Requests that both versions score, that one of them does, that one scores twice, and rows of a third version. */
function served(random: Random, keys: number): Served[] {
  return Array.from({ length: keys }, (_, key) => {
    const time = START + random.integer(0, 8 * ADVANCE)
    const segment: Record<string, string> = random.chance(0.6) ? { city: random.pick(['Bonn', 'Ulm']) } : {}
    const row = (version: string, at: number): Served => ({
      ...{ side: 'serving' as const, key, time: at, version, segment },
      score: random.chance(0.05) ? Number.NaN : random.integer(0, 8) / 8,
      latency: random.integer(1, 64),
    })
    const champion = Array.from({ length: random.pick([0, 1, 1, 1, 2]) }, (_, i) => row('v12', time + 10 * i))
    const later = random.chance(0.8) ? random.integer(-GRACE, GRACE) : random.integer(-2 * WITHIN, 2 * WITHIN)
    const challenger = Array.from({ length: random.pick([0, 1, 1, 1, 2]) }, (_, i) => row('v13', time + later + 10 * i))
    return [...champion, ...challenger, ...(random.chance(0.1) ? [row('v11', time)] : [])]
  }).flat()
}

function world(random: Random, keys: number) {
  return deliver(random, served(random, keys), { disorder: GRACE, topics: { serving: 't' }, rows: sideRows })
}

function sideRows(some: readonly Placed[]): SideRows {
  const columns = [some.map(({ score }) => score), some.map(({ latency }) => latency)]
  return {
    ...headOf(some, 't'),
    ...described(some),
    values: columns.map(column => Float64Array.from(column, x => (Number.isNaN(x) ? 0 : x))),
    texts: [],
    pair: {
      ...{ join: 'shadow', columns: ['#output score', '#latency'], entities: new Uint32Array(some.length) },
      flags: columns.map(column => Uint8Array.from(column, x => (Number.isNaN(x) ? NULL : NUMBER))),
    },
  }
}

type Part = PairPart<readonly ShadowLeaf[]>

function joiner(mode: Shadow['mode'], shelf = 0) {
  const monitor = monitorIn(mode)
  const options = { topic: 'driftline.joins', partition: 0, mostKeys: 1_000_000, newShelf: () => shelf++ }
  return new PairJoiner(monitor, shadowKind(monitor)!, options)
}

function take(subject: ReturnType<typeof joiner>, messages: readonly Message[], from = 0): Part[] {
  return messages.flatMap((message, i) => {
    if ('rows' in message) subject.add(message.rows, from + i)
    else subject.advance(message.marker, message.marker.monitors[0]!, from + i)
    return subject.take()
  })
}

/** What the rows say, by pane and segment. */
function expected(placed: readonly Placed[], mode: Shadow['mode']) {
  const found = new Map<string, ShadowCounts>()
  const counts = (row: Served): ShadowCounts[] =>
    [{}, ...Object.entries(row.segment).map(([name, value]) => ({ [name]: value }))].map(segment => {
      const key = `${Math.floor(row.time / ADVANCE) * ADVANCE} ${JSON.stringify(segment)}`
      const known = found.get(key) ?? new ShadowCounts(task('binary'), mode)
      found.set(key, known)
      return known
    })
  const made = ({ score, latency }: Served) => ({ values: [score], latency })
  for (const key of new Set(placed.map(row => row.key))) {
    const of = (version: string) =>
      placed
        .filter(row => row.key === key && row.version === version)
        .sort((a, b) => a.time - b.time || a.partition - b.partition || a.offset - b.offset)
    const [champions, challengers] = [of('v12'), of('v13')]
    const count = mode === 'canary' ? Number.POSITIVE_INFINITY : 1
    for (const row of champions.slice(0, count)) for (const one of counts(row)) one.made(0, made(row), 1)
    for (const row of challengers.slice(0, count)) for (const one of counts(row)) one.made(1, made(row), 1)
    const [a, b] = [champions[0], challengers[0]]
    if (mode === 'canary' || !a || !b || Math.abs(a.time - b.time) > WITHIN) continue
    for (const one of counts(a)) one.paired(made(a), made(b), 1)
  }
  return new Map([...found].map(([key, one]) => [key, shown(one.state())]))
}

/** Without bins, whose width depends on what was counted and taken back meanwhile. */
function shown({ rows, pairs, outputs, slower, arms }: ShadowState) {
  const sums = ({ n, sum, squares }: typeof slower) => [n, sum, squares]
  return {
    ...{ rows, pairs, slower: sums(slower) },
    outputs: outputs.map(({ difference, ...rest }) => ({ ...rest, difference: sums(difference) })),
    arms: arms.map(({ outputs: [scores], latency }) => [sums(latency), scores!.unusable]),
  }
}

/** What the parts say, by pane and segment; versions and rounds put together. */
function told(parts: readonly Part[], mode: Shadow['mode']) {
  const found = new Map<string, ReturnType<typeof shown>>()
  for (const pane of new Set(parts.map(part => part.pane))) {
    const own: ShadowPart[] = parts.filter(part => part.pane === pane)
    for (const { segment, counts } of mergeShadow(own, task('binary'), mode))
      found.set(`${pane} ${JSON.stringify(segment)}`, shown(counts))
  }
  return found
}

describe.each(['shadow', 'canary'] as const)('the join of two versions (%s)', mode => {
  it.each(Array.from({ length: 25 }, (_, seed) => seed))(
    'counts what the rows say, whatever their order within grace (seed %i)',
    seed => {
      const { placed, messages } = world(seeded(seed), 100)
      const subject = joiner(mode)
      const parts = take(subject, messages)
      expect(told(parts, mode)).toEqual(expected(placed, mode))
      const { reviseForMs } = windowWithin(monitorIn(mode).window, WITHIN)
      for (const { round, pane } of parts) expect(round - pane - ADVANCE).toBeLessThanOrEqual(reviseForMs)
      for (const { read, ...outcomes } of [subject.counts.served, subject.counts.other])
        expect(Object.values(outcomes).reduce((a, b) => a + b, 0)).toBe(read)
      expect([subject.keys, subject.counts.served.pending]).toEqual([0, 0])
    },
  )

  it('takes rows once, and goes on from its written state as if nothing had been', () => {
    const random = seeded(9)
    const { messages } = world(random, 150)
    const straight = joiner(mode)
    const wanted = take(straight, messages)
    for (const at of [1, 25, 60, 120]) {
      const first = joiner(mode)
      const parts = take(first, messages.slice(0, at))
      const second = joiner(mode, 1000)
      second.restore(decodePairJoiner(encodePairJoiner(first.state())) as Parameters<typeof second.restore>[0])
      for (const { high, low, shelf, bytes } of first.changed()) second.load(high, low, { shelf, bytes })
      // What was read last may come again.
      const again = Math.max(0, at - 3)
      parts.push(...take(second, messages.slice(again), again))
      expect(told(parts, mode)).toEqual(told(wanted, mode))
      expect(second.counts).toEqual(straight.counts)
    }
    if (mode === 'canary') expect(straight.entries.changes).toBe(0)
  })

  it('writes what it has counted and reads it back', () => {
    const { messages } = world(seeded(4), 200)
    for (const { counted } of take(joiner(mode), messages))
      expect(SHADOW_COUNTED.decode(SHADOW_COUNTED.encode(counted))).toEqual(counted)
  })
})
