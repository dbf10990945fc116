import type { WindowSpec } from '../monitor.js'
import { DueWindows } from './due.js'
import { type LeftPart, LeftParts } from './left-parts.js'
import type { Counts, Marker, MonitorProgress } from './marker.js'
import type { OffsetRange, Part, PartHead } from './part.js'
import { partKey, sourceOf } from './part-key.js'
import { type SourceGap, SourceGaps } from './source-gaps.js'
import { type SourceState, Sources } from './sources.js'
import { boundaryOf } from './window.js'

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
  readonly left: readonly LeftPart[]
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
  readonly #gaps: SourceGaps
  readonly #parts = new Map<string, StoredPart<P>>()
  readonly #left: LeftParts
  readonly #due: DueWindows
  /** Rows that came for windows nobody revises any more. */
  expired = 0

  /**
   * @param patience how long a repeat of a part that every window has left is known, in lengths of its life; 0 where no source is ever idle,
   * so that each source's markers tell a repeat
   * @param pastMs how far before its start a window is told what was
   */
  constructor(
    private readonly window: WindowSpec,
    patience = 4,
    private readonly pastMs = 0,
  ) {
    this.#gaps = new SourceGaps(window, this.#sources)
    this.#left = new LeftParts(window, patience)
    this.#due = new DueWindows(window)
  }

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
    if (this.#left.has(key)) {
      this.expired += this.#left.repeat(key, part.rows)
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
      if (old === undefined) this.#left.add(key, part.pane, part.rows)
      else {
        old.nextOffset = part.nextOffset
        old.expired = part.rows - kept
      }
      return
    }
    this.#parts.set(key, { part, nextOffset: part.nextOffset, effective, expired: 0 })
    this.#due.add(part.pane, effective, this.#boundary)
  }

  /** Takes a marker's word and returns the windows that are due by it, in the order they are to be judged. */
  advance(marker: Marker, progress: MonitorProgress): DueWindow<P>[] {
    const { topic, partition } = marker
    for (const gap of progress.gaps) this.#gaps.miss({ ...gap, topic, partition })
    this.#gaps.hear(`${topic}/${partition}`, progress.watermark)
    this.#sources.advance(marker, progress)
    const watermark = this.watermark
    return watermark === Number.NEGATIVE_INFINITY ? [] : this.#close(boundaryOf(watermark, this.window))
  }

  /** A window as it was at the last boundary; null where nothing of it is held. */
  at(end: number): DueWindow<P> | null {
    const window = this.#window(end, this.#boundary)
    return window.parts.length === 0 ? null : window
  }

  /** Whether the part of this key is still held: a restart reads again from the oldest message with one. */
  holds(key: string): boolean {
    return this.#parts.has(key)
  }

  state(): CollectorState {
    return {
      boundary: this.#boundary,
      closeTo: this.#sources.closeTo,
      expired: this.expired,
      sources: this.#sources.state(),
      gaps: this.#gaps.state(),
      exceptions: [...this.#parts.values()]
        .filter(stored => stored.effective !== stored.part.round || stored.expired > 0)
        .map(({ part, effective, expired }) => ({ key: partKey(part), effective, expired, rows: part.rows })),
      left: this.#left.state(),
    }
  }

  /** After it, parts below the state's position go through `reload`, everything else as ever. */
  restore(state: CollectorState): void {
    this.#boundary = state.boundary
    this.#sources.restore(state.sources, state.closeTo)
    this.#gaps.restore(state.gaps)
    this.expired = state.expired
    this.#left.restore(state.left)
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
    this.#due.add(part.pane, effective, this.#boundary)
  }

  #close(boundary: number): DueWindow<P>[] {
    if (boundary <= this.#boundary) return []
    const due = this.#due.take(boundary).map(({ end, at }) => this.#window(end, at))
    this.#boundary = boundary
    this.#drop()
    return due.filter(({ parts }) => parts.length > 0)
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
    return this.#gaps.within(start, end)
  }

  /** Messages of this log were gone before they were read, with parts of windows that are not closed. */
  lose(gone: OffsetRange): void {
    this.#gaps.lose(gone, this.#boundary)
  }

  /** Parts that no verdict and no revision can need any more. */
  #drop(): void {
    for (const [key, { part, expired }] of this.#parts) {
      if (this.#boundary < part.pane + 2 * this.window.sizeMs + this.window.reviseForMs + this.pastMs) continue
      this.#parts.delete(key)
      this.#left.add(key, part.pane, part.rows + expired)
    }
    this.#gaps.drop(this.#boundary)
    this.#left.drop(this.#boundary, key => this.#isTold(sourceOf(key)))
  }

  /**
   * Whether its partition's markers say that it was published before: then it is a repeat of one forgotten, from an owner that went on from a
   * stale checkpoint.
   */
  #isTold({ topic, partition, round }: Pick<PartHead, 'topic' | 'partition' | 'round'>): boolean {
    const watermark = this.#sources.watermarkOf(topic, partition)
    return watermark !== undefined && watermark >= round + this.window.graceMs
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
