import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import { DriftlineError } from '../core/error.js'
import type { Checkpoint, StateStore } from '../core/ports.js'

/** Writers of one task that come in between; more than one is a zombie at work. */
const MOST_ATTEMPTS = 10
/** Bytes before the state: when the group began, as a double. */
const HEAD = 8

/**
 * Checkpoints on local disk, for the instances of one machine. An entry's version is its next offset: lmdb writes only over the version that
 * was looked at, so that no two writers, in this process or another, take turns in between.
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
      throw unusable(place, cause)
    }
  }

  async read(tasks: readonly string[]): Promise<(Checkpoint | null)[]> {
    try {
      return tasks.map(task => this.#read(task))
    } catch (cause) {
      throw unusable(this.place, cause)
    }
  }

  async write(checkpoints: readonly (Checkpoint & { readonly task: string })[]): Promise<boolean[]> {
    try {
      return await Promise.all(checkpoints.map(one => this.#write(one)))
    } catch (cause) {
      throw unusable(this.place, cause)
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

  async #write({ task, began, nextOffset, state }: Checkpoint & { readonly task: string }): Promise<boolean> {
    const head = Buffer.alloc(HEAD)
    head.writeDoubleLE(began)
    const value = Buffer.concat([head, state])
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const known = this.#read(task)
      if (known !== null && known.began === began && known.nextOffset >= nextOffset) return false
      // lmdb's types do not tell that null stands for no entry.
      if (await this.database.put(task, value, nextOffset, (known?.nextOffset ?? null) as number)) return true
    }
    throw new Error(`others wrote ${task} ${MOST_ATTEMPTS} times meanwhile`)
  }
}

function unusable(place: string, cause: unknown): DriftlineError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new DriftlineError(
    'infrastructure',
    `checkpoints cannot be kept in ${place} (${why}); see that the folder can be written and its disk has room, or choose another with --state`,
    { cause },
  )
}
