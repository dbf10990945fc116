import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { produceCommand } from '../../src/cli/produce.js'
import { badInput, folder } from '../files/fixtures.js'

const { write } = folder()
const monitor = write(
  'rides.yaml',
  `apiVersion: driftline/v1
model: rides
task: { type: regression }
serving: { topic: rides, format: avro, key: requestId, time: eventTime, prediction: fare, features: "features.*" }
labels: { topic: labels, format: avro, key: requestId, time: paidAt, value: paid }
offline: { topic: offline-features, format: avro, key: requestId, time: featureTime, features: "features.*" }
window: { size: 1h }
`,
)
const untimed = write('untimed.csv', 'requestId,miles,paid\nb,2,9\na,1,8\n')
const timed = write('timed.csv', 'requestId,created_at,miles\nb,2026-01-05T12:00:00Z,2\na,2026-01-05T11:00:00Z,1\n')

let out: string
let told: string
beforeEach(() => {
  out = ''
  told = ''
  vi.spyOn(process.stdout, 'write').mockImplementation(text => Boolean((out += text)))
  vi.spyOn(process.stderr, 'write').mockImplementation(text => Boolean((told += text)))
})
afterEach(() => void vi.restoreAllMocks())

/** What `--dry-run` shows of the file: schemas and events. */
async function dry(what: string, file: string, ...more: string[]) {
  out = ''
  const args = [what, '--from', file, '--monitor', monitor, '--dry-run', ...more]
  await produceCommand().exitOverride().parseAsync(args, { from: 'user' })
  return out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}

it.each([
  ['features', 'eventTime'],
  ['labels', 'paidAt'],
  ['offline', 'featureTime'],
])('--clock now: %s without times go in the order of the file, each at the time at hand', async (what, time) => {
  const before = Date.now()
  const [{ schema }, ...events] = await dry(what, untimed, '--clock', 'now')
  expect(events.map(({ key }) => key)).toEqual(['b', 'a'])
  for (const { value } of events) {
    expect(value[time]).toBeGreaterThanOrEqual(before)
    expect(value[time]).toBeLessThanOrEqual(Date.now())
  }
  expect(schema.fields).toContainEqual({ name: time, type: { type: 'long', logicalType: 'timestamp-millis' } })
  expect(told).toContain(`untimed.csv has no column ${time}, and --map names none: its rows go in their order\n`)
})

it('--clock now: with times they are the order, and choose the rows', async () => {
  const map = ['--map', 'eventTime=created_at', '--clock', 'now']
  const keys = async (...more: string[]) =>
    (await dry('features', timed, ...map, ...more)).slice(1).map(({ key }) => key)
  expect(await keys()).toEqual(['a', 'b'])
  expect(await keys('--since', '2026-01-05T11:30:00Z')).toEqual(['b'])
  expect(told).toBe('')
})

it.each([
  ['features', [], 'make the time of sending the event time with --clock now'],
  ['labels', [], 'make the time of sending the event time with --clock now'],
  ['offline', [], 'make the time of sending the event time with --clock now'],
  [
    'features',
    ['--speed', '60', '--since', '2026-01-05'],
    'make the time of sending the event time with --clock now and drop --speed and --since',
  ],
  ['features', ['--clock', 'now', '--speed', '60'], 'drop --speed'],
  ['labels', ['--clock', 'now', '--since', '1970-01-01'], 'drop --since'],
  ['offline', ['--clock', 'now', '--until', '2026-01-06'], 'drop --until'],
])('%s %j without times: a column, or what else to do', async (what, more, instead) => {
  const said = await badInput(() => dry(what, untimed, ...more))
  expect(said).toMatch(/untimed\.csv has no column for the .*; name one with --map \w+=COLUMN:UNIT/)
  expect(said).toContain(`, or ${instead} (it has requestId, `)
  expect(out).toBe('')
})
