import type { Counts, Marker, MonitorProgress } from './marker.js'

interface Source {
  nextOffset: number
  watermark: number
  idle: boolean
  counts: Counts
  /** See `MonitorProgress`: what an owner of the partition needs whose commit is gone. */
  oldest: number
  roundStart: number
  open: number
}

/** How far one source partition is. */
export interface SourceState extends Readonly<Source> {
  readonly topic: string
  readonly partition: number
  /** Partitions its topic has. */
  readonly partitions: number
}

/** How far the source partitions of a monitor version are: what their markers have said. */
export class Sources {
  #closeTo = Number.NEGATIVE_INFINITY
  readonly #partitions = new Map<string, number>()
  readonly #sources = new Map<string, Source>()

  /** Where time may go when every partition is idle: the highest that a marker has said. */
  get closeTo(): number {
    return this.#closeTo
  }

  /** Partitions that the source topics have. */
  get announced(): number {
    let announced = 0
    for (const count of this.#partitions.values()) announced += count
    return announced
  }

  /** Least watermark of the partitions that are not idle; −∞ while a partition has not reported. */
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

  /** Every partition has reported. */
  get #isComplete(): boolean {
    return this.announced > 0 && this.#sources.size >= this.announced
  }

  /** Records by outcome at stage 1, over all source partitions, as of the newest markers. */
  counts(): Counts {
    const sum = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }
    for (const { counts } of this.#sources.values())
      for (const outcome of Object.keys(sum) as (keyof Counts)[]) sum[outcome] += counts[outcome]
    return sum
  }

  /** `topic/partition` of those that have reported. */
  keys(): Iterable<string> {
    return this.#sources.keys()
  }

  /** The highest watermark of all. */
  get highest(): number {
    return Math.max(Number.NEGATIVE_INFINITY, ...[...this.#sources.values()].map(({ watermark }) => watermark))
  }

  /** Highest watermark of a partition; undefined before it has reported. */
  watermarkOf(topic: string, partition: number): number | undefined {
    return this.#sources.get(`${topic}/${partition}`)?.watermark
  }

  advance({ topic, partition, partitions, nextOffset }: Marker, progress: MonitorProgress): void {
    this.#partitions.set(topic, Math.max(partitions, this.#partitions.get(topic) ?? 0))
    this.#closeTo = Math.max(this.#closeTo, progress.closeTo)
    const key = `${topic}/${partition}`
    const known = this.#sources.get(key)
    const newer =
      known === undefined || nextOffset > known.nextOffset || (nextOffset === known.nextOffset && progress.idle)
    if (newer) {
      const watermark = Math.max(progress.watermark, known?.watermark ?? Number.NEGATIVE_INFINITY)
      const { idle, counts, oldest, roundStart, open } = progress
      this.#sources.set(key, { nextOffset, watermark, idle, counts, oldest, roundStart, open })
    } else if (nextOffset === known.nextOffset) known.watermark = Math.max(known.watermark, progress.watermark)
  }

  state(): readonly SourceState[] {
    return [...this.#sources].map(([key, source]) => {
      const at = key.lastIndexOf('/')
      const topic = key.slice(0, at)
      return { ...source, topic, partition: Number(key.slice(at + 1)), partitions: this.#partitions.get(topic) ?? 0 }
    })
  }

  restore(sources: readonly SourceState[], closeTo: number): void {
    this.#closeTo = closeTo
    for (const { topic, partition, partitions, ...source } of sources) {
      this.#partitions.set(topic, partitions)
      this.#sources.set(`${topic}/${partition}`, source)
    }
  }
}
