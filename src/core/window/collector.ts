import type { WindowSpec } from '../monitor.js'
import type { Counts, Marker, MonitorProgress } from './marker.js'
import type { Part, PartHead } from './part.js'
import { boundaryOf, windowEnds } from './window.js'

/** A window whose content up to a boundary is to be judged now. */
export interface DueWindow<P extends PartHead = Part> {
  readonly start: number
  readonly end: number
  /** 0 for the first verdict; k for the one after the k-th advance past the end. */
  readonly revision: number
  /** Its parts, in the order they are to be merged. */
  readonly parts: readonly P[]
  readonly partitions: { readonly expected: number; readonly present: number }
}

interface StoredPart<P extends PartHead> {
  part: P
  nextOffset: number
  /** The boundary from which it counts: its round, or the next one if that had been closed already. */
  effective: number
  /** Rows of a later version of this part that came too late for any window. */
  expired: number
}

interface Source {
  nextOffset: number
  watermark: number
  idle: boolean
  counts: Counts
}

/** How far one source partition is. */
export interface SourceState extends Source {
  readonly topic: string
  readonly partition: number
  /** Partitions its topic has. */
  readonly partitions: number
}

/** What a restart needs of a collector besides the parts themselves, which are read again from the log. */
export interface CollectorState {
  readonly boundary: number
  readonly closeTo: number
  readonly expired: number
  readonly sources: readonly SourceState[]
  /** Parts that do not simply count from their own round. */
  readonly exceptions: readonly {
    readonly key: string
    readonly effective: number
    readonly expired: number
    readonly rows: number
  }[]
  /** Rows of parts that are held no more, and until which boundary a repeat of them is known. */
  readonly left: readonly { readonly key: string; readonly rows: number; readonly until: number }[]
}

/**
 * Gathers the parts of one monitor version (of rows, or of joined rows) and says which windows are due. Only markers move time.
 *
 *     parts      p0 p0 p1   p0'         p0' of a round already closed joins the next boundary
 *     markers         m0        m1      the least watermark of all partitions that are not idle decides
 *     boundary   ─────┬─────────┬────▶  never goes back
 *                 window e    e + advance, and revision 1 of window e if p0' touches it
 */
export class Collector<P extends PartHead = Part> {
  #boundary = Number.NEGATIVE_INFINITY
  #closeTo = Number.NEGATIVE_INFINITY
  #partitions = new Map<string, number>()
  readonly #sources = new Map<string, Source>()
  readonly #parts = new Map<string, StoredPart<P>>()
  /** Rows of parts that every window has left, so that a repeat is not taken for something new. */
  readonly #left = new Map<string, { rows: number; until: number }>()
  /** Boundary → ends of the windows to judge then. */
  readonly #due = new Map<number, Set<number>>()
  /** Rows that came for windows nobody revises any more. */
  expired = 0

  constructor(private readonly window: WindowSpec) {}

  get boundary(): number {
    return this.#boundary
  }

  /** Records by outcome at stage 1, over all source partitions, as of the newest markers. */
  counts(): Counts {
    const sum = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }
    for (const { counts } of this.#sources.values())
      for (const outcome of Object.keys(sum) as (keyof Counts)[]) sum[outcome] += counts[outcome]
    return sum
  }

  /** Least watermark that closes windows now; −∞ while a partition has not reported. */
  get watermark(): number {
    if (!this.#isComplete) return Number.NEGATIVE_INFINITY
    if (this.isAtRest) return this.#closeTo
    let least = Number.POSITIVE_INFINITY
    for (const { idle, watermark } of this.#sources.values()) if (!idle) least = Math.min(least, watermark)
    return least
  }

  /** Every partition is idle: time goes on without rows. */
  get isAtRest(): boolean {
    if (!this.#isComplete) return false
    for (const { idle } of this.#sources.values()) if (!idle) return false
    return true
  }

  /** Source partitions that there are. */
  get partitions(): number {
    let announced = 0
    for (const count of this.#partitions.values()) announced += count
    return announced
  }

  /** Every partition has reported. */
  get #isComplete(): boolean {
    const { partitions } = this
    return partitions > 0 && this.#sources.size >= partitions
  }

  add(part: P): void {
    const key = partKey(part)
    const left = this.#left.get(key)
    if (left !== undefined) {
      if (part.rows > left.rows) {
        this.expired += part.rows - left.rows
        left.rows = part.rows
      }
      return
    }
    const old = this.#parts.get(key)
    if (old === undefined && this.#isTold(part)) return
    if (old !== undefined) {
      if (part.nextOffset <= old.nextOffset) return
      if (part.gap && part.rows <= old.part.rows) return
      if (part.rows === old.part.rows + old.expired) {
        old.nextOffset = part.nextOffset
        return
      }
    }
    const paneEnd = part.pane + this.window.advanceMs
    let effective = part.round > this.#boundary ? part.round : this.#boundary + this.window.advanceMs
    if (old !== undefined && old.effective > this.#boundary) effective = old.effective
    if (effective > paneEnd + this.window.reviseForMs) {
      const kept = old?.part.rows ?? 0
      this.expired += part.rows - kept - (old?.expired ?? 0)
      if (old === undefined) this.#left.set(key, { rows: part.rows, until: this.#forget(part.pane) })
      else {
        old.nextOffset = part.nextOffset
        old.expired = part.rows - kept
      }
      return
    }
    this.#parts.set(key, { part, nextOffset: part.nextOffset, effective, expired: 0 })
    this.#schedule(part.pane, effective)
  }

  /** Takes a marker's word and returns the windows that are due by it, in the order they are to be judged. */
  advance(marker: Marker, progress: MonitorProgress): DueWindow<P>[] {
    const { topic, partition, nextOffset } = marker
    this.#partitions.set(topic, Math.max(marker.partitions, this.#partitions.get(topic) ?? 0))
    this.#closeTo = Math.max(this.#closeTo, progress.closeTo)
    const key = `${topic}/${partition}`
    const known = this.#sources.get(key)
    const newer =
      known === undefined || nextOffset > known.nextOffset || (nextOffset === known.nextOffset && progress.idle)
    if (newer) {
      const watermark = Math.max(progress.watermark, known?.watermark ?? Number.NEGATIVE_INFINITY)
      this.#sources.set(key, { nextOffset, watermark, idle: progress.idle, counts: progress.counts })
    } else if (nextOffset === known.nextOffset) known.watermark = Math.max(known.watermark, progress.watermark)
    const watermark = this.watermark
    return watermark === Number.NEGATIVE_INFINITY ? [] : this.#close(boundaryOf(watermark, this.window))
  }

  /** Offset-free keys of the parts still held, for finding the oldest message that a restart must read again. */
  holds(part: P): boolean {
    return this.#parts.has(partKey(part))
  }

  state(): CollectorState {
    return {
      boundary: this.#boundary,
      closeTo: this.#closeTo,
      expired: this.expired,
      sources: [...this.#sources].map(([key, source]) => {
        const at = key.lastIndexOf('/')
        const topic = key.slice(0, at)
        return { ...source, topic, partition: Number(key.slice(at + 1)), partitions: this.#partitions.get(topic) ?? 0 }
      }),
      exceptions: [...this.#parts.values()]
        .filter(stored => stored.effective !== stored.part.round || stored.expired > 0)
        .map(({ part, effective, expired }) => ({ key: partKey(part), effective, expired, rows: part.rows })),
      left: [...this.#left].map(([key, { rows, until }]) => ({ key, rows, until })),
    }
  }

  /** After it, parts below the state's position go through `reload`, everything else as ever. */
  restore(state: CollectorState): void {
    this.#boundary = state.boundary
    this.#closeTo = state.closeTo
    this.expired = state.expired
    for (const source of state.sources) {
      this.#partitions.set(source.topic, source.partitions)
      const { nextOffset, watermark, idle, counts } = source
      this.#sources.set(`${source.topic}/${source.partition}`, { nextOffset, watermark, idle, counts })
    }
    for (const { key, rows, until } of state.left) this.#left.set(key, { rows, until })
  }

  /** Puts back a part that had been taken before the restart. */
  reload(part: P, state: CollectorState): void {
    const key = partKey(part)
    if (this.#left.has(key)) return
    const exception = state.exceptions.find(candidate => candidate.key === key)
    const old = this.#parts.get(key)
    if (old !== undefined && (part.nextOffset <= old.nextOffset || (part.gap && part.rows <= old.part.rows))) return
    if (exception !== undefined && exception.rows !== part.rows) {
      if (old !== undefined) old.nextOffset = part.nextOffset
      return
    }
    const effective = exception?.effective ?? part.round
    const expired = exception?.expired ?? 0
    this.#parts.set(key, { part, nextOffset: part.nextOffset, effective, expired })
    this.#schedule(part.pane, effective)
  }

  /** The windows that hold the pane get their first verdict at their end, and a revision at a later boundary that touches them. */
  #schedule(pane: number, effective: number): void {
    for (const end of windowEnds(pane, this.window)) {
      if (end > this.#boundary) this.#dueAt(end).add(end)
      if (
        effective > end &&
        effective > this.#boundary &&
        effective <= end + this.window.reviseForMs + this.window.sizeMs
      )
        this.#dueAt(effective).add(end)
    }
  }

  #dueAt(boundary: number): Set<number> {
    let ends = this.#due.get(boundary)
    if (ends === undefined) this.#due.set(boundary, (ends = new Set()))
    return ends
  }

  #close(boundary: number): DueWindow<P>[] {
    if (boundary <= this.#boundary) return []
    const due: DueWindow<P>[] = []
    const reached = [...this.#due.keys()].filter(at => at <= boundary).sort((a, b) => a - b)
    for (const at of reached) {
      // The first verdict of the window that ends here, then the revisions, oldest first.
      const ends = [...this.#due.get(at)!].sort((a, b) => Number(b === at) - Number(a === at) || a - b)
      for (const end of ends) {
        const window = this.#window(end, at)
        if (window.parts.length > 0) due.push(window)
      }
      this.#due.delete(at)
    }
    this.#boundary = boundary
    this.#drop()
    return due
  }

  #window(end: number, at: number): DueWindow<P> {
    const start = end - this.window.sizeMs
    const parts = [...this.#parts.values()]
      .filter(({ part, effective }) => part.pane >= start && part.pane < end && effective <= at)
      .map(({ part }) => part)
      .sort(
        (a, b) =>
          a.pane - b.pane ||
          order(a.topic, b.topic) ||
          a.partition - b.partition ||
          a.round - b.round ||
          order(a.modelVersion, b.modelVersion),
      )
    const present = new Set(parts.map(part => `${part.topic}/${part.partition}`)).size
    const expected = this.partitions
    const revision = Math.round((at - end) / this.window.advanceMs)
    return { start, end, revision, parts, partitions: { expected, present } }
  }

  /** Parts that no verdict and no revision can need any more. */
  #drop(): void {
    for (const [key, { part, expired }] of this.#parts) {
      if (this.#boundary < part.pane + 2 * this.window.sizeMs + this.window.reviseForMs) continue
      this.#parts.delete(key)
      this.#left.set(key, { rows: part.rows + expired, until: this.#forget(part.pane) })
    }
    for (const [key, { until }] of this.#left) if (this.#boundary > until) this.#left.delete(key)
  }

  /**
   * Whether its partition's markers say that it was published before: then it is a repeat of one forgotten, from an owner that went on from a
   * stale checkpoint.
   */
  #isTold({ topic, partition, round }: PartHead): boolean {
    const source = this.#sources.get(`${topic}/${partition}`)
    return source !== undefined && source.watermark >= round + this.window.graceMs
  }

  /** A repeat can only come of a task that stood still as long as this. */
  #forget(pane: number): number {
    return pane + 4 * (this.window.sizeMs + this.window.reviseForMs + this.window.advanceMs)
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function partKey(part: PartHead): string {
  return `${part.topic}/${part.partition}/${part.pane}/${part.round}/${part.modelVersion}`
}
