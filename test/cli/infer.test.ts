import { existsSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { inferCommand } from '../../src/cli/infer.js'
import { badInput, folder } from '../files/fixtures.js'

const { path, write } = folder()
const rows = Array.from({ length: 50 }, (_, i) => `r${i},${1_700_000_000_000 + i},${i / 7}`).join('\n')
const file = write('train.csv', `id,at,x\n${rows}\n`)
const infer = (...args: string[]) => inferCommand().parseAsync([file, ...args], { from: 'user' })

describe('driftline infer', () => {
  it('refuses a window that is no duration, before it writes anything', async () => {
    const out = path('a.yaml')
    for (const size of ['3x', '0h', '60'])
      expect(await badInput(() => infer('--window', size, '--out', out))).toMatch(
        new RegExp(`^--window ${size}: expected a duration above zero such as 1h\\. \\w`),
      )
    expect(existsSync(out)).toBe(false)
  })

  it('makes the folder of the file that it writes', async () => {
    const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const out = path('monitors/new/taxi.yaml')
    await infer('--out', out).finally(() => said.mockRestore())
    expect(existsSync(out)).toBe(true)
  })
})
