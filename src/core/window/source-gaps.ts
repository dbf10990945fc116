import type { WindowSpec } from '../monitor.js'
import { endGap, type Gap, touches } from './gap.js'
import type { OffsetRange } from './part.js'
import type { Sources } from './sources.js'

/** A gap, and where it is. */
export interface SourceGap extends Gap {
  readonly topic: string
  readonly partition: number
}

/** What is gone of the sources, and of the log that parts and markers come in. */
export class SourceGaps {
  /** Those that a window may still touch. */
  #gaps: readonly SourceGap[] = []
  /** Sources that no marker has been heard of since messages were lost. */
  #unheard = new Set<string>()

  constructor(
    private readonly window: WindowSpec,
    private readonly sources: Sources,
  ) {}

  /** The newest word on a gap counts: at first its end is not known. */
  miss(gap: SourceGap): void {
    const same = (other: SourceGap): boolean =>
      other.topic === gap.topic && other.partition === gap.partition && other.first === gap.first
    this.#gaps = [...this.#gaps.filter(other => !same(other)), gap]
  }

  /** Messages of the log itself were lost: all up to where each source is when it is next heard of. @param boundary the last that was closed */
  lose({ topic, partition, from, to }: OffsetRange, boundary: number): void {
    const until = Number.POSITIVE_INFINITY
    this.miss({ topic, partition, first: from, to, from: boundary - this.window.sizeMs, until })
    this.#unheard = new Set(this.sources.keys())
  }

  /** A marker of the source has come; the last one that was waited for ends what was lost of the log. */
  hear(source: string, watermark: number): void {
    if (!this.#unheard.delete(source) || this.#unheard.size > 0) return
    const reached = Math.max(watermark, this.sources.highest)
    for (const gap of this.#gaps) if (this.#isOpen(gap)) this.miss({ ...gap, ...endGap(gap, reached, this.window) })
  }

  /** What is gone whose rows may belong to the window [start, end). */
  within(start: number, end: number): OffsetRange[] {
    const touching = this.#gaps.filter(gap => touches(gap, start, end))
    return touching.map(({ topic, partition, first, to }) => ({ topic, partition, from: first, to }))
  }

  /** Forgets those that no verdict and no revision can touch any more. @param boundary the last that was closed */
  drop(boundary: number): void {
    const kept = this.#gaps.filter(({ until }) => until + this.window.sizeMs + this.window.reviseForMs > boundary)
    if (kept.length < this.#gaps.length) this.#gaps = kept
  }

  state(): readonly SourceGap[] {
    return this.#gaps
  }

  /** After the sources have been restored. */
  restore(gaps: readonly SourceGap[]): void {
    this.#gaps = gaps
    if (gaps.some(gap => this.#isOpen(gap))) this.#unheard = new Set(this.sources.keys())
  }

  /** Of the log that parts and markers come in, which is no source, and without an end yet. */
  #isOpen({ topic, partition, until }: SourceGap): boolean {
    return !Number.isFinite(until) && this.sources.watermarkOf(topic, partition) === undefined
  }
}
