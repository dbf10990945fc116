import type { Seasons } from '../core/detect/season/season.js'
import type { SeasonKind } from '../core/detect/season/slots.js'
import { packSingles, unpackSingles } from './packed.js'
import { RecordType } from './record-type.js'

export type SeasonsBySeries = ReadonlyMap<string, Seasons>

/** As schemas/histories.avsc has it: all but the slots. */
export interface SeasonRecord extends Omit<Seasons, 'kind' | 'level' | 'days'> {
  readonly kind: string
  readonly perDay: number
  readonly level: Uint8Array
}

/** As schemas/season-slot.avsc has it. */
interface SlotRecord {
  readonly model: string
  readonly monitor: string
  readonly slot: number
  readonly series: readonly { readonly key: string; readonly levels: Uint8Array }[]
}

const SLOT = new RecordType<SlotRecord>(['season-slot.avsc'])
/** Series in one record, each at most 400 bytes. */
const IN_SLOT = 1000
const DAYS = 7

export function seasonRecord({ clock, kind, measured, from, to, width, level, days }: Seasons): SeasonRecord {
  const perDay = (days.find(day => day !== null)?.length ?? 0) / width
  return { clock, kind, measured, from, to, width, perDay, level: packSingles(level ?? new Float32Array(0)) }
}

/** @param slots by slot */
export function seasonsOf(
  { clock, kind, measured, from, to, width, perDay, level }: SeasonRecord,
  slots: ReadonlyMap<number, Uint8Array>,
): Seasons {
  const days = Array<Float32Array | null>(DAYS).fill(null)
  for (const [slot, bytes] of slots) {
    const levels = unpackSingles(bytes)
    const day = Math.floor(slot / perDay)
    if (levels.length !== width || !(day < DAYS)) continue
    days[day] ??= new Float32Array(perDay * width)
    days[day].set(levels, (slot % perDay) * width)
  }
  const known = { clock, measured, from, to, width, days }
  return { ...known, kind: kind as SeasonKind, level: level.length === 0 ? null : unpackSingles(level) }
}

/** The slots in which a window has come. */
export function slotsOf(seasons: Seasons): { readonly slot: number; readonly levels: Float32Array }[] {
  return Array.from({ length: DAYS * slotsOfDay(seasons) }, (_, slot) => slot).flatMap(slot => {
    const levels = levelsIn(seasons, slot)
    return levels === null ? [] : [{ slot, levels }]
  })
}

/** The slots of every series, out of records in any order. */
export class SlotReader {
  readonly #series = new Map<string, Map<number, Uint8Array>>()

  /** A record that cannot be read is passed over: its slot is learnt anew. */
  take(value: Uint8Array, version: number): void {
    const found = SLOT.decode(value, version)
    for (const { key, levels } of found?.series ?? []) {
      let slots = this.#series.get(key)
      if (slots === undefined) this.#series.set(key, (slots = new Map()))
      slots.set(found!.slot, levels)
    }
  }

  of(key: string): ReadonlyMap<number, Uint8Array> {
    return this.#series.get(key) ?? new Map()
  }
}

/** The records of the slots in which a series has changed, each with all its series; a value of null where a record is to be removed. */
export function encodeSlots(
  of: { readonly model: string; readonly monitor: string },
  seasons: SeasonsBySeries,
  written: SeasonsBySeries,
): { readonly place: string; readonly value: Buffer | null; readonly version: number }[] {
  const slots = new Set<number>()
  for (const key of new Set([...seasons.keys(), ...written.keys()]))
    for (const slot of changedSlots(seasons.get(key), written.get(key))) slots.add(slot)
  return [...slots]
    .sort((a, b) => a - b)
    .flatMap(slot => {
      const series = seriesIn(seasons, slot)
      const records = Math.ceil(series.length / IN_SLOT)
      const before = Math.ceil(seriesIn(written, slot).length / IN_SLOT)
      return Array.from({ length: Math.max(records, before) }, (_, chunk) => {
        const some = series.slice(chunk * IN_SLOT, (chunk + 1) * IN_SLOT)
        const value = some.length === 0 ? null : SLOT.encode({ ...of, slot, series: some.map(packed) })
        return { place: `s${slot}/${chunk}`, value, version: SLOT.version }
      })
    })
}

const packed = ({ key, levels }: { key: string; levels: Float32Array }) => ({ key, levels: packSingles(levels) })

function seriesIn(seasons: SeasonsBySeries, slot: number): { key: string; levels: Float32Array }[] {
  return [...seasons].flatMap(([key, one]) => {
    const levels = levelsIn(one, slot)
    return levels === null ? [] : [{ key, levels }]
  })
}

function changedSlots(now: Seasons | undefined, before: Seasons | undefined): number[] {
  const perDay = slotsOfDay((now ?? before)!)
  const touched = new Set<number>()
  for (let d = 0; d < DAYS; d++)
    if (now?.days[d] !== before?.days[d]) for (let hour = 0; hour < perDay; hour++) touched.add(d * perDay + hour)
  for (const one of [now, before]) if (one?.newest !== undefined) touched.add(one.newest.slot)
  return [...touched].filter(slot => !areEqual(now && levelsIn(now, slot), before && levelsIn(before, slot)))
}

const slotsOfDay = ({ days, width }: Pick<Seasons, 'days' | 'width'>): number =>
  (days.find(day => day !== null)?.length ?? width) / width

/** Null where no window has come. */
function levelsIn({ days, width, newest }: Seasons, slot: number): Float32Array | null {
  const perDay = slotsOfDay({ days, width })
  const from = (slot % perDay) * width
  const levels = newest?.slot === slot ? newest.levels : days[Math.floor(slot / perDay)]?.subarray(from, from + width)
  return levels === undefined || !(levels[0] > 0) ? null : levels
}

function areEqual(a: Float32Array | null = null, b: Float32Array | null = null): boolean {
  return a === null || b === null ? a === b : a.length === b.length && a.every((x, i) => Object.is(x, b[i]))
}
