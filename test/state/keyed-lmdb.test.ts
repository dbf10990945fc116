import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LmdbKeyed } from '../../src/state/keyed-lmdb.js'
import { seeded } from '../random.js'
import { keyedContract } from './keyed-contract.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-keyed-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('entries by key in lmdb', () => {
  keyedContract(async () => {
    const place = join(folder, 'made/on/the/way')
    const store = LmdbKeyed.open(place)
    return { store, other: LmdbKeyed.open(place), stop: () => store.close() }
  })

  it('are there when the folder is opened again', async () => {
    const place = join(folder, 'again')
    const first = LmdbKeyed.open(place)
    const keys = Uint32Array.from([1, 2])
    const state = Buffer.from('s')
    await first.write('t', {
      began: 1,
      nextOffset: 5,
      state,
      keys,
      entries: [{ shelf: 3, bytes: Buffer.from('x') }],
      cleared: [],
    })
    await first.close()
    const second = LmdbKeyed.open(place)
    expect(await second.read('t', { began: 1, nextOffset: 5 }, keys)).toEqual([{ shelf: 3, bytes: Buffer.from('x') }])
    await second.close()
  })

  it('are those of a table with the same changes, whoever writes, whoever reads, and however long they are', async () => {
    const place = join(folder, 'in-turn')
    const hands = [LmdbKeyed.open(place), LmdbKeyed.open(place)]
    const random = seeded(2)
    const table = new Map<number, readonly [shelf: number, length: number]>()
    for (let nextOffset = 1; nextOffset <= 40; nextOffset++) {
      const puts = new Map(
        Array.from({ length: random.integer(0, 150) }, () => [
          random.integer(1, 400),
          [nextOffset + random.integer(0, 4), random.chance(0.05) ? 3000 : random.integer(0, 60)] as const,
        ]),
      )
      const cleared = random.chance(0.7) ? [nextOffset - 1] : []
      const written = await random.pick(hands).write('t', {
        ...{ began: 1, nextOffset, state: Buffer.from('s'), cleared },
        keys: Uint32Array.from([...puts.keys()].flatMap(key => [key % 7, key])),
        entries: [...puts].map(([key, [shelf, length]]) => ({ shelf, bytes: Buffer.alloc(length, key) })),
      })
      expect(written).toBe(true)
      for (const [key, put] of puts) table.set(key, put)
      for (const [key, [shelf]] of table) if (cleared.includes(shelf)) table.delete(key)
      const reader = random.chance(0.2) ? LmdbKeyed.open(place) : random.pick(hands)
      const keys = Array.from({ length: 400 }, (_, i) => i + 1)
      const asked = Uint32Array.from(keys.flatMap(key => [key % 7, key]))
      const found = await reader.read('t', { began: 1, nextOffset }, asked)
      const said = (shelf: number, bytes: Buffer): string => `${shelf}: ${bytes.toString('base64')}`
      expect(found!.map(one => one && said(one.shelf, Buffer.from(one.bytes)))).toEqual(
        keys.map(key => {
          const put = table.get(key)
          return put === undefined ? null : said(put[0], Buffer.alloc(put[1], key))
        }),
      )
    }
    for (const hand of hands) await hand.close()
  })

  it('begin anew where the folder has those of the first layout, and leave none of them', async () => {
    const place = join(folder, 'first-layout')
    const first = open<Buffer, Buffer>({ path: place, encoding: 'binary', keyEncoding: 'binary' })
    for (const kind of [0, 1, 2, 3]) first.putSync(Buffer.from([kind, 116]), Buffer.alloc(24))
    await first.close()
    const store = LmdbKeyed.open(place)
    expect(await store.load('t')).toBeNull()
    await store.close()
    const left = open<Buffer, Buffer>({ path: place, encoding: 'binary', keyEncoding: 'binary' })
    expect([...left.getKeys()]).toEqual([])
    await left.close()
  })

  it('say what to do where the folder cannot be', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    expect(() => LmdbKeyed.open(join(file, 'sub'))).toThrow(
      /pending keys cannot be kept in .*a-file\/sub .*choose another with --state/,
    )
  })
})
