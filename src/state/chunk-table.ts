import { KeyIndex } from '../core/join/key-index.js'
import { MOST_IN_CHUNK } from './entry-chunk.js'

/** Entries of one shelf that were written together. */
export interface Chunk {
  readonly shelf: number
  /** Next offset of the write, and the chunk's number in it. */
  readonly nextOffset: number
  readonly number: number
  /** In the places of its entries. */
  readonly id: number
  /** Entries that have not been forgotten. */
  live: number
}

/** Where the entries of a task lie. */
export class ChunkTable {
  readonly #index = new KeyIndex()
  readonly #chunks: (Chunk | null)[] = []
  /** Of chunks that are gone. */
  readonly #freeIds: number[] = []
  readonly #byShelf = new Map<number, Set<Chunk>>()

  /** Adds a chunk, without its entries. */
  add(head: Pick<Chunk, 'shelf' | 'nextOffset' | 'number'>): Chunk {
    const id = this.#freeIds.pop() ?? this.#chunks.length
    const chunk: Chunk = { ...head, id, live: 0 }
    this.#chunks[id] = chunk
    const on = this.#byShelf.get(head.shelf)
    if (on === undefined) this.#byShelf.set(head.shelf, new Set([chunk]))
    else on.add(chunk)
    return chunk
  }

  /** Puts an entry that lies in no other chunk. */
  put(chunk: Chunk, high: number, low: number, index: number): void {
    this.#index.set(high, low, chunk.id * MOST_IN_CHUNK + index)
    chunk.live++
  }

  /** Null: no such entry. */
  find(high: number, low: number): { readonly chunk: Chunk; readonly index: number } | null {
    const place = this.#index.get(high, low)
    return place < 0 ? null : { chunk: this.#chunkAt(place), index: place % MOST_IN_CHUNK }
  }

  /** Forgets an entry. @returns the chunk that it lay in; null: no such entry */
  delete(high: number, low: number): Chunk | null {
    const place = this.#index.delete(high, low)
    if (place < 0) return null
    const chunk = this.#chunkAt(place)
    chunk.live--
    return chunk
  }

  on(shelf: number): Iterable<Chunk> {
    return this.#byShelf.get(shelf) ?? []
  }

  /** Whether an entry of a chunk has not been forgotten. */
  isLive({ id }: Chunk, high: number, low: number, index: number): boolean {
    return this.#index.get(high, low) === id * MOST_IN_CHUNK + index
  }

  /** Forgets a chunk; its entries are forgotten already. */
  drop(chunk: Chunk): void {
    this.#chunks[chunk.id] = null
    this.#freeIds.push(chunk.id)
    const on = this.#byShelf.get(chunk.shelf)!
    on.delete(chunk)
    if (on.size === 0) this.#byShelf.delete(chunk.shelf)
  }

  #chunkAt(place: number): Chunk {
    return this.#chunks[Math.floor(place / MOST_IN_CHUNK)]!
  }
}
