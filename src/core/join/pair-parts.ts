import type { PartHead } from '../window/part.js'
import { type OpenPart, OpenParts } from './open-parts.js'
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

/** A part as it is kept. */
export interface OpenPairsState<S = unknown> extends Omit<OpenPart<unknown>, 'counts'> {
  readonly counted: S
}

/** Parts of pairs that are not final. */
export class PairParts<S> extends OpenParts<PairAccumulator<S>> {
  constructor(private readonly accumulator: () => PairAccumulator<S>) {
    super(accumulator)
  }

  state(): OpenPairsState<S>[] {
    return [...this.all].map(({ counts, ...part }) => ({ ...part, counted: counts.state() }))
  }

  restore(parts: readonly OpenPairsState<S>[]): void {
    for (const { counted, ...part } of parts) {
      const counts = this.accumulator()
      counts.add(counted)
      this.put({ ...part, counts })
    }
  }
}
