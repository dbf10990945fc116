import { keyText } from '../core/join/entry-cache.js'
import type { KeyedChange, KeyedEntry, KeyedHead, KeyedStore } from '../core/ports.js'

interface Task {
  head: KeyedHead
  readonly entries: Map<string, KeyedEntry>
  /** Keys that were put on a shelf; some may have left it since. */
  readonly shelves: Map<number, string[]>
}

/** Entries of the join in the memory of the process: for files, for the demo, and where no state is kept. A restart reads the log again. */
export class MemoryKeyed implements KeyedStore {
  readonly place = 'memory'
  readonly #tasks = new Map<string, Task>()

  async load(task: string): Promise<KeyedHead | null> {
    return this.#tasks.get(task)?.head ?? null
  }

  async read(
    task: string,
    { began, nextOffset }: Pick<KeyedHead, 'began' | 'nextOffset'>,
    keys: Uint32Array,
  ): Promise<(KeyedEntry | null)[] | null> {
    const known = this.#tasks.get(task)
    if (known === undefined || known.head.began !== began || known.head.nextOffset !== nextOffset) return null
    return Array.from(
      { length: keys.length / 2 },
      (_, i) => known.entries.get(keyText(keys[2 * i], keys[2 * i + 1])) ?? null,
    )
  }

  async write(task: string, { keys, entries, cleared, ...head }: KeyedChange): Promise<boolean> {
    let known = this.#tasks.get(task)
    if (known !== undefined && !goesOn(known.head, { ...head, entries, cleared })) return false
    if (known === undefined || known.head.began !== head.began) {
      known = { head, entries: new Map(), shelves: new Map() }
      this.#tasks.set(task, known)
    }
    known.head = { ...head, state: head.state.slice() }
    for (const [i, entry] of entries.entries()) {
      const key = keyText(keys[2 * i], keys[2 * i + 1])
      known.entries.set(key, entry)
      const shelf = known.shelves.get(entry.shelf)
      if (shelf === undefined) known.shelves.set(entry.shelf, [key])
      else shelf.push(key)
    }
    for (const shelf of cleared) {
      for (const key of known.shelves.get(shelf) ?? [])
        if (known.entries.get(key)?.shelf === shelf) known.entries.delete(key)
      known.shelves.delete(shelf)
    }
    return true
  }

  /** There is nothing but what is in memory. */
  release(): void {}

  /** Entries kept of a task. */
  size(task: string): number {
    return this.#tasks.get(task)?.entries.size ?? 0
  }

  async close(): Promise<void> {
    this.#tasks.clear()
  }
}

/** Whether a change may be made to what is kept. */
export function goesOn(
  { began, nextOffset }: Pick<KeyedHead, 'began' | 'nextOffset'>,
  next: Omit<KeyedChange, 'keys' | 'state'>,
): boolean {
  if (next.began !== began) return next.began > began
  return next.nextOffset > nextOffset || (next.nextOffset === nextOffset && onlyClears(next))
}

export function onlyClears({ entries, cleared }: Pick<KeyedChange, 'entries' | 'cleared'>): boolean {
  return entries.length === 0 && cleared.length > 0
}
