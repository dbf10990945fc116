import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import type { KeyedChange, KeyedEntry, KeyedHead, KeyedStore } from '../core/ports.js'
import { goesOn } from './keyed-memory.js'
import { unusable } from './lmdb.js'

/** First byte of a key: what the record is. */
const HEAD = 0
const LAST_NUMBER = 1
const ENTRY = 2
const SHELF = 3
/** Bytes of a head before its state: began, next offset, the task's number. */
const HEAD_BYTES = 20
/** Keys of a record that says what lies on a shelf. */
const KEYS_TO_A_RECORD = 500
/** Records that are removed at once. */
const REMOVED_AT_ONCE = 10_000

interface Head extends KeyedHead {
  /** Stands for the task and its beginning in the keys of its entries. */
  readonly number: number
}

/**
 * Entries of the join on local disk, for the instances of one machine. An entry's key is 13 bytes, its value the shelf and the entry's bytes; what
 * lies on a shelf is said beside it, many keys to a record. Like checkpoints, all is written synchronously.
 */
export class LmdbKeyed implements KeyedStore {
  readonly #entryKey = Buffer.alloc(13)

  private constructor(
    readonly place: string,
    private readonly database: RootDatabase<Buffer, Buffer>,
  ) {}

  /** Makes the folder where it is missing. */
  static open(folder: string): LmdbKeyed {
    const place = resolve(folder)
    try {
      mkdirSync(place, { recursive: true })
      return new LmdbKeyed(place, open<Buffer, Buffer>({ path: place, encoding: 'binary', keyEncoding: 'binary' }))
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
      return Array.from({ length: keys.length / 2 }, (_, i) => {
        const found = this.database.get(this.#keyOf(head.number, keys[2 * i], keys[2 * i + 1]))
        return found === undefined ? null : { shelf: found.readUInt32BE(0), bytes: found.subarray(4) }
      })
    })
  }

  async write(task: string, change: KeyedChange): Promise<boolean> {
    return this.#try(() =>
      this.database.transactionSync(() => {
        const known = this.#head(task)
        if (known !== null && !goesOn(known, change)) return false
        const anew = known === null || known.began !== change.began
        if (known !== null && anew) this.#remove(known.number)
        const number = anew ? this.#newNumber() : known.number
        this.#putHead(task, { ...change, number })
        this.#putEntries(number, change)
        for (const shelf of change.cleared) this.#clear(number, shelf)
        return true
      }),
    )
  }

  async close(): Promise<void> {
    await this.database.close()
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

  #putEntries(number: number, { keys, entries, nextOffset }: KeyedChange): void {
    const onShelves = new Map<number, number[]>()
    for (const [i, { shelf, bytes }] of entries.entries()) {
      const [high, low] = [keys[2 * i], keys[2 * i + 1]]
      this.database.putSync(this.#keyOf(number, high, low), Buffer.concat([words(shelf), bytes]))
      const on = onShelves.get(shelf)
      if (on === undefined) onShelves.set(shelf, [high, low])
      else on.push(high, low)
    }
    for (const [shelf, on] of onShelves)
      for (let from = 0; from < on.length; from += 2 * KEYS_TO_A_RECORD)
        this.database.putSync(
          shelfKey(number, shelf, nextOffset, from),
          words(...on.slice(from, from + 2 * KEYS_TO_A_RECORD)),
        )
  }

  /** Removes the entries that still lie on the shelf. */
  #clear(number: number, shelf: number): void {
    const range = { start: shelfKey(number, shelf, 0, 0), end: shelfKey(number, shelf + 1, 0, 0) }
    const records = [...this.database.getRange(range)]
    for (const { key, value } of records) {
      for (let at = 0; at < value.length; at += 8) {
        const entry = this.#keyOf(number, value.readUInt32BE(at), value.readUInt32BE(at + 4))
        if (this.database.get(entry)?.readUInt32BE(0) === shelf) this.database.removeSync(entry)
      }
      this.database.removeSync(key)
    }
  }

  /** Removes all of a beginning but its head. */
  #remove(number: number): void {
    for (const kind of [ENTRY, SHELF]) {
      const range = { start: start(kind, number), end: start(kind, number + 1), limit: REMOVED_AT_ONCE }
      for (let keys: Buffer[]; (keys = [...this.database.getKeys(range)]).length > 0; )
        for (const key of keys) this.database.removeSync(key)
    }
  }

  /** Valid until the next call. */
  #keyOf(number: number, high: number, low: number): Buffer {
    const key = this.#entryKey
    key[0] = ENTRY
    key.writeUInt32BE(number, 1)
    key.writeUInt32BE(high, 5)
    key.writeUInt32BE(low, 9)
    return key
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

function start(kind: number, number: number): Buffer {
  return Buffer.concat([Buffer.from([kind]), words(number)])
}

function shelfKey(number: number, shelf: number, nextOffset: number, from: number): Buffer {
  const [high, low] = [Math.floor(nextOffset / 2 ** 32), nextOffset % 2 ** 32]
  return Buffer.concat([start(SHELF, number), words(shelf, high, low, from)])
}

function words(...all: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * all.length)
  for (const [i, word] of all.entries()) bytes.writeUInt32BE(word, 4 * i)
  return bytes
}
