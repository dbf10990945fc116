import type { PartHead } from '../core/window/part.js'

/** A piece of a part: `part` has the whole part's identity, but only what this piece holds of it. */
export interface Chunk<P extends PartHead> {
  readonly part: P
  readonly chunk: number
  readonly chunks: number
}

interface Assembly<C> {
  /** Offset of the first chunk that came. */
  readonly offset: number
  readonly source: string
  readonly nextOffset: number
  readonly chunks: (C | undefined)[]
}

/**
 * Puts parts together again from their chunks. A part counts when it is whole, so nothing is counted twice or by half. What a crash has left
 * incomplete is forgotten once its source partition's task has moved on: whoever moved on has published the part again.
 */
export class ChunkAssembler<P extends PartHead, C extends Chunk<P> = Chunk<P>> {
  readonly #open = new Map<string, Assembly<C>>()

  /** @param join the whole part, of all its chunks in order */
  constructor(private readonly join: (chunks: readonly C[]) => P) {}

  /** Offset of the oldest chunk of a part that is not whole yet; null when there is none. */
  get oldest(): number | null {
    let oldest: number | null = null
    for (const { offset } of this.#open.values()) oldest = oldest === null ? offset : Math.min(oldest, offset)
    return oldest
  }

  /** @returns the part when this chunk makes it whole */
  add(chunk: C, offset: number): P | null {
    const { part, chunks } = chunk
    const source = `${part.topic}/${part.partition}`
    for (const [key, one] of this.#open)
      if (one.source === source && one.nextOffset < part.nextOffset) this.#open.delete(key)
    if (chunks === 1) return part
    const key = [source, part.modelVersion, part.pane, part.round, part.nextOffset, chunks].join('\n')
    let assembly = this.#open.get(key)
    if (assembly === undefined) {
      assembly = { offset, source, nextOffset: part.nextOffset, chunks: new Array(chunks).fill(undefined) }
      this.#open.set(key, assembly)
    }
    assembly.chunks[chunk.chunk] = chunk
    const all = assembly.chunks.filter(one => one !== undefined)
    if (all.length < chunks) return null
    this.#open.delete(key)
    return this.join(all)
  }
}
