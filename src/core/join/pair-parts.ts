import type { PartHead } from '../window/part.js'
import type { PairAccumulator } from './pair-accumulator.js'
import type { PairJoin } from './side-rows.js'

/**
 * What one partition of driftline.joins adds to one model version and pane (of the served rows) for one round: see `JoinedPart`.
 * @typeParam S what the accumulator has counted
 */
export interface PairPart<S = unknown> extends PartHead {
  readonly join: PairJoin
  readonly counted: S
}

/** A part that still takes rows. */
export interface OpenPairs<S> {
  /** Index into the joiner's model versions. */
  readonly version: number
  readonly pane: number
  readonly round: number
  /** Changes counted in it. */
  rows: number
  readonly firstOffset: number
  lastOffset: number
  /** Rebuilt after a gap in the log. */
  readonly gap: boolean
  readonly counts: PairAccumulator<S>
}

/** A part as it is kept. */
export interface OpenPairsState<S = unknown> extends Omit<OpenPairs<S>, 'counts'> {
  readonly counted: S
}

/** Parts of pairs that are not final, by model version, pane and round. */
export class PairParts<S> {
  readonly #open = new Map<string, OpenPairs<S>>()
  #last: OpenPairs<S> | null = null

  constructor(private readonly accumulator: () => PairAccumulator<S>) {}

  get size(): number {
    return this.#open.size
  }

  /** @param offset of the message in driftline.joins whose row is counted */
  at(version: number, pane: number, round: number, offset: number, gap: boolean): OpenPairs<S> {
    let part = this.#last
    if (part === null || part.pane !== pane || part.round !== round || part.version !== version) {
      const key = `${version}/${pane}/${round}`
      part = this.#open.get(key) ?? null
      if (part === null) {
        const counts = this.accumulator()
        part = { version, pane, round, rows: 0, firstOffset: offset, lastOffset: offset, gap, counts }
        this.#open.set(key, part)
      }
      this.#last = part
    }
    part.lastOffset = offset
    part.rows++
    return part
  }

  /** Takes out the parts of rounds before this one, in the order of (pane, round, version). */
  before(round: number): OpenPairs<S>[] {
    const final = [...this.#open].filter(([, part]) => part.round < round)
    for (const [key] of final) this.#open.delete(key)
    this.#last = null
    return final.map(([, part]) => part).sort((a, b) => a.pane - b.pane || a.round - b.round || a.version - b.version)
  }

  state(): OpenPairsState<S>[] {
    return [...this.#open.values()].map(({ counts, ...part }) => ({ ...part, counted: counts.state() }))
  }

  restore(parts: readonly OpenPairsState<S>[]): void {
    for (const { counted, ...part } of parts) {
      const counts = this.accumulator()
      counts.add(counted)
      this.#open.set(`${part.version}/${part.pane}/${part.round}`, { ...part, counts })
    }
  }
}
