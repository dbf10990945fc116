import type { JoinedMonitor } from '../../../src/core/join/joiner.js'
import type { JoinCounts, SideRows } from '../../../src/core/join/side-rows.js'
import type { JoinedPart } from '../../../src/core/performance/joined-part.js'
import type { BinaryScores } from '../../../src/core/performance/score-state.js'
import type { Random } from '../../random.js'
import { monitorOf } from '../world.js'
import { boundariesOf, deliver, described, headOf, type InSource } from './sources-world.js'

export const ADVANCE = 1000
export const GRACE = 300
export const HORIZON = 7500
export const START = 1_700_000_000_000

/** Two scores, windows of two panes. */
export const MONITOR: JoinedMonitor = {
  ...monitorOf({ advance: ADVANCE, size: 2 * ADVANCE, grace: GRACE, revise: 2 * ADVANCE }),
  task: {
    ...{ type: 'binary', positive: null, threshold: null, costs: null },
    outputs: [
      { name: 'a', path: ['a'] },
      { name: 'b', path: ['b'] },
    ],
  },
  labels: {
    ...{ topic: 'labels', format: 'json', where: [], key: ['k'], time: { path: ['t'], unit: 'ms' }, value: ['v'] },
    horizonMs: HORIZON,
  },
}

export interface PredictionRow {
  readonly side: 'serving'
  readonly key: number
  readonly time: number
  readonly version: string
  readonly segment: Readonly<Record<string, string>>
  readonly values: readonly number[]
}

export interface LabelRow {
  readonly side: 'labels'
  readonly key: number
  readonly time: number
  readonly value: number
}

type Event = PredictionRow | LabelRow

/** A row where it lies in its source. */
export type Placed = InSource<Event>

export interface Shape {
  readonly keys: number
  /** How far rows may be out of order: within grace, nothing may depend on it. */
  readonly disorder: number
  /** Share of keys predicted again, within the horizon. */
  readonly again?: number
}

const TOPICS = { serving: MONITOR.serving.topic, labels: 'labels' }

export function events(random: Random, { keys, again = 0.15 }: Shape): Event[] {
  const all: Event[] = []
  const score = (): number => (random.chance(0.05) ? Number.NaN : Math.fround(random.next()))
  const predict = (key: number, time: number): void => {
    const segment: Record<string, string> = random.chance(0.7) ? { country: random.pick(['DE', 'FR']) } : {}
    if (random.chance(0.3)) segment['tier'] = 'gold'
    const version = random.chance(0.8) ? 'v1' : 'v2'
    all.push({ side: 'serving', key, time, version, segment, values: [score(), score()] })
  }
  for (let key = 0; key < keys; key++) {
    const time = START + random.integer(0, 12 * ADVANCE)
    if (!random.chance(0.1)) predict(key, time)
    if (random.chance(again)) predict(key, time + random.integer(0, HORIZON))
    const labels = random.pick([0, 1, 1, 1, 1, 2, 3])
    for (let i = 0; i < labels; i++) {
      const near = random.chance(0.3) ? random.integer(-2 * GRACE, GRACE) : random.integer(-GRACE, 1.3 * HORIZON)
      const label: LabelRow = { side: 'labels', key, time: time + near, value: random.integer(0, 1) }
      all.push(label)
      if (random.chance(0.15)) all.push(label)
    }
  }
  return all
}

/** The events in their sources, and the messages that come of them. */
export function world(random: Random, shape: Shape) {
  return deliver(random, events(random, shape), { disorder: shape.disorder, topics: TOPICS, rows: sideRows })
}

/** Rows of one source partition, in the order of their offsets. */
export function sideRows(some: readonly Placed[]): SideRows {
  const { side } = some[0]!
  const predictions = some.filter(one => one.side === 'serving')
  const columns =
    side === 'serving'
      ? [0, 1].map(i => predictions.map(({ values }) => values[i]!))
      : [some.map(one => ('value' in one ? one.value : 0))]
  return {
    ...headOf(some, TOPICS[side]),
    ...described(predictions),
    values: columns.map(column => Float64Array.from(column)),
    texts: [],
    pair: null,
  }
}

/** What one leaf of a pane holds of one output. */
export type Totals = Record<'n' | 'scores' | 'labelled' | 'positive' | 'loss' | 'brier' | 'unusable', number>

const NONE: Totals = { n: 0, scores: 0, labelled: 0, positive: 0, loss: 0, brier: 0, unusable: 0 }

/** By `model version|pane|segment|output|boundary`: what is known at that boundary, empty ones left out. */
export type Known = Map<string, Totals>

const boundaries = (pane: number): number[] => boundariesOf(pane, ADVANCE)

/** What the rows must give, from all of them at once. */
export function expected(placed: readonly Placed[]): { known: Known; counts: JoinCounts } {
  const known: Known = new Map()
  const predictions = { read: 0, matched: 0, pending: 0, expired: 0, duplicate: 0, dropped: 0 }
  const labels = { read: 0, matched: 0, pending: 0, expired: 0, duplicate: 0, contradicting: 0, dropped: 0 }
  for (const key of new Set(placed.map(one => one.key))) {
    const own = placed.filter(one => one.key === key)
    const made = own.flatMap(one => (one.side === 'serving' ? [one] : []))
    const came = own.flatMap(one => (one.side === 'labels' ? [one] : []))
    made.sort((a, b) => a.time - b.time || a.partition - b.partition || a.offset - b.offset)
    came.sort((a, b) => a.time - b.time || a.value - b.value)
    predictions.read += made.length
    labels.read += came.length
    const first = made[0]
    if (first === undefined) {
      labels.expired += came.length
      continue
    }
    predictions.duplicate += made.length - 1
    const valid = came.filter(({ time }) => time >= first.time - GRACE && time <= first.time + HORIZON)
    labels.expired += came.length - valid.length
    const last = valid.at(-1)
    if (last === undefined) predictions.expired++
    else {
      predictions.matched++
      labels.matched++
      const same = valid.filter(({ value }) => value === last.value).length
      labels.duplicate += same - 1
      labels.contradicting += valid.length - same
    }
    const pane = Math.floor(first.time / ADVANCE) * ADVANCE
    for (const at of boundaries(pane)) {
      const label = valid.filter(({ time }) => Math.max(pane + ADVANCE, boundary(pane, time)) <= at).at(-1)
      for (const segment of [{}, ...Object.entries(first.segment).map(([name, value]) => ({ [name]: value }))])
        for (const [output, score] of first.values.entries())
          add(
            known,
            `${first.version}|${pane}|${JSON.stringify(segment)}|${output}|${at}`,
            totalsOf(score, label?.value),
          )
    }
  }
  return { known, counts: { predictions, labels } }
}

/** The first boundary of a pane that is after a time. */
function boundary(pane: number, time: number): number {
  return boundaries(pane).find(at => time < at) ?? Number.POSITIVE_INFINITY
}

function totalsOf(score: number, label: number | undefined): Totals {
  if (Number.isNaN(score)) return { ...NONE, unusable: 1 }
  const made = { ...NONE, n: 1, scores: score }
  if (label === undefined) return made
  const loss = -Math.log(label === 1 ? score : 1 - score)
  return { ...made, labelled: 1, positive: label, loss, brier: (score - label) ** 2 }
}

function add(known: Known, key: string, more: Totals): void {
  const sum = known.get(key) ?? { ...NONE }
  for (const name of Object.keys(sum) as (keyof Totals)[]) sum[name] += more[name]
  known.set(key, sum)
}

/** What the parts say is known at each boundary. */
export function told(parts: readonly JoinedPart[]): Known {
  const known: Known = new Map()
  for (const { modelVersion, pane, round, leaves } of parts)
    for (const { segment, outputs } of leaves)
      for (const [output, state] of (outputs as BinaryScores[]).entries())
        for (const at of boundaries(pane)) {
          if (round > at) continue
          const sum = (column: Float64Array) => column.reduce((a, b) => a + b, 0)
          add(known, `${modelVersion}|${pane}|${JSON.stringify(segment)}|${output}|${at}`, {
            ...{
              n: sum(state.n),
              scores: sum(state.scores),
              labelled: sum(state.labelled),
              positive: sum(state.positive),
            },
            ...{ loss: state.loss[0], brier: state.brier[0], unusable: state.unusable },
          })
        }
  return known
}

/** One line for each boundary that is not as wanted. */
export function differences(wanted: Known, found: Known): string[] {
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap(key => {
    const [a, b] = [wanted.get(key) ?? NONE, found.get(key) ?? NONE]
    const names = (Object.keys(NONE) as (keyof Totals)[]).filter(name => Math.abs(a[name] - b[name]) > 1e-6)
    return names.map(name => `${key} ${name}: ${a[name]} became ${b[name]}`)
  })
}
