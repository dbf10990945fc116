import type { Feed, Sent, WindowOf } from './feed.js'

/**
 * What any run must give, recomputed from the partition logs alone. It shares no code with the line: nothing here is imported from src/, and
 * there are no parts, markers or sketches in it: rows, and loops over them.
 */
export interface Expected {
  /** By model, then by `end/revision/version/segment/feature`. */
  readonly verdicts: ReadonlyMap<string, ReadonlyMap<string, Content>>
  /** By model, then partition. */
  readonly counts: ReadonlyMap<string, readonly Outcomes[]>
  /** Highest accepted event time after each record, by model, then partition. */
  readonly watermarks: ReadonlyMap<string, readonly (readonly number[])[]>
  /** By model: rows of each last revision over all windows, when nothing has expired. */
  readonly windowRows: ReadonlyMap<string, number>
}

export interface Content {
  readonly rows: number
  readonly missing: number
  readonly null: number
  readonly type: number
}

export interface Outcomes {
  aggregated: number
  late: number
  rejected: number
  notSelected: number
}

/** As the monitors of these runs declare them. */
export const FEATURES: Readonly<Record<string, 'numeric' | 'categorical'>> = {
  fare: 'numeric',
  payment: 'categorical',
  tip: 'numeric',
}
/** Every other value, and none, is `other`. */
export const PAYMENTS = ['cash', 'card']
const MAX_AHEAD = 60 * 60_000
const OLDEST = Date.UTC(1990, 0, 1)
const CONFIRMED_AFTER = 100

interface Event {
  readonly requestId: unknown
  readonly eventTime: unknown
  readonly model: unknown
  readonly modelVersion: string
  readonly score: number
  readonly features: Readonly<Record<string, unknown>>
}

export interface Row {
  readonly event: Event
  readonly pane: number
  /** The first window end that could still take it when it was read. */
  readonly boundary: number
}

/** @param stamped when the broker took the records, where it bounds the future itself; null where only their own past can tell */
export function expected(feed: Feed, stamped: number | null = null): Expected {
  const { window, models, segmented, partitions } = feed
  const verdicts = new Map<string, Map<string, Content>>()
  const counts = new Map<string, Outcomes[]>()
  const watermarks = new Map<string, number[][]>()
  const windowRows = new Map<string, number>()
  for (const model of models) {
    const folds = partitions.map(log => fold(log, model, window, stamped))
    const rows = folds.flatMap(({ rows }) => rows)
    counts.set(
      model,
      folds.map(({ outcomes }) => outcomes),
    )
    watermarks.set(
      model,
      folds.map(({ marks }) => marks),
    )
    verdicts.set(model, contents(rows, window, featuresOf(feed), segmented))
    windowRows.set(model, rows.length * (window.size / window.advance))
  }
  return { verdicts, counts, watermarks, windowRows }
}

/** Windows of a monitor version that counts the panes [from, until). */
export function expectedIn(feed: Feed, model: string, from: number, until: number): ReadonlyMap<string, Content> {
  const rows = accepted(feed, model).filter(({ pane }) => pane >= from && pane < until)
  return contents(rows, feed.window, featuresOf(feed), feed.segmented)
}

/** The score is a series beside those of the features, where no baseline without it judges. */
function featuresOf({ labels, dense }: Feed): readonly string[] {
  return Object.keys(FEATURES).concat(labels.length > 0 && !dense ? ['score'] : [])
}

/** The rows of a model that count. */
export function accepted({ window, partitions }: Feed, model: string): Row[] {
  return partitions.flatMap(log => fold(log, model, window, null).rows)
}

/** One partition, record by record, by its own watermark. */
function fold(log: readonly Sent[], model: string, window: WindowOf, stamped: number | null) {
  const outcomes: Outcomes = { aggregated: 0, late: 0, rejected: 0, notSelected: 0 }
  const rows: Row[] = []
  const marks: number[] = []
  let highest = Number.NEGATIVE_INFINITY
  let ahead = 0
  for (const { value } of log) {
    const event = value === null ? null : parse(value)
    const outcome = ((): keyof Outcomes => {
      if (event === null) return 'rejected'
      if (event.model !== model) return 'notSelected'
      const { eventTime: time, requestId } = event
      if (requestId == null || typeof time !== 'number' || time < OLDEST) return 'rejected'
      if (stamped !== null && time > stamped + MAX_AHEAD) return 'rejected'
      const isJump = stamped === null && highest !== Number.NEGATIVE_INFINITY && time > highest + MAX_AHEAD
      if (isJump && ++ahead < CONFIRMED_AFTER) return 'rejected'
      ahead = 0
      const pane = Math.floor(time / window.advance) * window.advance
      let boundary = pane + window.advance
      while (highest >= boundary + window.grace) boundary += window.advance
      if (boundary > pane + window.advance + window.reviseFor) return 'late'
      rows.push({ event, pane, boundary })
      highest = Math.max(highest, time)
      return 'aggregated'
    })()
    outcomes[outcome]++
    marks.push(highest)
  }
  return { outcomes, rows, marks }
}

function parse(bytes: Buffer): Event | null {
  try {
    return JSON.parse(bytes.toString()) as Event
  } catch {
    return null
  }
}

/** Every window at every revision, by model version, segment and feature. */
function contents(
  rows: readonly Row[],
  { size, advance }: WindowOf,
  features: readonly string[],
  segmented: boolean,
): Map<string, Content> {
  const found = new Map<string, Content>()
  const ends = new Set(
    rows.flatMap(({ pane }) => Array.from({ length: size / advance }, (_, i) => pane + (i + 1) * advance)),
  )
  for (const end of ends) {
    const inside = rows.filter(({ pane }) => pane >= end - size && pane < end)
    for (const k of new Set(inside.map(({ boundary }) => Math.max(0, (boundary - end) / advance)))) {
      const then = inside.filter(({ boundary }) => boundary <= end + k * advance)
      for (const [name, content] of series(then, features, segmented)) found.set(`${end}/${k}/${name}`, content)
    }
  }
  return found
}

function* series(rows: readonly Row[], features: readonly string[], segmented: boolean): Iterable<[string, Content]> {
  for (const version of new Set(rows.map(({ event }) => event.modelVersion))) {
    const own = rows.filter(({ event }) => event.modelVersion === version)
    const segments = segmented ? new Set(own.map(({ event }) => paymentOf(event))) : []
    for (const segment of ['', ...segments]) {
      const mine = segment === '' ? own : own.filter(({ event }) => paymentOf(event) === segment)
      for (const feature of features) {
        const values = mine.map(({ event }) => (feature === 'score' ? event.score : event.features[feature]))
        yield [
          `${version}/${segment}/${feature}`,
          {
            rows: mine.length,
            missing: values.filter(value => value === undefined).length,
            null: values.filter(value => value === null).length,
            type: FEATURES[feature] === 'numeric' ? values.filter(value => typeof value === 'string').length : 0,
          },
        ]
      }
    }
  }
}

function paymentOf({ features }: Event): string {
  const value = features['payment']
  return typeof value === 'string' && PAYMENTS.includes(value) ? value : 'other'
}
