import type { WindowSpec } from '../monitor.js'
import { endGap, type Gap, touches } from './gap.js'
import type { Counts, Marker, MonitorProgress } from './marker.js'
import type { OffsetRange, Part, PartHead } from './part.js'
import { type SourceState, Sources } from './sources.js'
import { boundaryOf, windowEnds } from './window.js'

/** A window whose content up to a boundary is to be judged now. */
export interface DueWindow<P extends PartHead = Part> {
  readonly start: number
  readonly end: number
  /** 0 for the first verdict; k for the one after the k-th advance past the end. */
  readonly revision: number
  /** Its parts, in the order they are to be merged. */
  readonly parts: readonly P[]
  /** Those of the panes before it, as far back as the collector keeps them for this. */
  readonly past: readonly P[]
  readonly partitions: { readonly expected: number; readonly present: number }
  /** Stretches of the source that were gone before they were read, whose rows may belong here. */
  readonly gaps: readonly OffsetRange[]
}

interface StoredPart<P extends PartHead> {
  part: P
  nextOffset: number
  /** The boundary from which it counts: its round, or the next one if that had been closed already. */
  effective: number
  /** Rows of a later version of this part that came too late for any window. */
  expired: number
}

/** A gap, and where it is. */
export interface SourceGap extends Gap {
  readonly topic: string
  readonly partition: number
}

/** What a restart needs of a collector besides the parts themselves, which are read again from the log. */
export interface CollectorState {
  readonly boundary: number
  readonly closeTo: number
  readonly expired: number
  readonly sources: readonly SourceState[]
  readonly gaps: readonly SourceGap[]
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
  readonly #sources = new Sources()
  readonly #parts = new Map<string, StoredPart<P>>()
  /** Rows of parts that every window has left, so that a repeat is not taken for something new. */
  readonly #left = new Map<string, { rows: number; until: number }>()
  /** Boundary → ends of the windows to judge then. */
  readonly #due = new Map<number, Set<number>>()
  /** Those that a window may still touch. */
  #gaps: readonly SourceGap[] = []
  /** Sources that no marker has been heard of since messages were lost. */
  #unheard = new Set<string>()
  /** Rows that came for windows nobody revises any more. */
  expired = 0

  /**
   * @param patience how long a repeat of a part that every window has left is known, in lengths of its life; 0 where no source is ever idle,
   * so that each source's markers tell a repeat
   * @param pastMs how far before its start a window is told what was
   */
  constructor(
    private readonly window: WindowSpec,
    private readonly patience = 4,
    private readonly pastMs = 0,
  ) {}

  get boundary(): number {
    return this.#boundary
  }

  /** Records by outcome at stage 1, over all source partitions, as of the newest markers. */
  counts(): Counts {
    return this.#sources.counts()
  }

  /** Least watermark that closes windows now; −∞ while a partition has not reported. */
  get watermark(): number {
    return this.#sources.watermark
  }

  /** Every partition is idle: time goes on without rows. */
  get isAtRest(): boolean {
    return this.#sources.isAtRest
  }

  /** Source partitions that there are. */
  get partitions(): number {
    return this.#sources.announced
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
    const { topic, partition } = marker
    for (const gap of progress.gaps) this.#miss({ ...gap, topic, partition })
    this.#hear(`${topic}/${partition}`, progress.watermark)
    this.#sources.advance(marker, progress)
    const watermark = this.watermark
    return watermark === Number.NEGATIVE_INFINITY ? [] : this.#close(boundaryOf(watermark, this.window))
  }

  /** A window as it was at the last boundary; null where nothing of it is held. */
  at(end: number): DueWindow<P> | null {
    const window = this.#window(end, this.#boundary)
    return window.parts.length === 0 ? null : window
  }

  /** Offset-free keys of the parts still held, for finding the oldest message that a restart must read again. */
  holds(part: P): boolean {
    return this.#parts.has(partKey(part))
  }

  state(): CollectorState {
    return {
      boundary: this.#boundary,
      closeTo: this.#sources.closeTo,
      expired: this.expired,
      sources: this.#sources.state(),
      gaps: this.#gaps,
      exceptions: [...this.#parts.values()]
        .filter(stored => stored.effective !== stored.part.round || stored.expired > 0)
        .map(({ part, effective, expired }) => ({ key: partKey(part), effective, expired, rows: part.rows })),
      left: [...this.#left].map(([key, { rows, until }]) => ({ key, rows, until })),
    }
  }

  /** After it, parts below the state's position go through `reload`, everything else as ever. */
  restore(state: CollectorState): void {
    this.#boundary = state.boundary
    this.#sources.restore(state.sources, state.closeTo)
    this.expired = state.expired
    this.#gaps = state.gaps
    if (state.gaps.some(gap => !Number.isFinite(gap.until) && this.#isOwn(gap)))
      this.#unheard = new Set(this.#sources.keys())
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
    const parts = this.#between(start, end, at)
    const past = this.pastMs === 0 ? [] : this.#between(start - this.pastMs, start, at)
    const present = new Set(parts.map(part => `${part.topic}/${part.partition}`)).size
    const revision = Math.round((at - end) / this.window.advanceMs)
    return {
      start,
      end,
      revision,
      parts,
      past,
      partitions: { expected: this.partitions, present },
      gaps: this.gapsIn(start, end),
    }
  }

  /** Parts of the panes [from, to) that count at a boundary, in the order they are to be merged. */
  #between(from: number, to: number, at: number): P[] {
    return [...this.#parts.values()]
      .filter(({ part, effective }) => part.pane >= from && part.pane < to && effective <= at)
      .map(({ part }) => part)
      .sort(
        (a, b) =>
          a.pane - b.pane ||
          order(a.topic, b.topic) ||
          a.partition - b.partition ||
          a.round - b.round ||
          order(a.modelVersion, b.modelVersion),
      )
  }

  /** What is gone of the source whose rows may belong to the window [start, end). */
  gapsIn(start: number, end: number): OffsetRange[] {
    const touching = this.#gaps.filter(gap => touches(gap, start, end))
    return touching.map(({ topic, partition, first, to }) => ({ topic, partition, from: first, to }))
  }

  /**
   * Messages of this log were gone before they were read, with parts of windows that are not closed: all up to where each source is when it is
   * next heard of.
   */
  lose({ topic, partition, from, to }: OffsetRange): void {
    const until = Number.POSITIVE_INFINITY
    this.#miss({ topic, partition, first: from, to, from: this.#boundary - this.window.sizeMs, until })
    this.#unheard = new Set(this.#sources.keys())
  }

  #hear(source: string, watermark: number): void {
    if (!this.#unheard.delete(source) || this.#unheard.size > 0) return
    const reached = Math.max(watermark, this.#sources.highest)
    for (const gap of this.#gaps)
      if (!Number.isFinite(gap.until) && this.#isOwn(gap)) this.#miss({ ...gap, ...endGap(gap, reached, this.window) })
  }

  /** Of the log that parts and markers come in, and of no source. */
  #isOwn({ topic, partition }: SourceGap): boolean {
    return this.#sources.watermarkOf(topic, partition) === undefined
  }

  /** The newest word on a gap counts: at first its end is not known. */
  #miss(gap: SourceGap): void {
    const same = (other: SourceGap): boolean =>
      other.topic === gap.topic && other.partition === gap.partition && other.first === gap.first
    this.#gaps = [...this.#gaps.filter(other => !same(other)), gap]
  }

  /** Parts that no verdict and no revision can need any more. */
  #drop(): void {
    for (const [key, { part, expired }] of this.#parts) {
      if (this.#boundary < part.pane + 2 * this.window.sizeMs + this.window.reviseForMs + this.pastMs) continue
      this.#parts.delete(key)
      this.#left.set(key, { rows: part.rows + expired, until: this.#forget(part.pane) })
    }
    const kept = this.#gaps.filter(({ until }) => until + this.window.sizeMs + this.window.reviseForMs > this.#boundary)
    if (kept.length < this.#gaps.length) this.#gaps = kept
    // A partition that has been silent publishes its open parts again when it goes on, however much later.
    for (const [key, { until }] of this.#left)
      if (this.#boundary > until && this.#isTold(sourceOf(key))) this.#left.delete(key)
  }

  /**
   * Whether its partition's markers say that it was published before: then it is a repeat of one forgotten, from an owner that went on from a
   * stale checkpoint.
   */
  #isTold({ topic, partition, round }: Pick<PartHead, 'topic' | 'partition' | 'round'>): boolean {
    const watermark = this.#sources.watermarkOf(topic, partition)
    return watermark !== undefined && watermark >= round + this.window.graceMs
  }

  /** A repeat can only come of a task that stood still as long as this. */
  #forget(pane: number): number {
    return pane + this.patience * (this.window.sizeMs + this.window.reviseForMs + this.window.advanceMs)
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function partKey(part: PartHead): string {
  return `${part.topic}/${part.partition}/${part.pane}/${part.round}/${part.modelVersion}`
}

/** What a part's key says of where it comes from; names of topics have no slash. */
function sourceOf(key: string): Pick<PartHead, 'topic' | 'partition' | 'round'> {
  const [topic, partition, , round] = key.split('/')
  return { topic, partition: Number(partition), round: Number(round) }
}
