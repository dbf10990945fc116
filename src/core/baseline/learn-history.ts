import { begin, ENOUGH, type History, remember } from '../detect/history.js'
import { FIXED } from '../detect/limits.js'
import { profileOf } from '../detect/profile.js'
import { FEWEST_USABLE } from '../detect/score.js'
import { Season } from '../detect/season/season.js'
import type { Monitor } from '../monitor.js'
import type { PanePlan } from '../plan.js'
import type { Layout, Row } from '../row.js'
import type { SketchState } from '../sketch/state.js'
import type { Leaf } from '../window/part.js'
import { PartBuilder } from '../window/part-builder.js'
import type { View } from '../window/view.js'
import { type FeatureBaseline, segmentKey, type Trained } from './baseline.js'
import { SwingLearner } from './learn-swings.js'

/** Windows may be missing in between (nights, weekends), but times that are days or months say nothing of hours. */
const MOST_GAPS = 4

/** What the windows of a series say of it. */
type Learnt = Pick<Trained, 'history' | 'swings'>

/** By feature, then by value. */
export type ValueCounts = ReadonlyMap<string, ReadonlyMap<string, number>>

/**
 * What the windows of the monitor would have been over the training rows, given in the order of time: one window is counted at a time, and of
 * each series the newest are kept, with its slots of the week; where they stay too few for that, how far they lay from each other.
 */
export class HistoryLearner {
  readonly #season: Season
  readonly #histories = new Map<string, Map<string, History>>()
  readonly #swings: SwingLearner
  #open: PartBuilder | null = null

  /**
   * @param views the segments of a window's leaves
   * @param counts how often each value came in all rows, by categorical feature
   */
  constructor(
    private readonly monitor: Monitor,
    private readonly layout: Layout,
    private readonly plan: PanePlan,
    private readonly features: readonly FeatureBaseline[],
    private readonly views: (leaves: readonly Leaf[]) => View[],
    private readonly counts: ValueCounts,
  ) {
    this.#season = new Season(monitor)
    this.#swings = new SwingLearner(monitor)
  }

  observe(row: Row, place: number): void {
    const start = windowOf(row.time, this.monitor)
    if (this.#open !== null && this.#open.pane !== start) this.#close()
    this.#open ??= new PartBuilder(0, start, start, this.plan, false)
    this.#open.observe(row, place)
  }

  /** By feature, then by segment key: a history of series with windows enough to be judged by, else their swings. */
  finish(): ReadonlyMap<string, ReadonlyMap<string, Learnt>> {
    if (this.#open !== null) this.#close()
    const found = new Map<string, Map<string, Learnt>>()
    for (const contract of this.features)
      for (const [segment, history] of this.#histories.get(contract.name) ?? []) {
        let its = found.get(contract.name)
        if (its === undefined) found.set(contract.name, (its = new Map()))
        its.set(segment, this.#learnt(contract, segment, history))
      }
    return found
  }

  #learnt(contract: FeatureBaseline, segment: string, history: History): Learnt {
    if (!isEnough(history, this.monitor)) {
      const swings = this.#swings.swingsOf(contract, segment)
      return swings === null ? {} : { swings }
    }
    const { past, seasons } = this.#season.decided(contract, history)
    return { history: { past, ...(seasons && { seasons }) } }
  }

  #close(): void {
    const { pane: start } = this.#open!
    const views = this.views(this.#open!.close(this.layout.slots))
    this.#open = null
    const end = start + this.monitor.window.sizeMs
    const own = ownValues(views[0], this.counts)
    for (const { segment, rows, features } of views) {
      if (rows < FEWEST_USABLE) continue
      const key = segmentKey(segment)
      for (const contract of this.features) {
        if (isLearntOnHalf(contract)) continue
        const sketch = features.get(contract.name) ?? null
        const asServed = sketch === null ? null : withUnseen(sketch, own.get(contract.name))
        const profile = profileOf(contract, { rows, sketch: asServed })
        let its = this.#histories.get(contract.name)
        if (its === undefined) this.#histories.set(contract.name, (its = new Map()))
        const before = its.get(key) ?? begin(0, null)
        const after = remember(before, { start, end, profile }, [], 'none', 0, FIXED)
        its.set(key, this.#season.follow(contract, before, after))
        if (after.past.length < ENOUGH) this.#swings.add(contract.name, segment, { rows, sketch, asServed })
        else if (isEnough(after, this.monitor)) this.#swings.drop(contract.name, key)
      }
    }
  }
}

/** A vocabulary's own texts say nothing of it: in training half of the rows have no share of unfamiliar tokens, while a model serves all have one. */
function isLearntOnHalf({ origin }: FeatureBaseline): boolean {
  return origin?.what === 'text' && origin.part === 'oov'
}

/** Values that came in no other window. */
function ownValues({ features }: View, counts: ValueCounts): ReadonlyMap<string, ReadonlySet<string>> {
  const own = new Map<string, Set<string>>()
  for (const [name, all] of counts) {
    const known = features.get(name)?.categorical?.known ?? []
    own.set(name, new Set([...known].flatMap(([value, count]) => (count >= (all.get(value) ?? 0) ? [value] : []))))
  }
  return own
}

/** A window's values that no other has are what training had never seen, had it not been part of it: new values come while a model serves, too. */
function withUnseen(sketch: SketchState, own: ReadonlySet<string> | undefined): SketchState {
  const { categorical } = sketch
  if (categorical === null || own === undefined || own.size === 0) return sketch
  let { unknown } = categorical
  const known = new Map(categorical.known)
  for (const value of own) {
    unknown += known.get(value) ?? 0
    known.delete(value)
  }
  return { ...sketch, categorical: { ...categorical, known, unknown } }
}

/** Windows of the training rows follow each other without overlap, however often a monitor closes one. */
export function windowOf(time: number, { window }: Pick<Monitor, 'window'>): number {
  return Math.floor(time / window.sizeMs) * window.sizeMs
}

function isEnough({ past }: History, { window }: Monitor): boolean {
  if (past.length < ENOUGH) return false
  return past.at(-1)!.end - past[0].start <= MOST_GAPS * past.length * window.sizeMs
}
