import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LmdbStore } from '../../src/state/lmdb.js'
import { storeContract } from './contract.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-lmdb-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('checkpoints in lmdb', () => {
  storeContract(async () => {
    const place = join(folder, 'made/on/the/way')
    const store = LmdbStore.open(place)
    return { store, other: LmdbStore.open(place), stop: () => store.close() }
  })

  it('lie on disk: another process reads them, and writes on', async () => {
    const place = join(folder, 'shared')
    const store = LmdbStore.open(place)
    const one = { task: 't', began: 1, state: Buffer.from('x') }
    expect(await store.write([{ ...one, nextOffset: 5 }])).toEqual([true])
    const script = `
      import { LmdbStore } from ${JSON.stringify(new URL('../../src/state/lmdb.ts', import.meta.url).href)}
      const store = LmdbStore.open(${JSON.stringify(place)})
      const write = async nextOffset => (await store.write([{ task: 't', began: 1, nextOffset, state: Buffer.from('theirs') }]))[0]
      console.log(JSON.stringify([(await store.read(['t']))[0].nextOffset, await write(5), await write(6)]))
      process.exit()`
    const answer = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
    expect(JSON.parse(answer.toString())).toEqual([5, false, true])
    expect((await store.read(['t']))[0]!.nextOffset).toBe(6)
    await store.close()
  })

  it('outlives a full disk, keeps what it had, and writes again when there is room', () => {
    const script = `
      import { LmdbStore } from ${JSON.stringify(new URL('../../src/state/lmdb.ts', import.meta.url).href)}
      const store = LmdbStore.open(${JSON.stringify(join(folder, 'full'))})
      const write = (nextOffset, size) =>
        store.write([{ task: 't', began: 1, nextOffset, state: Buffer.alloc(size) }]).then(String, error => error.message)
      const said = [await write(1, 1000), await write(2, 4_000_000), (await store.read(['t']))[0].nextOffset, await write(3, 1000)]
      setTimeout(() => { console.log(JSON.stringify(said)); process.exit() }, 300)`
    // No file may grow beyond a megabyte.
    const limited = `trap '' XFSZ; ulimit -f 1000; exec "$0" --import tsx --input-type=module -e "$1"`
    const answer = execFileSync('bash', ['-c', limited, process.execPath, script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    expect(JSON.parse(answer.toString())).toEqual(['true', expect.stringMatching(/its disk has room/), 1, 'true'])
  })

  it('says what to do where the folder cannot be', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    expect(() => LmdbStore.open(join(file, 'sub'))).toThrow(
      /checkpoints cannot be kept in .*a-file\/sub .*choose another with --state/,
    )
  })
})
