import { afterEach, describe, expect, it, vi } from 'vitest'
import { replayCommand } from '../../src/cli/replay.js'
import { DriftlineError } from '../../src/core/error.js'
import { folder } from '../files/fixtures.js'

const { write } = folder()
afterEach(() => void vi.restoreAllMocks())

const head = `apiVersion: driftline/v1
model: rides
serving: { topic: rides, format: json, key: requestId, time: eventTime, prediction: score, features: ["*"] }
window: { size: 1h }
`
const joined = `task: { type: binary }
labels: { topic: labels, format: json, key: requestId, time: paidAt, value: paid }
`
const events = 'eventTime,miles,score\n1767614400000,1,0.4\n1767618000000,2,0.6\n'

/** What is said on standard error. */
async function told(monitor: string, file: string): Promise<string> {
  let text = ''
  vi.spyOn(process.stderr, 'write').mockImplementation(more => Boolean((text += more)))
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(console, 'log').mockReturnValue()
  await replayCommand().parseAsync([monitor, '--events', file], { from: 'user' })
  return text
}

it('says that rows are numbered where something is to meet them by their key', async () => {
  const keyless = write('keyless.csv', events)
  const keyed = write('keyed.csv', 'requestId,eventTime,miles,score\na,1767614400000,1,0.4\nb,1767618000000,2,0.6\n')
  const labelled = write('labelled.yaml', head + joined)
  expect(await told(labelled, keyless)).toMatch(
    /^note: .*keyless\.csv has no column requestId: the rows are numbered\n$/,
  )
  expect(await told(labelled, keyed)).toBe('')
  expect(await told(write('plain.yaml', head), keyless)).toBe('')
})

describe('--fail-on', () => {
  const begin = 1_767_614_400_000
  /** Rows of three hours; what `of` says of each. */
  const rows = (of: (i: number) => string): string =>
    `eventTime,miles\n${Array.from({ length: 900 }, (_, i) => `${begin + i * 12_000},${of(i)}`).join('\n')}\n`
  const usual = write(
    'usual.csv',
    rows(i => `${(i % 37) / 10}`),
  )
  const monitor = write('gate.yaml', head.replace(', prediction: score', ''))

  async function gated([file, ...args]: string[]): Promise<string> {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    vi.spyOn(console, 'log').mockReturnValue()
    process.exitCode = 0
    try {
      await replayCommand().parseAsync([file!, '--fail-on', 'major', ...args], { from: 'user' })
      return `exit ${process.exitCode}`
    } catch (error) {
      if (!(error instanceof DriftlineError)) throw error
      return `${error.code}: ${error.message}`
    } finally {
      process.exitCode = 0
    }
  }

  it('approves nothing of rows that are none of the model', async () => {
    const own = write('own.yaml', head.replace(', prediction: score', ', where: { city: Rome }'))
    const other = write('other.csv', rows(i => `${i},Oslo`).replace('miles', 'miles,city'))
    expect(await gated([own, '--baseline', usual, '--events', other])).toMatch(/^infrastructure: .*serving\.where/)
  })

  it('approves what was judged and is quiet, and finds what is not', async () => {
    const faulty = write(
      'faulty.csv',
      rows(i => `${(i % 37) * 10}`),
    )
    expect(await gated([monitor, '--baseline', usual, '--events', usual])).toBe('exit 0')
    expect(await gated([monitor, '--baseline', usual, '--events', faulty])).toBe('exit 1')
  })

  it.each([
    [
      'no window after --from',
      ['--baseline', usual, '--events', usual, '--from', '2030-01-01'],
      /no window ends after --from 2030/,
    ],
    ['no baseline', ['--events', usual], /there is no baseline/],
    [
      'windows of too few rows',
      ['--baseline', usual, '--events', write('few.csv', 'eventTime,miles\n1767614400000,1\n')],
      /insufficient-data, the last one too-few-rows/,
    ],
    [
      'no row with a time',
      ['--baseline', usual, '--events', write('timeless.csv', `eventTime,miles\n,1\n,2\n`)],
      /no row of --events/,
    ],
  ])('approves nothing that was not judged: %s', async (_, args, why) => {
    const said = await gated([monitor, ...args])
    expect(said).toMatch(/^infrastructure: nothing was judged, which is no approval: /)
    expect(said).toMatch(why)
  })
})

it.each([
  ['--label-map', 'value=paid', '--labels'],
  ['--offline-map', 'featureTime=at', '--offline'],
  ['--baseline-to', '2026-01-01', '--baseline'],
])('refuses %s without the file that it is about', async (option, value, file) => {
  const args = [write('alone.yaml', head), '--events', write('alone.csv', events), option, value]
  await expect(replayCommand().parseAsync(args, { from: 'user' })).rejects.toThrow(
    `${option} is about the file of ${file}, and there is none: add ${file} FILE, or leave it out`,
  )
})

it('reads files in other encodings, and of formats that only some names tell', async () => {
  const latin = write('latin.txt2', Buffer.from(`${events.replace(',score', ',\xe9t\xe9')}`, 'latin1'))
  const monitor = write('latin.yaml', head.replace('"*"', 'miles, "été"').replace(', prediction: score', ''))
  const labels = write('labels.ndjson', '{"requestId":"1","paidAt":1767614400000,"paid":true}')
  const run = (...args: string[]) =>
    replayCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parseAsync([monitor, '--events', latin, ...args], { from: 'user' })
  let said = ''
  vi.spyOn(console, 'log').mockImplementation(text => void (said += text))
  await run('--file-format', 'csv', '--encoding', 'ISO-8859-1')
  expect(said).toMatch(/"events":2/)
  await expect(run('--file-format', 'csv')).rejects.toThrow(/latin\.txt2/)
  await expect(run('--file-format', 'csv', '--encoding', 'ebcdic')).rejects.toThrow(
    /Expected utf-8, latin-1 or utf-16\. Convert a file in another encoding first, for example: iconv -f ebcdic/,
  )
  // What its name tells of the labels' file stands.
  const labelled = write('both.yaml', head.replace('"*"', 'miles, "été"') + joined)
  const both = ['--file-format', 'csv', '--encoding', 'latin1', '--labels', labels]
  await replayCommand().parseAsync([labelled, '--events', latin, ...both], { from: 'user' })
  expect(said).toMatch(/"labels":\{"rows":1/)
})
