import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { compareCommand } from '../../src/cli/compare.js'
import { parseShare, tolerances } from '../../src/cli/compare-options.js'
import { DriftlineError } from '../../src/core/error.js'
import { badInput, folder } from '../files/fixtures.js'

const { path, write } = folder()

afterEach(() => {
  process.exitCode = 0
})

/** Runs the command: what it wrote to standard output, and its exit code. */
async function run(...args: string[]): Promise<{ out: string; code: number }> {
  let out = ''
  process.exitCode = 0
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    out += text
    return true
  })
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  try {
    const command = compareCommand().exitOverride()
    await command.parseAsync(args, { from: 'user' })
    return { out: stripVTControlCharacters(out), code: Number(process.exitCode) }
  } finally {
    stdout.mockRestore()
    stderr.mockRestore()
  }
}

const rows = (of: (i: number) => string): string => Array.from({ length: 200 }, (_, i) => `r${i},${of(i)}`).join('\n')
const fare = (i: number): number => ((i * 37) % 101) + 0.25
const a = write('a.csv', `id,fare,pay\n${rows(i => `${fare(i)},Cash`)}\n`)
const same = write(
  'same.csv',
  `pay,id,fare\n${rows(i => `${fare(i)},Cash`).replace(/^(.*),(.*),(.*)$/gm, '$3,$1,$2')}\n`,
)
const km = write('km.csv', `id,fare,pay\n${rows(i => `${i % 4 === 0 ? fare(i) * 1.609344 : fare(i)},Cash`)}\n`)

describe('driftline compare', () => {
  it('says equal and exits 0, whatever the order of the columns', async () => {
    const { out, code } = await run(a, same, '--key', 'id')
    expect(code).toBe(0)
    expect(out).toContain('equal · 200 rows compared by id: 0 of 2 features differ')
  })

  it('tells what differs, how often and why, values masked, and exits 1', async () => {
    const { out, code } = await run(a, km, '--key', 'id')
    expect(code).toBe(1)
    expect(out).toMatch(/^fare +25 % +50 /m)
    expect(out).toMatch(/^pay +equal/m)
    expect(out).toContain("A's values are B's multiplied by 0.621371 (miles ↔ km)")
    expect(out).toMatch(/row \d+ of A, \d+ of B: 99?\.99 and [9.]+$/m)
    expect(out).not.toContain(String(fare(0)))
    expect((await run(a, km, '--key', 'id', '--show-values')).out).toMatch(/\(r\d+\): \d+\.25 and /)
  })

  it('writes JSON to stdout, or to a file beside the text', async () => {
    const { out, code } = await run(a, km, '--key', 'id', '--json', '--examples', '2')
    expect(code).toBe(1)
    const found = JSON.parse(out) as Record<string, unknown>
    expect(found).toMatchObject({
      pairs: 200,
      equal: false,
      key: ['id'],
      features: [{ feature: 'fare', mismatched: 50, rate: 0.25 }, {}],
    })
    const beside = await run(a, km, '--key', 'id', '--json', path('out.json'), '--examples', '2')
    expect(beside.out).toContain('mismatch · 200 rows')
    expect(JSON.parse(readFileSync(path('out.json'), 'utf8'))).toEqual(found)
  })

  it('takes limits: of all rows, of one column, of the share', async () => {
    expect((await run(a, km, '--key', 'id', '--max-mismatch', '25%')).code).toBe(0)
    expect((await run(a, km, '--key', 'id', '--max-mismatch', '0.249')).code).toBe(1)
    expect((await run(a, km, '--key', 'id', '--tolerance', 'rel:0.4')).code).toBe(0)
    expect((await run(a, km, '--key', 'id', '--tolerance', 'fare=abs:70')).code).toBe(0)
    expect((await run(a, km, '--key', 'id', '--ignore', 'fare')).code).toBe(0)
    expect((await run(a, km, '--key', 'id', '--features', 'pay')).code).toBe(0)
  })

  it('finds columns by their other names', async () => {
    const renamed = write('renamed.csv', `key,price,pay\n${rows(i => `${fare(i)},Cash`)}\n`)
    const { out, code } = await run(a, renamed, '--key', 'id', '--map', 'id=key', 'fare=price')
    expect(code).toBe(0)
    expect(out).toContain('0 of 2 features differ')
  })

  it('counts what has no counterpart, and exits 1 for that, too', async () => {
    const fewer = write(
      'fewer.csv',
      `id,fare,pay\n${rows(i => `${fare(i)},Cash`)
        .split('\n')
        .slice(0, 150)
        .join('\n')}\nr3,1,Cash\n`,
    )
    const { out, code } = await run(a, fewer, '--key', 'id')
    expect(code).toBe(1)
    expect(out).toContain('200 rows, 50 have no counterpart')
    expect(out).toContain('151 rows, 1 repeat a key (the first of each is compared)')
    expect(out).toContain('25 % of the keys are in one file only')
  })

  it('says which whole numbers are too long', async () => {
    const one = write('long-1.csv', 'id,n\n1,9007199254740993\n2,5\n')
    const two = write('long-2.csv', 'id,n\n1,9007199254740992\n2,5\n')
    expect((await run(one, two, '--key', 'id')).out).toContain('whole numbers beyond 2^53 are compared to 16 digits: n')
  })
})

describe('bad input of compare is told with its remedy', () => {
  const twice = write('twice.csv', `id,fare\n${Array.from({ length: 50 }, (_, i) => `r${i % 5},${i}`).join('\n')}\n`)
  const zone = write('zone.csv', 'id,fare\n2024-01-01T06:00:00,1\n2024-01-02T06:00:00,1\n')
  const utc = write('utc.csv', 'id,fare\n2024-01-01T00:00:00,1\n2024-01-02T00:00:00,1\n')
  it.each([
    ['a missing file', [a, path('none.csv'), '--key', 'id'], 'none.csv: no such file'],
    ['an empty file', [a, write('empty.csv', ''), '--key', 'id'], 'empty.csv is empty'],
    ['a file of a header only', [a, write('head.csv', 'id,fare\n'), '--key', 'id'], 'no rows'],
    ['a key column that is not there', [a, km, '--key', 'ids'], 'has no column ids; did you mean id'],
    ['a key that most rows share', [a, twice, '--key', 'id'], 'id is not a key, 45 of 50 rows repeat one'],
    ['a key without values', [write('nokey.csv', 'id,fare\n,1\n,2\n'), a, '--key', 'id'], 'no row has a value in id'],
    [
      'keys that never meet',
      [a, write('upper.csv', 'id,fare\nR-1,1\nR-2,2\n'), '--key', 'id'],
      'reads like a9 there and A-9 here',
    ],
    ['keys of two zones', [utc, zone, '--key', 'id'], "the times in A's keys are 6 h earlier than B's"],
    ['no common columns', [a, write('other.csv', 'id,price\nr1,1\n'), '--key', 'id'], 'no common columns'],
    [
      'a feature that is not there',
      [a, km, '--key', 'id', '--features', 'fares'],
      'has no column fares; did you mean fare',
    ],
    ['a column to ignore that is not there', [a, km, '--key', 'id', '--ignore', 'fares'], 'did you mean fare'],
    ['a tolerance of nothing', [a, km, '--key', 'id', '--tolerance', 'fares=abs:1'], 'did you mean fare'],
    ['a tolerance that is none', [a, km, '--key', 'id', '--tolerance', 'abs=1'], 'expected abs:NUMBER'],
    ['a negative tolerance', [a, km, '--key', 'id', '--tolerance', 'rel:-1'], 'expected abs:NUMBER'],
    ['a share that is none', [a, km, '--key', 'id', '--max-mismatch', '5'], 'expected a share from 0 to 1'],
    ['a time without an entity', [a, km, '--key', 'id', '--time', 'fare'], '--time and --entity go together'],
    [
      'a time that is none',
      [a, km, '--key', 'id', '--time', 'fare', '--entity', 'pay'],
      'fare does not look like a time',
    ],
    ['a map that is none', [a, km, '--key', 'id', '--map', 'fare'], 'expected the name in A'],
    ['examples that are no number', [a, km, '--key', 'id', '--examples', 'all'], 'expected a whole number'],
  ])('%s', async (_, args, message) => {
    expect(await badInput(() => run(...args))).toContain(message)
  })

  it('without a key it says so', async () => {
    await expect(run(a, km)).rejects.toThrow(/--key <columns...>' not specified/)
  })
})

describe('options', () => {
  it('a tolerance of one column stands alone', () => {
    const of = tolerances(['abs:0.5', 'fare=rel:0.01', 'a=b=abs:2'])
    expect([of('tips'), of('fare'), of('a=b')]).toEqual([
      { abs: 0.5, rel: 0 },
      { abs: 0, rel: 0.01 },
      { abs: 2, rel: 0 },
    ])
    expect(tolerances([])('x')).toEqual({ abs: 0, rel: 1e-6 })
  })

  it('shares are parts or per cent', () => {
    expect(['0', '0.01', '1%', '100 %', '1e-4'].map(text => parseShare('--x', text))).toEqual([0, 0.01, 0.01, 1, 1e-4])
    for (const text of ['-1', '2', 'x', '101%', '']) expect(() => parseShare('--x', text)).toThrow(DriftlineError)
  })
})
