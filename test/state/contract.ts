import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StateStore } from '../../src/core/ports.js'

/** A store with nothing in it, and a second hand on the same: another instance of the service. */
export interface StoreSubject {
  readonly store: StateStore
  readonly other: StateStore
  stop(): Promise<void>
}

/** What both stores of checkpoints promise. */
export function storeContract(make: () => Promise<StoreSubject>): void {
  let subject: StoreSubject
  let task = ''
  let count = 0
  beforeAll(async () => {
    subject = await make()
  })
  afterAll(() => subject.stop())
  const fresh = (): string => (task = `driftline/topic.with/slash/${count++}`)
  const write = async (nextOffset: number, text: string, began = 1000, store = subject.store): Promise<boolean> =>
    (await store.write([{ task, began, nextOffset, state: Buffer.from(text) }]))[0]!
  const read = async (store = subject.other) => {
    const [checkpoint] = await store.read([task])
    return checkpoint && { ...checkpoint, state: Buffer.from(checkpoint.state).toString() }
  }

  it('has nothing of a task that was never written', async () => {
    fresh()
    expect(await subject.store.read([task, `${task}/x`])).toEqual([null, null])
    expect(await subject.store.read([])).toEqual([])
    expect(await subject.store.write([])).toEqual([])
  })

  it('gives back to the byte what another hand has written', async () => {
    fresh()
    const state = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    expect(await subject.store.write([{ task, began: 1_768_000_000_123, nextOffset: 2 ** 52, state }])).toEqual([true])
    const [kept] = await subject.other.read([task])
    expect(kept).toMatchObject({ began: 1_768_000_000_123, nextOffset: 2 ** 52 })
    expect(Buffer.from(kept!.state).equals(state)).toBe(true)
  })

  it('holds megabytes', async () => {
    fresh()
    const state = Buffer.alloc(8_000_000, 'driftline')
    expect(await subject.store.write([{ task, began: 1, nextOffset: 1, state }])).toEqual([true])
    expect(Buffer.from((await subject.other.read([task]))[0]!.state).equals(state)).toBe(true)
  })

  it('refuses an equal and a lower next offset, whoever comes with it, and keeps what it has', async () => {
    fresh()
    expect(await write(10, 'ten')).toBe(true)
    for (const store of [subject.store, subject.other]) {
      expect(await write(10, 'ten again', 1000, store)).toBe(false)
      expect(await write(9, 'a zombie', 1000, store)).toBe(false)
    }
    expect(await read()).toEqual({ began: 1000, nextOffset: 10, state: 'ten' })
    expect(await write(11, 'eleven', 1000, subject.other)).toBe(true)
    expect(await read(subject.store)).toEqual({ began: 1000, nextOffset: 11, state: 'eleven' })
  })

  it('takes offsets as numbers, not as texts', async () => {
    fresh()
    expect(await write(9, 'nine')).toBe(true)
    expect(await write(100, 'a hundred')).toBe(true)
    expect(await write(20, 'twenty')).toBe(false)
  })

  it('gives way to another beginning, also at a lower offset', async () => {
    fresh()
    expect(await write(100, 'before', 1000)).toBe(true)
    expect(await write(3, 'after', 2000)).toBe(true)
    expect(await read()).toEqual({ began: 2000, nextOffset: 3, state: 'after' })
  })

  it('keeps the highest of many writers at once', async () => {
    fresh()
    const offsets = [3, 7, 1, 9, 2, 8, 9, 5, 4, 6]
    await Promise.all(
      offsets.map((offset, i) => write(offset, `at ${offset}`, 1, i % 2 ? subject.store : subject.other)),
    )
    expect(await read()).toEqual({ began: 1, nextOffset: 9, state: 'at 9' })
  })

  it('removes tasks, also such as are not there, and takes them anew at any offset', async () => {
    const tasks = [fresh(), fresh()]
    expect(await write(7, 'seven')).toBe(true)
    await subject.other.remove([...tasks, `${task}/x`])
    await subject.other.remove([])
    expect(await subject.store.read(tasks)).toEqual([null, null])
    expect(await write(3, 'three')).toBe(true)
    expect(await read()).toEqual({ began: 1000, nextOffset: 3, state: 'three' })
  })

  it('takes several tasks at once, each for itself', async () => {
    const tasks = [fresh(), fresh(), fresh()]
    const all = (nextOffset: number) => tasks.map(one => ({ task: one, began: 1, nextOffset, state: Buffer.from(one) }))
    expect(await subject.store.write([all(5)[1]!])).toEqual([true])
    expect(await subject.store.write(all(5))).toEqual([true, false, true])
    const found = await subject.other.read([...tasks].reverse())
    expect(found.map(one => Buffer.from(one!.state).toString())).toEqual([...tasks].reverse())
  })
}
