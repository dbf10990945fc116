import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LmdbKeyed } from '../../src/state/keyed-lmdb.js'
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

  it('say what to do where the folder cannot be', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    expect(() => LmdbKeyed.open(join(file, 'sub'))).toThrow(
      /pending keys cannot be kept in .*a-file\/sub .*choose another with --state/,
    )
  })
})
