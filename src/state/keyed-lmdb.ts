import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import type { KeyedChange, KeyedEntry, KeyedHead, KeyedStore } from '../core/ports.js'
import { type Chunk, ChunkTable } from './chunk-table.js'
import { type ChunkEntry, chunksOf, decodeChunk, eachKey, encodeChunk, type KeyedPut } from './entry-chunk.js'
import { goesOn } from './keyed-memory.js'
import { unusable } from './lmdb.js'

/** First byte of a key: what the record is. 0 to 3 were those of the first layout, an entry to a record. */
const FIRST_LAYOUT = 3
const HEAD = 4
const LAST_NUMBER = 5
const CHUNK = 6
/** Bytes of a head before its state: began, next offset, the task's number. */
const HEAD_BYTES = 20
/** Records that are removed at once. */
const REMOVED_AT_ONCE = 10_000

interface Head extends KeyedHead {
  /** Stands for the task and its beginning in the keys of its chunks. */
  readonly number: number
}

/** The chunks of one state. */
interface Known {
  readonly number: number
  readonly nextOffset: number
  readonly table: ChunkTable
}

/**
 * Entries of the join on local disk, for the instances of one machine. What is written together lies together, some two dozen entries of a shelf
 * to a record (`encodeChunk`): it is asked for and expires together as well. A key has one entry on disk; where it lies is known in memory, and
 * found out by reading all of them once. Like checkpoints, all is written synchronously.
 */
export class LmdbKeyed implements KeyedStore {
  /** By task, as of the state that this process has read or written last. */
  readonly #known = new Map<string, Known>()

  private constructor(
    readonly place: string,
    private readonly database: RootDatabase<Buffer, Buffer>,
  ) {}

  /** Makes the folder where it is missing. */
  static open(folder: string): LmdbKeyed {
    const place = resolve(folder)
    try {
      mkdirSync(place, { recursive: true })
      const store = new LmdbKeyed(
        place,
        open<Buffer, Buffer>({ path: place, encoding: 'binary', keyEncoding: 'binary' }),
      )
      store.#remove({ start: Buffer.from([0]), end: Buffer.from([FIRST_LAYOUT + 1]) })
      return store
    } catch (cause) {
      throw unusable('pending keys', place, cause)
    }
  }

  async load(task: string): Promise<KeyedHead | null> {
    return this.#try(() => {
      this.database.resetReadTxn()
      return this.#head(task)
    })
  }

  async read(
    task: string,
    { began, nextOffset }: Pick<KeyedHead, 'began' | 'nextOffset'>,
    keys: Uint32Array,
  ): Promise<(KeyedEntry | null)[] | null> {
    return this.#try(() => {
      // What others have written meanwhile; from here on one snapshot.
      this.database.resetReadTxn()
      const head = this.#head(task)
      if (head === null || head.began !== began || head.nextOffset !== nextOffset) return null
      const { number, table } = this.#tableOf(task, head)
      const read = new Map<Chunk, ChunkEntry[]>()
      return Array.from({ length: keys.length / 2 }, (_, i) => {
        const at = table.find(keys[2 * i], keys[2 * i + 1])
        if (at === null) return null
        const { chunk, index } = at
        let entries = read.get(chunk)
        if (entries === undefined) read.set(chunk, (entries = decodeChunk(this.#bytesOf(number, chunk))))
        return { shelf: chunk.shelf, bytes: entries.find(entry => entry.index === index)!.bytes }
      })
    })
  }

  async write(task: string, change: KeyedChange): Promise<boolean> {
    return this.#try(() => {
      try {
        return this.database.transactionSync(() => this.#write(task, change))
      } catch (cause) {
        // It may be ahead of what is on disk.
        this.#known.delete(task)
        throw cause
      }
    })
  }

  release(task: string): void {
    this.#known.delete(task)
  }

  async close(): Promise<void> {
    await this.database.close()
  }

  #write(task: string, change: KeyedChange): boolean {
    const head = this.#head(task)
    if (head !== null && !goesOn(head, change)) return false
    let known: Omit<Known, 'nextOffset'>
    if (head === null || head.began !== change.began) {
      if (head !== null) this.#remove({ start: start(head.number), end: start(head.number + 1) })
      known = { number: this.#newNumber(), table: new ChunkTable() }
    } else known = this.#tableOf(task, head)
    this.#putHead(task, { ...change, number: known.number })
    this.#putEntries(known, change)
    this.#known.set(task, { ...known, nextOffset: change.nextOffset })
    return true
  }

  #putEntries({ number, table }: Omit<Known, 'nextOffset'>, { keys, entries, cleared, nextOffset }: KeyedChange): void {
    const onShelves = new Map<number, KeyedPut[]>()
    const touched = new Set<Chunk>()
    for (let i = 0; i < entries.length; i++) {
      const { shelf, bytes } = entries[i]
      const [high, low] = [keys[2 * i], keys[2 * i + 1]]
      const chunk = table.delete(high, low)
      if (chunk !== null) touched.add(chunk)
      const on = onShelves.get(shelf)
      if (on === undefined) onShelves.set(shelf, [{ high, low, bytes }])
      else on.push({ high, low, bytes })
    }
    for (const shelf of cleared) {
      onShelves.delete(shelf)
      for (const chunk of [...table.on(shelf)]) {
        eachKey(this.#bytesOf(number, chunk), (high, low, index) => {
          if (table.isLive(chunk, high, low, index)) table.delete(high, low)
        })
        touched.add(chunk)
      }
    }
    for (const chunk of touched) this.#shrink(number, table, chunk)
    for (const [shelf, puts] of onShelves) {
      let next = 0
      for (const some of chunksOf(puts)) {
        const chunk = table.add({ shelf, nextOffset, number: next++ })
        for (const { high, low, index } of some) table.put(chunk, high, low, index)
        this.database.putSync(chunkKey(number, chunk), encodeChunk(some))
      }
    }
  }

  /** Writes a chunk without the entries that have been forgotten. */
  #shrink(number: number, table: ChunkTable, chunk: Chunk): void {
    const key = chunkKey(number, chunk)
    if (chunk.live > 0) {
      const entries = decodeChunk(this.#bytesOf(number, chunk))
      const live = entries.filter(({ high, low, index }) => table.isLive(chunk, high, low, index))
      this.database.putSync(key, encodeChunk(live))
      return
    }
    this.database.removeSync(key)
    table.drop(chunk)
  }

  #bytesOf(number: number, chunk: Chunk): Buffer {
    return this.database.get(chunkKey(number, chunk))!
  }

  /** The chunks of the state that this head is of. */
  #tableOf(task: string, { number, nextOffset }: Head): Known {
    let known = this.#known.get(task)
    if (known === undefined || known.number !== number || known.nextOffset !== nextOffset) {
      const table = new ChunkTable()
      for (const { key, value } of this.database.getRange({ start: start(number), end: start(number + 1) })) {
        const chunk = table.add(headOfChunk(key))
        eachKey(value, (high, low, index) => table.put(chunk, high, low, index))
      }
      known = { number, nextOffset, table }
      this.#known.set(task, known)
    }
    return known
  }

  #head(task: string): Head | null {
    const found = this.database.get(headKey(task))
    if (found === undefined) return null
    const [began, nextOffset, number] = [found.readDoubleLE(0), found.readDoubleLE(8), found.readUInt32LE(16)]
    return { began, nextOffset, number, state: found.subarray(HEAD_BYTES) }
  }

  #putHead(task: string, { began, nextOffset, number, state }: Head): void {
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeDoubleLE(began, 0)
    head.writeDoubleLE(nextOffset, 8)
    head.writeUInt32LE(number, 16)
    this.database.putSync(headKey(task), Buffer.concat([head, state]))
  }

  #newNumber(): number {
    const key = Buffer.from([LAST_NUMBER])
    const number = (this.database.get(key)?.readUInt32BE(0) ?? 0) + 1
    this.database.putSync(key, words(number))
    return number
  }

  /** Removes all records between two keys. */
  #remove(range: { readonly start: Buffer; readonly end: Buffer }): void {
    for (let keys: Buffer[]; (keys = [...this.database.getKeys({ ...range, limit: REMOVED_AT_ONCE })]).length > 0; )
      for (const key of keys) this.database.removeSync(key)
  }

  #try<T>(work: () => T): T {
    try {
      return work()
    } catch (cause) {
      throw unusable('pending keys', this.place, cause)
    }
  }
}

function headKey(task: string): Buffer {
  return Buffer.concat([Buffer.from([HEAD]), Buffer.from(task)])
}

function start(number: number): Buffer {
  return Buffer.concat([Buffer.from([CHUNK]), words(number)])
}

/** In the order of shelf, then write. */
function chunkKey(number: number, { shelf, nextOffset, number: inWrite }: Omit<Chunk, 'live'>): Buffer {
  const [high, low] = [Math.floor(nextOffset / 2 ** 32), nextOffset % 2 ** 32]
  return Buffer.concat([start(number), words(shelf, high, low, inWrite)])
}

function headOfChunk(key: Buffer): Pick<Chunk, 'shelf' | 'nextOffset' | 'number'> {
  return {
    shelf: key.readUInt32BE(5),
    nextOffset: key.readUInt32BE(9) * 2 ** 32 + key.readUInt32BE(13),
    number: key.readUInt32BE(17),
  }
}

function words(...all: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * all.length)
  for (const [i, word] of all.entries()) bytes.writeUInt32BE(word, 4 * i)
  return bytes
}
