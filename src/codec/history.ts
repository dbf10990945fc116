import type { History, Kept } from '../core/detect/history.js'
import type { Tail } from '../core/detect/limits.js'
import type { Profile } from '../core/detect/profile.js'
import type { OutgoingRecord } from '../core/ports.js'
import { packCounts, packDoubles, unpackCounts, unpackDoubles } from './packed.js'
import { RecordType } from './record-type.js'

type Histories = readonly { readonly key: string; readonly history: History }[]
/** Profiles by series, of each window by its end. */
export type Windows = Map<number, { readonly start: number; readonly profiles: Map<string, Profile> }>

interface SeriesProfile {
  readonly key: string
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
  readonly series: readonly SeriesProfile[]
}

interface HistoriesRecord {
  readonly model: string
  readonly monitor: string
  readonly series: readonly (Omit<History, 'past' | 'former' | 'during' | 'tail'> & {
    readonly key: string
    readonly past: readonly number[]
    readonly former: readonly number[]
    readonly during: readonly number[]
    readonly tail: Tail | null
  })[]
}

const WINDOW = new RecordType<WindowRecord>(['window-profiles.avsc'])
const HISTORIES = new RecordType<HistoriesRecord>(['history/histories-1.avsc', 'histories.avsc'])

/** Series in one record: a profile is at most about a kilobyte, and so is what is kept of 60 windows. */
const IN_WINDOW = 500
const IN_HISTORIES = 1000
/** What divides the key of a decision state from that of a record beside it. */
const BESIDE = '#'

/** Whether a record lies beside a decision state, and whose. */
export function besideOf(key: string): { state: string; kind: string } | null {
  const at = key.lastIndexOf(BESIDE)
  return at < 0 ? null : { state: key.slice(0, at), kind: key.slice(at + 1) }
}

/** The profiles that histories refer to. */
export function windowsOf(histories: Histories): Windows {
  const windows: Windows = new Map()
  for (const { key, history } of histories)
    for (const { start, end, profile } of [...history.past, ...history.former, ...history.during]) {
      let window = windows.get(end)
      if (window === undefined) windows.set(end, (window = { start, profiles: new Map() }))
      window.profiles.set(key, profile)
    }
  return windows
}

/**
 * The records that bring what is written up to date: windows that have a profile that is not written yet, then which windows each series has, then
 * tombstones of windows that none has any more.
 * @param written profiles that earlier records hold
 */
export function encodeHistories(
  { model, monitor }: { readonly model: string; readonly monitor: string },
  histories: Histories,
  windows: Windows,
  written: Windows,
): { readonly before: OutgoingRecord[]; readonly after: OutgoingRecord[] } {
  const state = `${model}/${monitor}`
  const before: OutgoingRecord[] = []
  for (const [end, { start, profiles }] of windows) {
    const known = written.get(end)?.profiles
    if (known !== undefined && [...profiles].every(([key, profile]) => known.get(key) === profile)) continue
    for (const [chunk, series] of chunks([...profiles], IN_WINDOW).entries()) {
      const value = WINDOW.encode({ model, monitor, start, end, series: series.map(profileRecord) })
      before.push(record(`${state}${BESIDE}w${end}/${chunk}`, value, WINDOW.version))
    }
  }
  for (const [chunk, series] of chunks([...histories], IN_HISTORIES).entries()) {
    const value = HISTORIES.encode({ model, monitor, series: series.map(historyRecord) })
    before.push(record(`${state}${BESIDE}h${chunk}`, value, HISTORIES.version))
  }
  const after: OutgoingRecord[] = []
  for (const [end, { profiles }] of written) {
    if (windows.has(end)) continue
    for (let chunk = 0; chunk * IN_WINDOW < profiles.size; chunk++)
      after.push({ key: `${state}${BESIDE}w${end}/${chunk}`, value: null })
  }
  return { before, after }
}

/** Histories from the records beside a state; a window whose profile cannot be read is left out. */
export function decodeHistories(records: readonly { kind: string; value: Uint8Array; version: number }[]): {
  readonly histories: Histories
  readonly windows: Windows
} {
  const windows: Windows = new Map()
  for (const { kind, value, version } of records) {
    const found = kind.startsWith('w') ? WINDOW.decode(value, version) : null
    if (found === null) continue
    const { start, end, series } = found
    let window = windows.get(end)
    if (window === undefined) windows.set(end, (window = { start, profiles: new Map() }))
    for (const one of series) window.profiles.set(one.key, profileOf(one))
  }
  const histories = records.flatMap(({ kind, value, version }) => {
    const found = kind.startsWith('h') ? HISTORIES.decode(value, version) : null
    return (found?.series ?? []).map(({ key, past, former, during, tail, ...history }) => ({
      key,
      history: {
        ...{ ...history, past: keptOf(windows, key, past), former: keptOf(windows, key, former) },
        during: keptOf(windows, key, during),
        ...(tail === null ? {} : { tail }),
      },
    }))
  })
  return { histories, windows }
}

function keptOf(windows: Windows, key: string, steps: readonly number[]): Kept[] {
  let end = 0
  return steps.flatMap(step => {
    end += step
    const window = windows.get(end)
    const profile = window?.profiles.get(key)
    return window === undefined || profile === undefined ? [] : [{ start: window.start, end, profile }]
  })
}

function historyRecord({ key, history }: Histories[number]): HistoriesRecord['series'][number] {
  const { past, former, during, tail, ...rest } = history
  return { key, ...rest, past: steps(past), former: steps(former), during: steps(during), tail: tail ?? null }
}

function steps(windows: readonly Kept[]): number[] {
  return windows.map(({ end }, i) => end - (i === 0 ? 0 : windows[i - 1].end))
}

function profileRecord([key, profile]: readonly [string, Profile]): SeriesProfile {
  const { rows, count, counters, cells, distinct, tops, shape } = profile
  return {
    ...{ key, rows, count, counters: packCounts(counters), cells: packCounts(cells), distinct },
    ...{ topValues: packDoubles(tops.values), topCounts: packCounts(tops.counts) },
    shape: shape && {
      ...shape,
      quantiles: packDoubles(shape.quantiles),
      magnitudes: packDoubles(shape.magnitudes),
    },
  }
}

function profileOf(one: SeriesProfile): Profile {
  const { rows, count, counters, cells, distinct, topValues, topCounts, shape } = one
  return {
    ...{ rows, count, counters: unpackCounts(counters), cells: unpackCounts(cells), distinct },
    tops: { values: unpackDoubles(topValues), counts: unpackCounts(topCounts) },
    shape: shape && {
      ...shape,
      quantiles: unpackDoubles(shape.quantiles),
      magnitudes: unpackDoubles(shape.magnitudes),
    },
  }
}

function record(key: string, value: Uint8Array, version: number): OutgoingRecord {
  return { key, value, headers: { 'schema-version': String(version) } }
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, c) => all.slice(c * size, (c + 1) * size))
}
