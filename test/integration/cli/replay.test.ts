import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { csv, HOUR, rides, T0, usual } from '../../service/rides.js'
import { driftline, MAIN } from '../cli-process.js'

const MARK = 'Secretariat'
const monitor = (more: string): string => `
apiVersion: driftline/v1
model: rides
serving: { topic: rides, format: json, key: requestId, time: eventTime, version: modelVersion, features: "features.*" }
window: { size: 1h, grace: 5m, minRows: 100 }
${more}
`

let folder: string
const file = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-replay-'))
  const training = rides({ seed: 1, from: T0 - 40 * HOUR, hours: 40, perHour: 100 })
  const paidOtherwise = rides({
    seed: 2,
    from: T0,
    hours: 4,
    perHour: 300,
    features: (random, time) => ({ ...usual(random), ...(time >= T0 + HOUR ? { payment: `${MARK} & Co` } : {}) }),
  })
  await writeFile(file('training.csv'), csv(training))
  await writeFile(file('served.csv'), csv(paidOtherwise))
  await writeFile(file('plain.yaml'), monitor(''))
  await writeFile(file('hashed.yaml'), monitor('privacy: { hash: [payment] }'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const replay = (name: string, env: Record<string, string> = {}) =>
  driftline(env, 'replay', file(name), '--baseline', file('training.csv'), '--events', file('served.csv'), '--json')

it('is a program once it is built, also built anew, as npx runs it', () => {
  expect(execFileSync(MAIN, ['--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/)
})

it('events name categories, what is said beside them does not', async () => {
  const { code, stdout, stderr } = await replay('plain.yaml')
  expect(code, stderr).toBe(0)
  expect(stdout).toContain(MARK)
  expect(stderr).not.toContain(MARK)
})

it('hashed categories are named by nobody, and without a key nothing is read', async () => {
  const refused = await replay('hashed.yaml')
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(/privacy\.hash names payment, .*DRIFTLINE_PRIVACY_KEY/)
  const key = 'a key that only this test knows'
  const { code, stdout, stderr } = await replay('hashed.yaml', { DRIFTLINE_PRIVACY_KEY: key })
  expect(code, stderr).toBe(0)
  expect(stdout).toMatch(/"h:[\da-f]{16}\b/)
  for (const secret of [MARK, key]) expect(stdout + stderr).not.toContain(secret)
})
