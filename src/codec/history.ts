import type { Cusum } from '../core/detect/cusum.js'
import type { History, Kept } from '../core/detect/history.js'
import type { Tail } from '../core/detect/limits.js'
import { Profile } from '../core/detect/profile.js'
import type { OutgoingRecord } from '../core/ports.js'
import { packCounts, packDoubles, unpackCounts, unpackDoubles } from './packed.js'
import { RecordType } from './record-type.js'
import { encodeSlots, type SeasonRecord, type SeasonsBySeries, SlotReader, seasonRecord, seasonsOf } from './season.js'

type Histories = readonly { readonly key: string; readonly history: History }[]
/** Windows by their end. */
export type Windows = Map<number, Window>

/** The profiles of a window, and their series in the order of the histories. Lists, as a thousand series have 60 windows each. */
interface Window {
  readonly start: number
  readonly end: number
  readonly keys: string[]
  readonly profiles: Profile[]
  /** Records that it has been written in, and the profiles in them; some may be of series that refer to it no more. */
  chunks: number
  written: number
}

/** What lies in records of its own, because it seldom changes. */
export interface Parts {
  readonly windows: Windows
  readonly seasons: SeasonsBySeries
}
export const NO_PARTS: Parts = { windows: new Map(), seasons: new Map() }

export interface ProfileRecord {
  readonly rows: number
  readonly count: number
  readonly counters: Uint8Array
  readonly cells: Uint8Array
  readonly distinct: number
  readonly topValues: Uint8Array
  readonly topCounts: Uint8Array
  readonly shape: {
    readonly mean: number
    readonly variance: number
    readonly spread: number
    readonly spreadVariance: number
    readonly quantiles: Uint8Array
    readonly magnitudes: Uint8Array
  } | null
}

interface WindowRecord {
  readonly model: string
  readonly monitor: string
  readonly start: number
  readonly end: number
  readonly series: readonly (ProfileRecord & { readonly key: string })[]
}

interface HistoriesRecord {
  readonly model: string
  readonly monitor: string
  readonly series: readonly (Omit<History, 'past' | 'former' | 'during' | 'seasons' | 'trained' | 'tail' | 'cusum'> & {
    readonly key: string
    readonly past: readonly number[]
    readonly former: readonly number[]
    readonly during: readonly number[]
    readonly seasons: SeasonRecord | null
    readonly trained: number | null
    readonly tail: Tail | null
    readonly cusum: Cusum | null
  })[]
}

const WINDOW = new RecordType<WindowRecord>(['window-profiles.avsc'])
const HISTORIES = new RecordType<HistoriesRecord>([
  'history/histories-1.avsc',
  'history/histories-2.avsc',
  'histories.avsc',
])

/**
 * A window is written anew, without those that refer to it no more, once no more than this part of it is referred to. Few series keep old ones
 * (what came before a standing difference, or before many odd windows), and for them alone all would be kept, by every instance.
 */
const SPARSE = 0.5
/** Series in one record: a profile is at most about a kilobyte, and so is what is kept of 60 windows. */
const IN_WINDOW = 500
const IN_HISTORIES = 1000
/** What divides the key of a decision state from that of a record beside it. */
export const BESIDE = '#'

/** Whether a record lies beside a decision state, and whose. */
export function besideOf(key: string): { state: string; kind: string } | null {
  const at = key.lastIndexOf(BESIDE)
  return at < 0 ? null : { state: key.slice(0, at), kind: key.slice(at + 1) }
}

/** The profiles and slots that histories refer to. */
export function partsOf(histories: Histories): Parts {
  const windows: Windows = new Map()
  const order: Window[] = []
  for (const { key, history } of histories) {
    // Most series have the windows that the one before has.
    let guess = 0
    for (const list of [history.past, history.former, history.during])
      for (let i = 0; i < list.length; i++) {
        const { start, end, profile } = list[i]
        while (guess < order.length && order[guess].end < end) guess++
        let window = order[guess]?.end === end ? order[guess] : windows.get(end)
        if (window === undefined) {
          windows.set(end, (window = { start, end, keys: [], profiles: [], chunks: 0, written: 0 }))
          order.push(window)
        }
        window.keys.push(key)
        window.profiles.push(profile)
      }
  }
  const seasons = histories.flatMap(({ key, history }) => (history.seasons ? [[key, history.seasons] as const] : []))
  return { windows, seasons: new Map(seasons) }
}

/**
 * The records that bring what is written up to date: windows that have a profile that is not written yet, or few that are of use still, and slots
 * that have changed, then which windows each series has, then tombstones of windows and slots that none has any more.
 * @param parts those of the histories; windows note what they are written in
 * @param written what earlier records hold
 */
export function encodeHistories(
  { model, monitor }: { readonly model: string; readonly monitor: string },
  histories: Histories,
  { windows, seasons }: Parts,
  written: Parts,
): { readonly before: OutgoingRecord[]; readonly after: OutgoingRecord[] } {
  const state = `${model}/${monitor}`
  const { before, after } = encodeWindows({ model, monitor }, windows, written.windows)
  const slots = encodeSlots({ model, monitor }, seasons, written.seasons).map(({ place, value, version }) =>
    value === null ? { key: `${state}${BESIDE}${place}`, value } : record(`${state}${BESIDE}${place}`, value, version),
  )
  before.push(...slots.filter(({ value }) => value !== null))
  // Also of none: another owner may have written some.
  const all = histories.length === 0 ? [[]] : chunks([...histories], IN_HISTORIES)
  for (const [chunk, series] of all.entries()) {
    const value = HISTORIES.encode({ model, monitor, series: series.map(historyRecord) })
    before.push(record(`${state}${BESIDE}h${chunk}`, value, HISTORIES.version))
  }
  after.push(...slots.filter(({ value }) => value === null))
  return { before, after }
}

/** The windows' part of it. */
function encodeWindows(
  { model, monitor }: { readonly model: string; readonly monitor: string },
  windows: Windows,
  written: Windows,
): { readonly before: OutgoingRecord[]; readonly after: OutgoingRecord[] } {
  const before: OutgoingRecord[] = []
  const after: OutgoingRecord[] = []
  const keyOf = (end: number, chunk: number): string => `${model}/${monitor}${BESIDE}w${end}/${chunk}`
  const remove = (end: number, from: number, to: number): void => {
    for (let chunk = from; chunk < to; chunk++) after.push({ key: keyOf(end, chunk), value: null })
  }
  for (const [end, window] of windows) {
    const { start, keys, profiles } = window
    const known = written.get(end)
    if (known !== undefined && holds(known, window) && keys.length > SPARSE * known.written) {
      window.chunks = known.chunks
      window.written = known.written
      continue
    }
    const records = chunks(keys, IN_WINDOW)
    for (const [chunk, some] of records.entries()) {
      const series = some.map((key, i) => ({ key, ...profileRecord(profiles[chunk * IN_WINDOW + i]) }))
      before.push(record(keyOf(end, chunk), WINDOW.encode({ model, monitor, start, end, series }), WINDOW.version))
    }
    remove(end, records.length, known?.chunks ?? 0)
    window.chunks = records.length
    window.written = keys.length
  }
  for (const [end, { chunks }] of written) if (!windows.has(end)) remove(end, 0, chunks)
  return { before, after }
}

/** Whether a window has all of another's profiles, in its order. */
function holds(known: Window, { keys, profiles }: Window): boolean {
  let k = 0
  for (let i = 0; i < keys.length; i++, k++) {
    while (k < known.keys.length && known.keys[k] !== keys[i]) k++
    if (known.profiles[k] !== profiles[i]) return false
  }
  return true
}

/** Histories from the records beside a state; a window whose profile cannot be read is left out. */
export function decodeHistories(records: readonly { kind: string; value: Uint8Array; version: number }[]): {
  readonly histories: Histories
  readonly parts: Parts
} {
  const windows: Windows = new Map()
  const profiles = new Map<number, Map<string, Profile>>()
  /** Read last of each series: its profiles are to lie side by side. */
  const newest = new Map<string, Profile>()
  const slots = new SlotReader()
  for (const { kind, value, version } of records) {
    if (kind.startsWith('s')) slots.take(value, version)
    const found = kind.startsWith('w') ? WINDOW.decode(value, version) : null
    if (found === null) continue
    const { start, end, series } = found
    let window = windows.get(end)
    if (window === undefined) {
      windows.set(end, (window = { start, end, keys: [], profiles: [], chunks: 0, written: 0 }))
      profiles.set(end, new Map())
    }
    window.chunks = Math.max(window.chunks, 1 + Number(kind.slice(kind.indexOf('/') + 1)))
    window.written += series.length
    for (const one of series) {
      const profile = profileOf(one, newest.get(one.key))
      newest.set(one.key, profile)
      window.keys.push(one.key)
      window.profiles.push(profile)
      profiles.get(end)!.set(one.key, profile)
    }
  }
  const keptOf = (key: string, steps: readonly number[]): Kept[] => {
    let end = 0
    return steps.flatMap(step => {
      end += step
      const window = windows.get(end)
      const profile = profiles.get(end)?.get(key)
      return window === undefined || profile === undefined ? [] : [{ start: window.start, end, profile }]
    })
  }
  const histories = records.flatMap(({ kind, value, version }) => {
    const found = kind.startsWith('h') ? HISTORIES.decode(value, version) : null
    return (found?.series ?? []).map(({ key, past, former, during, seasons, trained, tail, cusum, ...history }) => ({
      key,
      history: {
        ...{ ...history, past: keptOf(key, past), former: keptOf(key, former), during: keptOf(key, during) },
        ...(trained === null ? {} : { trained }),
        ...(seasons === null ? {} : { seasons: seasonsOf(seasons, slots.of(key)) }),
        ...(tail === null ? {} : { tail }),
        ...(cusum === null ? {} : { cusum }),
      },
    }))
  })
  return { histories, parts: { windows, seasons: partsOf(histories).seasons } }
}

function historyRecord({ key, history }: Histories[number]): HistoriesRecord['series'][number] {
  const { past, former, during, seasons, trained = null, tail = null, cusum = null, ...rest } = history
  const windows = { past: steps(past), former: steps(former), during: steps(during) }
  return {
    key,
    ...rest,
    ...windows,
    trained,
    tail,
    cusum,
    seasons: seasons === undefined ? null : seasonRecord(seasons),
  }
}

function steps(windows: readonly Kept[]): number[] {
  return windows.map(({ end }, i) => end - (i === 0 ? 0 : windows[i - 1].end))
}

export function profileRecord(profile: Profile): ProfileRecord {
  const { rows, count, counters, cells, distinct, tops, shape } = profile
  return {
    ...{ rows, count, counters: packCounts(counters), cells: packCounts(cells), distinct },
    ...{ topValues: packDoubles(tops.values), topCounts: packCounts(tops.counts) },
    shape: shape && {
      ...shape,
      quantiles: packDoubles(shape.quantiles),
      magnitudes: packDoubles(shape.magnitudes),
    },
  }
}

/** @param after of another window of the series, beside which it is to lie */
export function profileOf(one: ProfileRecord, after: Profile | null = null): Profile {
  const { rows, count, counters, cells, distinct, topValues, topCounts, shape } = one
  const fields = {
    ...{ rows, count, counters: unpackCounts(counters), cells: unpackCounts(cells), distinct },
    tops: { values: unpackDoubles(topValues), counts: unpackCounts(topCounts) },
    shape: shape && {
      ...shape,
      quantiles: unpackDoubles(shape.quantiles),
      magnitudes: unpackDoubles(shape.magnitudes),
    },
  }
  return Profile.of(fields, after)
}

function record(key: string, value: Uint8Array, version: number): OutgoingRecord {
  return { key, value, headers: { 'schema-version': String(version) } }
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, c) => all.slice(c * size, (c + 1) * size))
}
