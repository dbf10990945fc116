/** A stretch of the clock, epoch ms: of a delay, from its cause to its effect. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

export interface Delays {
  readonly count: number
  /** ms; NaN where there are none. */
  readonly p50: number
  readonly p99: number
  readonly most: number
}

/** How long these took, by nearest rank. */
export function delaysOf(all: readonly Stretch[]): Delays {
  const sorted = Float64Array.from(all, ({ from, to }) => to - from).sort()
  const at = (p: number): number => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), most: at(1) }
}

/** Parts what neither a fault nor the time after it touches from the rest. @param afterMs in which a fault's backlog is worked off */
export function besideFaults<S extends Stretch>(
  all: readonly S[],
  faults: readonly Stretch[],
  afterMs: number,
): { readonly calm: readonly S[]; readonly troubled: readonly S[] } {
  const isTroubled = (one: S): boolean => faults.some(({ from, to }) => one.from <= to + afterMs && one.to >= from)
  return { calm: all.filter(one => !isTroubled(one)), troubled: all.filter(isTroubled) }
}

/** When the log took the last record that a window waited for: end + grace was passed in every partition. */
export class Closings {
  readonly #at = new Map<number, number>()
  #next: number

  /** @param reached event time that has been passed before; windows that it closes are not told of */
  constructor(
    private readonly sizeMs: number,
    private readonly graceMs: number,
    reached: number,
  ) {
    this.#next = (Math.floor((reached - graceMs) / sizeMs) + 1) * sizeMs
  }

  /** Every partition has come to this event time. @param at clock of the log, epoch ms */
  passed(time: number, at: number): void {
    for (; this.#next + this.graceMs <= time; this.#next += this.sizeMs) this.#at.set(this.#next, at)
  }

  /** @param end of a window */
  of(end: number): number | undefined {
    return this.#at.get(end)
  }
}
