import { afterEach, expect, it, vi } from 'vitest'
import { replayCommand } from '../../src/cli/replay.js'
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
