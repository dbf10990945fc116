import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import { DriftlineError } from '../core/error.js'
import type { Checkpoint, StateStore } from '../core/ports.js'

/** Bytes before the state: when the group began, as a double. */
const HEAD = 8

/**
 * Checkpoints on local disk, for the instances of one machine: lmdb lets one writer in at a time, of all processes. An entry's version is its
 * next offset. Writes are synchronous, 10 to 20 ms for some hundred kilobytes: lmdb's asynchronous ones end the process when the disk is full.
 */
export class LmdbStore implements StateStore {
  private constructor(
    readonly place: string,
    private readonly database: RootDatabase<Buffer, string>,
  ) {}

  /** Makes the folder where it is missing. */
  static open(folder: string): LmdbStore {
    const place = resolve(folder)
    try {
      mkdirSync(place, { recursive: true })
      return new LmdbStore(place, open({ path: place, encoding: 'binary', useVersions: true }))
    } catch (cause) {
      throw unusable('checkpoints', place, cause)
    }
  }

  async read(tasks: readonly string[]): Promise<(Checkpoint | null)[]> {
    try {
      // What others have written meanwhile; else a snapshot is kept for a turn of the event loop.
      this.database.resetReadTxn()
      return tasks.map(task => this.#read(task))
    } catch (cause) {
      throw unusable('checkpoints', this.place, cause)
    }
  }

  async write(checkpoints: readonly (Checkpoint & { readonly task: string })[]): Promise<boolean[]> {
    try {
      return this.database.transactionSync(() => checkpoints.map(one => this.#write(one)))
    } catch (cause) {
      throw unusable('checkpoints', this.place, cause)
    }
  }

  async remove(tasks: readonly string[]): Promise<void> {
    try {
      this.database.transactionSync(() => {
        for (const task of tasks) this.database.removeSync(task)
      })
    } catch (cause) {
      throw unusable('checkpoints', this.place, cause)
    }
  }

  async close(): Promise<void> {
    await this.database.close()
  }

  #read(task: string): Checkpoint | null {
    const entry = this.database.getEntry(task)
    if (entry === undefined) return null
    return { began: entry.value.readDoubleLE(0), nextOffset: entry.version!, state: entry.value.subarray(HEAD) }
  }

  #write({ task, began, nextOffset, state }: Checkpoint & { readonly task: string }): boolean {
    const known = this.#read(task)
    if (known !== null && known.began === began && known.nextOffset >= nextOffset) return false
    const head = Buffer.alloc(HEAD)
    head.writeDoubleLE(began)
    this.database.putSync(task, Buffer.concat([head, state]), nextOffset)
    return true
  }
}

/** @param what cannot be kept */
export function unusable(what: string, place: string, cause: unknown): DriftlineError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new DriftlineError(
    'infrastructure',
    `${what} cannot be kept in ${place} (${why}); see that the folder can be written and its disk has room, or choose another with --state`,
    { cause },
  )
}
