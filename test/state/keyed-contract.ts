import { afterAll, beforeAll, expect, it } from 'vitest'
import type { KeyedChange, KeyedStore } from '../../src/core/ports.js'
import { seeded } from '../random.js'

/** A store with nothing in it, and a second hand on the same: another instance of the service. */
export interface KeyedSubject {
  readonly store: KeyedStore
  readonly other: KeyedStore
  stop(): Promise<void>
}

/** What is put: key, shelf, text. */
type Put = readonly [key: number, shelf: number, text: string]

/** What all stores of entries by key promise. */
export function keyedContract(make: () => Promise<KeyedSubject>): void {
  let subject: KeyedSubject
  let task = ''
  let count = 0
  beforeAll(async () => {
    subject = await make()
  })
  afterAll(() => subject.stop())
  const fresh = (): string => (task = `driftline/topic.with*[slash]/${count++}`)
  const keysOf = (keys: readonly number[]) =>
    Uint32Array.from(keys.flatMap(key => [Math.imul(key, 0x9e3779b1) >>> 0, key]))
  const change = (
    nextOffset: number,
    puts: readonly Put[] = [],
    cleared: readonly number[] = [],
    began = 1000,
  ): KeyedChange => ({
    ...{ began, nextOffset, state: Buffer.from(`state at ${nextOffset}`), cleared },
    keys: keysOf(puts.map(([key]) => key)),
    entries: puts.map(([, shelf, text]) => ({ shelf, bytes: Buffer.from(text) })),
  })
  const write = (...args: Parameters<typeof change>) => subject.store.write(task, change(...args))
  const read = async (nextOffset: number, keys: readonly number[], began = 1000, store = subject.other) => {
    const found = await store.read(task, { began, nextOffset }, keysOf(keys))
    return found?.map(one => one && ([one.shelf, Buffer.from(one.bytes).toString()] as const)) ?? null
  }

  it('has nothing of a task that was never written', async () => {
    fresh()
    expect(await subject.store.load(task)).toBeNull()
    expect(await read(0, [1, 2])).toBeNull()
  })

  it('gives back what another hand has written: the state to the byte, and entries by key, in the order asked', async () => {
    fresh()
    const state = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const began = 1_768_000_000_123
    const at = {
      ...change(
        2 ** 40 + 1,
        [
          [1, 7, 'one'],
          [2, 4_000_000_000, ''],
        ],
        [],
        began,
      ),
      state,
    }
    expect(await subject.store.write(task, at)).toBe(true)
    const head = await subject.other.load(task)
    expect(head).toMatchObject({ began, nextOffset: 2 ** 40 + 1 })
    expect(Buffer.from(head!.state).equals(state)).toBe(true)
    expect(await read(2 ** 40 + 1, [2, 3, 1], began)).toEqual([[4_000_000_000, ''], null, [7, 'one']])
    expect(await read(2 ** 40 + 1, [], began)).toEqual([])
  })

  it('keeps entries whose bytes are anything, and keys apart that differ in one bit', async () => {
    fresh()
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const keys = Uint32Array.from([0, 0, 0, 1, 0x80000000, 0, 0xffffffff, 0xffffffff])
    const entries = [0, 1, 2, 3].map(i => ({ shelf: i, bytes: bytes.subarray(i) }))
    expect(await subject.store.write(task, { ...change(1), keys, entries })).toBe(true)
    const found = await subject.other.read(task, { began: 1000, nextOffset: 1 }, keys)
    expect(found!.map(one => [one!.shelf, ...one!.bytes])).toEqual(
      entries.map(({ shelf, bytes: own }) => [shelf, ...own]),
    )
  })

  it('adds, replaces, and leaves as it was what is not told of', async () => {
    fresh()
    await write(1, [
      [1, 1, 'a'],
      [2, 1, 'b'],
    ])
    await write(2, [
      [2, 2, 'B'],
      [3, 1, 'c'],
    ])
    expect(await read(2, [1, 2, 3])).toEqual([
      [1, 'a'],
      [2, 'B'],
      [1, 'c'],
    ])
  })

  it('clears a shelf as a whole, but not what has moved to another', async () => {
    fresh()
    await write(1, [
      [1, 1, 'a'],
      [2, 1, 'b'],
      [3, 2, 'c'],
    ])
    await write(2, [[2, 3, 'moved']])
    subject.store.release(task)
    await write(
      3,
      [
        [4, 2, 'd'],
        [5, 4, 'e'],
      ],
      [1, 2],
    )
    expect(await read(3, [1, 2, 3, 4, 5])).toEqual([null, [3, 'moved'], null, null, [4, 'e']])
    await write(4, [], [1, 3, 99])
    expect(await read(4, [2, 5])).toEqual([null, [4, 'e']])
  })

  it('refuses an equal and a lower next offset whole, whoever comes with it', async () => {
    fresh()
    expect(await write(10, [[1, 1, 'ten']])).toBe(true)
    for (const store of [subject.store, subject.other])
      for (const offset of [10, 9]) expect(await store.write(task, change(offset, [[1, 1, 'zombie']], [1]))).toBe(false)
    expect(await read(10, [1])).toEqual([[1, 'ten']])
    expect(Buffer.from((await subject.other.load(task))!.state).toString()).toBe('state at 10')
    expect(await write(100, [])).toBe(true)
    expect(await write(20, [])).toBe(false)
  })

  it('clears shelves also where it is, for a model that is forgotten while nothing comes', async () => {
    fresh()
    await write(10, [
      [1, 1, 'a'],
      [2, 2, 'b'],
    ])
    const state = Buffer.from('without the model')
    expect(await subject.other.write(task, { ...change(10, [], [1]), state })).toBe(true)
    expect(Buffer.from((await subject.store.load(task))!.state).equals(state)).toBe(true)
    expect(await read(10, [1, 2], 1000, subject.store)).toEqual([null, [2, 'b']])
    for (const offset of [10, 9]) expect(await write(offset, [])).toBe(false)
    expect(await write(9, [], [2])).toBe(false)
    expect(await read(10, [2])).toEqual([[2, 'b']])
  })

  it('says so where another state is kept than the one that is read for', async () => {
    fresh()
    await write(10, [[1, 1, 'ten']])
    expect(await read(9, [1])).toBeNull()
    await subject.other.write(task, change(12, [[1, 1, 'twelve']]))
    expect(await read(10, [1], 1000, subject.store)).toBeNull()
    expect(await read(12, [1], 999)).toBeNull()
    expect(await read(12, [1], 1000, subject.store)).toEqual([[1, 'twelve']])
  })

  it('begins anew at any offset with a later beginning, with nothing of the earlier; not the other way round', async () => {
    fresh()
    await write(100, [
      [1, 1, 'before'],
      [2, 2, 'before'],
    ])
    expect(await write(3, [[2, 1, 'after']], [], 2000)).toBe(true)
    expect(await read(3, [1, 2], 2000)).toEqual([null, [1, 'after']])
    expect(await write(500, [[1, 1, 'zombie']], [], 1000)).toBe(false)
    expect(await write(4, [], [1], 2000)).toBe(true)
    expect(await read(4, [1, 2], 2000)).toEqual([null, null])
  })

  it('keeps tasks apart', async () => {
    const first = fresh()
    await write(1, [[1, 1, 'first']])
    fresh()
    await write(1, [[1, 1, 'second']])
    await write(2, [], [1])
    expect(await read(2, [1])).toEqual([null])
    task = first
    expect(await read(1, [1])).toEqual([[1, 'first']])
  })

  it('holds megabytes of state, and tens of thousands of keys in one write', async () => {
    fresh()
    const puts = Array.from({ length: 50_000 }, (_, key): Put => [key, 1 + (key % 2), `entry ${key}`])
    const state = Buffer.alloc(8_000_000, 'driftline')
    await subject.store.write(task, { ...change(1, puts), state })
    expect(Buffer.from((await subject.other.load(task))!.state).equals(state)).toBe(true)
    await write(2, [], [1])
    const found = await read(
      2,
      puts.map(([key]) => key),
    )
    expect(found!.filter(one => one !== null)).toHaveLength(25_000)
    expect(found!.every((one, key) => (one === null) === (key % 2 === 0))).toBe(true)
  })

  it('is, after any changes, what a table with the same changes is', async () => {
    fresh()
    const random = seeded(1)
    const table = new Map<number, readonly [number, string]>()
    for (let offset = 1; offset <= 40; offset++) {
      const puts = Array.from(
        { length: random.integer(0, 12) },
        (): Put => [random.integer(1, 30), offset + random.integer(0, 5), `at ${offset}`],
      )
      const last = new Map(puts.map(put => [put[0], put]))
      const cleared = random.chance(0.7) ? [offset - 1] : []
      expect(await write(offset, [...last.values()], cleared)).toBe(true)
      for (const [key, shelf, text] of last.values()) table.set(key, [shelf, text])
      for (const [key, [shelf]] of table) if (cleared.includes(shelf)) table.delete(key)
      const keys = Array.from({ length: 30 }, (_, i) => i + 1)
      expect(await read(offset, keys)).toEqual(keys.map(key => table.get(key) ?? null))
    }
  })
}
