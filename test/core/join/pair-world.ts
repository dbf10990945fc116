import type { Pair, PairAccumulator, PairKind, PairNames } from '../../../src/core/join/pair-accumulator.js'
import type { PairRow } from '../../../src/core/join/pair-entry.js'
import type { PairPart } from '../../../src/core/join/pair-parts.js'
import { flagOf, type PairValue } from '../../../src/core/join/pair-value.js'
import type { SideRows } from '../../../src/core/join/side-rows.js'
import type { Random } from '../../random.js'
import { monitorOf } from '../world.js'
import { boundariesOf, deliver, described, headOf, type InSource } from './sources-world.js'

export const ADVANCE = 1000
export const GRACE = 300
export const HORIZON = 3000
export const START = 1_700_000_000_000
export const MONITOR = monitorOf({ advance: ADVANCE, size: 2 * ADVANCE, grace: GRACE, revise: 2 * ADVANCE })

/** What the accumulator of these tests counts: columns `x` and `name` by their names. */
export interface Totals {
  served: number
  pairs: number
  /** Served x less the other side's. */
  difference: number
  sameName: number
  duplicates: number
}

const NONE: Totals = { served: 0, pairs: 0, difference: 0, sameName: 0, duplicates: 0 }

class Counts implements PairAccumulator<Totals> {
  readonly #totals = { ...NONE }

  constructor(private readonly names: PairNames) {}

  served(_row: PairRow, sign: 1 | -1): void {
    this.#totals.served += sign
  }

  paired({ served, other }: Pair, sign: 1 | -1): void {
    const [x, name] = ['x', 'name'].map(column => this.names.columns.indexOf(column))
    const totals = this.#totals
    totals.pairs += sign
    totals.difference += sign * (Number(served.values[x!]) - Number(other.values[x!]))
    if (served.values[name!] === other.values[name!]) totals.sameName += sign
    totals.duplicates += sign * (served.copies + other.copies - 2)
  }

  state(): Totals {
    return { ...this.#totals }
  }

  add(state: Totals): void {
    for (const name of Object.keys(NONE) as (keyof Totals)[]) this.#totals[name] += state[name]
  }
}

export const KIND: PairKind<Totals> = { join: 'offline', horizonMs: HORIZON, open: names => new Counts(names) }

/** A row of one side. */
interface Event {
  readonly side: 'serving' | 'offline'
  readonly key: number
  readonly time: number
  readonly version: string
  readonly x: number
  readonly name: PairValue
}

/** A row of one side where it lies in its source. */
export type Placed = InSource<Event>

function events(random: Random, keys: number): Event[] {
  return Array.from({ length: keys }, (_, key) => {
    const time = START + random.integer(0, 12 * ADVANCE)
    const row = (side: Placed['side'], at: number) => ({
      ...{ side, key, time: at, version: random.chance(0.8) ? 'v1' : 'v2', x: random.integer(0, 9) },
      name: random.pick<PairValue>(['a', 'ä, longer', null, undefined]),
    })
    const served = Array.from({ length: random.pick([0, 1, 1, 1, 1, 2, 3]) }, (_, i) =>
      row('serving', time + (i === 0 ? 0 : random.integer(-GRACE, HORIZON / 2))),
    )
    const copies = random.pick([0, 1, 1, 1, 1, 2])
    // Rows of one side that are further apart than the horizon are of two requests with one key.
    const far = (copies === 1 ? 1.5 : 0.5) * HORIZON
    const offline = Array.from({ length: copies }, () =>
      row('offline', time + (random.chance(0.6) ? 0 : random.integer(-far, far))),
    )
    return [...served, ...offline]
  }).flat()
}

/** Rows in their sources, and the messages that come of them. */
export function world(random: Random, { keys, disorder }: { readonly keys: number; readonly disorder: number }) {
  const topics = { serving: 'serving', offline: 'offline' }
  return deliver(random, events(random, keys), { disorder, topics, rows: sideRows })
}

function sideRows(some: readonly Placed[]): SideRows {
  const { side } = some[0]!
  const serving = side === 'serving'
  const texts = [...new Set(some.flatMap(({ name }) => (typeof name === 'string' ? [name] : [])))]
  // The two sides need not have their columns in one order.
  const columns = serving ? ['x', 'name'] : ['name', 'x']
  const valueIn = (row: Placed, column: string): PairValue => (column === 'x' ? row.x : row.name)
  return {
    ...headOf(some, side),
    ...described(serving ? some : []),
    values: columns.map(column =>
      Float64Array.from(some, row => {
        const value = valueIn(row, column)
        return typeof value === 'string' ? texts.indexOf(value) : Number(value ?? 0)
      }),
    ),
    texts,
    pair: {
      join: 'offline',
      columns,
      flags: columns.map(column => Uint8Array.from(some, row => flagOf(valueIn(row, column)))),
      entities: new Uint32Array(some.length),
    },
  }
}

/** By `version|pane|boundary`: what is known at that boundary; duplicates are known in the end alone. */
export type Known = Map<string, Totals>

const END = Number.POSITIVE_INFINITY

const boundaries = (pane: number): number[] => [...boundariesOf(pane, ADVANCE), END]

function add(known: Known, key: string, at: number, more: Partial<Totals>): void {
  const sum = known.get(`${key}|${at}`) ?? { ...NONE }
  for (const [name, value] of Object.entries(more) as [keyof Totals, number][])
    if (name !== 'duplicates' || at === END) sum[name] += value
  known.set(`${key}|${at}`, sum)
}

/** What the rows must give, from all of them at once. */
export function expected(placed: readonly Placed[]) {
  const known: Known = new Map()
  const none = { read: 0, matched: 0, pending: 0, expired: 0, duplicate: 0, dropped: 0 }
  const counts = { served: { ...none }, other: { ...none } }
  for (const key of new Set(placed.map(one => one.key))) {
    const own = (side: Placed['side']) =>
      placed
        .filter(one => one.key === key && one.side === side)
        .sort((a, b) => a.time - b.time || a.partition - b.partition || a.offset - b.offset)
    const [served, offline] = [own('serving'), own('offline')]
    const [a, b] = [served[0], offline[0]]
    const isPair = a !== undefined && b !== undefined && Math.abs(a.time - b.time) <= HORIZON
    for (const [side, rows] of [['served', served] as const, ['other', offline] as const]) {
      counts[side].read += rows.length
      if (rows.length === 0) continue
      counts[side].duplicate += rows.length - 1
      counts[side][isPair ? 'matched' : 'expired']++
    }
    if (a === undefined) continue
    const pane = Math.floor(a.time / ADVANCE) * ADVANCE
    for (const at of boundaries(pane)) {
      add(known, `${a.version}|${pane}`, at, { served: 1 })
      if (!isPair || Math.max(a.time, b.time) >= at) continue
      add(known, `${a.version}|${pane}`, at, {
        ...{ pairs: 1, difference: a.x - b.x, sameName: a.name === b.name ? 1 : 0 },
        duplicates: served.length + offline.length - 2,
      })
    }
  }
  return { known, counts }
}

/** What the parts say is known at each boundary. */
export function told(parts: readonly PairPart<Totals>[]): Known {
  const known: Known = new Map()
  for (const { modelVersion, pane, round, counted } of parts)
    for (const at of boundaries(pane)) if (round <= at) add(known, `${modelVersion}|${pane}`, at, counted)
  return known
}

/** Keys where the two differ; empty totals are as none. */
export function differences(wanted: Known, found: Known): string[] {
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap(key => {
    const [a, b] = [wanted.get(key) ?? NONE, found.get(key) ?? NONE]
    const names = (Object.keys(NONE) as (keyof Totals)[]).filter(name => a[name] !== b[name])
    return names.map(name => `${key} ${name}: ${a[name]} became ${b[name]}`)
  })
}
