/** How far a join is when something is counted. */
export interface Position {
  /** See `roundOf`. */
  readonly round: number
  /** Of the message in driftline.joins. */
  readonly offset: number
  /** Messages were gone before they could be read. */
  readonly gap: boolean
}

/** A part of joined rows that still takes some. */
export interface OpenPart<C> {
  /** Index into the join's model versions. */
  readonly version: number
  readonly pane: number
  readonly round: number
  /** Changes counted in it. */
  rows: number
  readonly firstOffset: number
  lastOffset: number
  /** Rebuilt after a gap in the log. */
  readonly gap: boolean
  readonly counts: C
}

/** Parts that are not final, by model version, pane and round. */
export class OpenParts<C> {
  readonly #open = new Map<string, OpenPart<C>>()
  #last: OpenPart<C> | null = null

  /** @param empty what a part has counted at first */
  constructor(private readonly empty: () => C) {}

  get size(): number {
    return this.#open.size
  }

  get all(): Iterable<OpenPart<C>> {
    return this.#open.values()
  }

  /** The part that one more change is counted in. */
  at(version: number, pane: number, round: number, { offset, gap }: Position): OpenPart<C> {
    let part = this.#last
    if (part === null || part.pane !== pane || part.round !== round || part.version !== version) {
      part = this.#open.get(keyOf({ version, pane, round })) ?? null
      if (part === null) {
        const counts = this.empty()
        part = { version, pane, round, rows: 0, firstOffset: offset, lastOffset: offset, gap, counts }
        this.put(part)
      }
      this.#last = part
    }
    part.lastOffset = offset
    part.rows++
    return part
  }

  /** Puts one back that was kept. */
  put(part: OpenPart<C>): void {
    this.#open.set(keyOf(part), part)
  }

  /** Takes out the parts of rounds before this one, in the order of (pane, round, version). */
  before(round: number): OpenPart<C>[] {
    const final = [...this.#open].filter(([, part]) => part.round < round)
    for (const [key] of final) this.#open.delete(key)
    this.#last = null
    return final.map(([, part]) => part).sort((a, b) => a.pane - b.pane || a.round - b.round || a.version - b.version)
  }
}

function keyOf({ version, pane, round }: Pick<OpenPart<unknown>, 'version' | 'pane' | 'round'>): string {
  return `${version}/${pane}/${round}`
}
