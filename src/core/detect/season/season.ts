import type { FeatureBaseline } from '../../baseline/baseline.js'
import type { Monitor } from '../../monitor.js'
import type { Seen } from '../cause/seen.js'
import type { History, Kept } from '../history.js'
import type { Profile } from '../profile.js'
import { FEWEST_USABLE } from '../score.js'
import { choose, lossOfRows } from './choose.js'
import { SeasonClock } from './clock.js'
import { asProfile, carried, carriedRows, levelsOf, type SeasonOf, widthOf } from './levels.js'
import { amended, learnt, moved, noSlots, type SeasonKind, SlotMeans, type Slots, type Without } from './slots.js'

/** What a series' history knows of its seasons. */
export interface Seasons extends Slots {
  /** Name of the clock whose slots these are; those of another are of no use. */
  readonly clock: string
  /** What its windows are compared by at present. */
  readonly kind: SeasonKind
  /** End of the window at which that was measured last; null: not yet. */
  readonly measured: number | null
  /** Start of the first window that lies in the slots as it was, and of the newest that does. */
  readonly from: number
  readonly to: number
}

/** What a window is compared with. */
export interface Comparable {
  readonly kind: SeasonKind
  readonly past: readonly Profile[]
  /** Also these, where the window's slot is little known: what is odd beside one of the two only is not odd. */
  readonly plain: readonly Profile[] | null
}

function beginning(clock: string, width: number, start: number): Seasons {
  return { ...noSlots(width), clock, kind: 'none', measured: null, from: start, to: start - 1 }
}

const DAY = 86_400_000
/** Windows of a slot from which on it speaks for itself. */
const KNOWN = 2.5

/**
 * Seasons of a monitor's series. A window is compared with the newest clean windows as they would have been in its own slot of the week, so
 * that all that is known of a series without seasons (swings, lag, standing differences) holds for one with them:
 *
 *     window i of slot s(i)  ─▶  window i − mean of slot s(i), without i  +  mean of this window's slot  ─▶  scores
 *
 * Errors of the past windows are thereby honest: none is compared with itself.
 */
export class Season {
  readonly clock: SeasonClock | null
  readonly #wanted: 'auto' | SeasonKind

  constructor(monitor: Pick<Monitor, 'window' | 'seasons'>) {
    this.clock = SeasonClock.of(monitor)
    this.#wanted = monitor.seasons?.kind ?? 'auto'
  }

  /** The reference windows as a window that starts at `start` can be compared with them. */
  comparable(contract: FeatureBaseline, { seasons }: History, past: readonly Kept[], start: number): Comparable {
    const plain = past.map(({ profile }) => profile)
    const { clock } = this
    if (clock === null || seasons?.clock !== clock.name || seasons.kind === 'none' || past.length === 0)
      return { kind: 'none', past: plain, plain: null }
    const { kind } = seasons
    const means = new SlotMeans(seasons, clock.perDay)
    const slot = clock.slotOf(start)
    const here = means.of(kind, slot)
    if (here === null) return { kind: 'none', past: plain, plain: null }
    const without = this.#without(contract, seasons, past)
    const there = past.map(({ start: its, profile }, i) => {
      const own = means.of(kind, clock.slotOf(its), without[i])
      return own === null ? profile : carried(contract, profile, own, here)
    })
    return { kind, past: there, plain: means.weightOf(kind, slot) < KNOWN ? plain : null }
  }

  /** Rows of the reference windows as they would have been at the time of week of the window that starts at `start`. */
  rowsAt({ seasons, past }: History, start: number): { readonly past: number[]; readonly plain: number[] | null } {
    const plain = past.map(({ profile }) => profile.rows)
    const { clock } = this
    if (clock === null || seasons?.clock !== clock.name || seasons.kind === 'none') return { past: plain, plain: null }
    const { kind } = seasons
    const means = new SlotMeans(seasons, clock.perDay)
    const slot = clock.slotOf(start)
    const here = means.of(kind, slot)
    if (here === null) return { past: plain, plain: null }
    const without = this.#without(null, seasons, past)
    const there = past.map(({ start: its, profile: { rows } }, i) => {
      const own = means.of(kind, clock.slotOf(its), without[i])
      return own === null ? rows : carriedRows(rows, own, here)
    })
    return { past: there, plain: means.weightOf(kind, slot) < KNOWN ? plain : null }
  }

  /** What the cause of an alert looks at beside the reference: the slots of the week, and the newest windows as they were. */
  seen({ seasons, past }: History, start: number, now: Profile): Pick<Seen, 'slots' | 'recent'> {
    const { clock } = this
    if (clock === null || seasons?.clock !== clock.name || seasons.kind === 'none') return {}
    const means = new SlotMeans(seasons, clock.perDay)
    const profiles = Array.from({ length: clock.slots }, (_, slot) => {
      const weight = means.weightOf(seasons.kind, slot)
      const mean = weight < KNOWN ? null : means.of(seasons.kind, slot)
      return mean && asProfile(mean, now, weight)
    })
    const slots = { profiles, own: clock.slotOf(start), hoursEach: 24 / clock.perDay }
    return { slots, recent: past.map(({ profile }) => profile) }
  }

  /**
   * The history with its slots brought up to date: windows that it has taken in are learnt; where others took the place of its reference, the
   * slots move to their level.
   */
  follow(contract: SeasonOf, before: History, after: History): History {
    const { clock } = this
    const newest = after.past.at(-1)
    if (clock === null || newest === undefined) return after
    let seasons = after.seasons?.clock === clock.name ? after.seasons : null
    const isReturned = after.former !== before.former && after.former === before.past
    if (seasons !== null && (isReturned || after.past[0].start > seasons.to))
      seasons = this.#atLevelOf(contract, seasons, after.past)
    for (let i = firstAfter(after.past, seasons?.to ?? null); i < after.past.length; i++) {
      const { start, profile } = after.past[i]
      if (!isUsable(contract, profile)) continue
      seasons ??= beginning(clock.name, widthOf(contract, profile), start)
      const slots = learnt(seasons, clock.perDay, clock.slotOf(start), levelsOf(contract, profile), clock.decay)
      seasons = { ...seasons, ...slots, to: start }
    }
    return seasons === null ? after : { ...after, seasons: this.#measured(contract, seasons, after.past, newest.end) }
  }

  /** The history after a revision has changed one of its windows, or given one back to it. */
  amend(contract: SeasonOf, before: History, after: History): History {
    const { clock } = this
    const { seasons } = after
    if (clock === null || seasons?.clock !== clock.name) return after
    const known = new Map(before.past.map(({ start, profile }) => [start, profile]))
    const parts = this.#without(contract, seasons, after.past)
    let slots: Slots = seasons
    for (const [i, { start, profile }] of after.past.entries()) {
      const part = parts[i]
      const old = known.get(start)
      if (part === null || old === profile || start > seasons.to) continue
      const was = old === undefined || !isUsable(contract, old) ? null : levelsOf(contract, old)
      const change = { was, is: part.levels, weight: part.weight }
      slots = amended(slots, clock.perDay, clock.slotOf(start), change)
    }
    return { ...after, seasons: { ...seasons, ...slots } }
  }

  /** The kind that the monitor asks for, once two periods are known, or the one that foretells the newest windows best. */
  #measured(contract: SeasonOf, seasons: Seasons, past: readonly Kept[], end: number): Seasons {
    const { measured } = seasons
    // Series take turns, so that not all are measured at the same hour.
    let turn = 0
    for (const letter of contract?.name ?? '') turn += letter.charCodeAt(0)
    const dayOf = (time: number): number => Math.floor((time + ((turn % 24) * DAY) / 24) / DAY)
    if (measured !== null && dayOf(end) <= dayOf(measured)) return seasons
    return { ...seasons, measured: end, kind: measured === null ? 'none' : this.#kindOf(contract, seasons, past) }
  }

  /** Measured at once, whenever the last time was. */
  decided(contract: FeatureBaseline, history: History): History {
    const { seasons, past } = history
    if (this.clock === null || seasons?.clock !== this.clock.name || past.length === 0) return history
    return {
      ...history,
      seasons: { ...seasons, kind: this.#kindOf(contract, seasons, past), measured: past.at(-1)!.end },
    }
  }

  #kindOf(contract: SeasonOf, seasons: Seasons, past: readonly Kept[]): SeasonKind {
    const clock = this.clock!
    const means = new SlotMeans(seasons, clock.perDay)
    const without = this.#without(contract, seasons, past)
    const windows = past.flatMap(({ start, profile }, i) =>
      without[i] === null ? [] : [{ profile, slot: clock.slotOf(start), without: without[i] }],
    )
    return choose(means, windows, this.#wanted, seasons.kind, contract === null ? lossOfRows : undefined)
  }

  /** Each window's part in its slot: what lies there of it, after as many windows of the slot as came since. Null where it is none. */
  #without(contract: SeasonOf, { from }: Seasons, past: readonly Kept[]): (Without | null)[] {
    const clock = this.clock!
    const since = new Map<number, number>()
    const found: (Without | null)[] = []
    for (let i = past.length - 1; i >= 0; i--) {
      const { start, profile } = past[i]
      const slot = clock.slotOf(start)
      const later = since.get(slot) ?? 0
      const isIn = start >= from && isUsable(contract, profile)
      found[i] = isIn ? { levels: levelsOf(contract, profile), weight: clock.decay ** later } : null
      if (isIn) since.set(slot, later + 1)
    }
    return found
  }

  /** The slots at the level of other windows, which are not in them. */
  #atLevelOf(contract: SeasonOf, seasons: Seasons, windows: readonly Kept[]): Seasons {
    const clock = this.clock!
    const means = new SlotMeans(seasons, clock.perDay)
    const by = new Float64Array(seasons.width)
    let counted = 0
    for (const { start, profile } of windows) {
      const mean = !isUsable(contract, profile) ? null : means.of(seasons.kind, clock.slotOf(start))
      if (mean === null) continue
      const levels = levelsOf(contract, profile)
      counted++
      for (let l = 0; l < by.length; l++) by[l] += levels[l] - mean[l]
    }
    if (counted === 0) return seasons
    return {
      ...seasons,
      ...moved(
        seasons,
        by.map(sum => sum / counted),
      ),
      from: seasons.to + 1,
    }
  }
}

/** Index of the first window that starts after a time (null: of the first), mostly one of the newest. */
function firstAfter(past: readonly Kept[], time: number | null): number {
  let i = past.length
  while (i > 0 && (time === null || past[i - 1].start > time)) i--
  return i
}

/** Whether a window says what its slot is like. */
function isUsable(contract: SeasonOf, { count }: Profile): boolean {
  return contract === null || count >= FEWEST_USABLE
}
