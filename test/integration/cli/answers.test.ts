import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AlertEvent } from '../../../src/core/alert/event.js'
import type { Random } from '../../random.js'
import { csv, HOUR, rides, usual } from '../../service/rides.js'
import { startKafka } from '../../services/launch.js'
import { driftlineHere, succeedHere } from '../cli-here.js'
import { type Ended, freePort, Service, until } from '../cli-process.js'
import { createTopic } from '../kafka.js'

/** Whole hours, and all of it in the past. */
const START = Math.floor(Date.now() / HOUR - 48) * HOUR

const faulty = (random: Random) => {
  const features = usual(random)
  return { ...features, fare: 3 * (features.fare as number), tolls: 9 }
}

describe('an operator answers alerts of a running service', () => {
  let folder: string
  let monitor: string
  let env: Record<string, string>
  let kafka: Awaited<ReturnType<typeof startKafka>>
  let service: Service
  let fare: string
  let tolls: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-answers-'))
    await mkdir(join(folder, 'monitors'))
    monitor = join(folder, 'monitors', 'rides.yaml')
    kafka = await startKafka()
    env = { KAFKA_BROKERS: kafka.brokers.join(), SCHEMA_REGISTRY_URL: '', DRIFTLINE_REPLICATION: '1' }
    const topic = await createTopic('rides', 2, kafka.brokers)
    await writeFile(
      monitor,
      `apiVersion: driftline/v1
model: rides
serving: { topic: ${topic}, format: json, key: requestId, time: eventTime, version: modelVersion, features: "features.*", idleAfter: 10m }
window: { size: 1h, grace: 5m, minRows: 100 }
`,
    )
    const training = rides({ seed: 1, from: START - 100 * HOUR, hours: 50, perHour: 80 })
    const served = rides({ seed: 3, from: START, hours: 5, perHour: 600, features: faulty })
    await writeFile(join(folder, 'training.csv'), csv(training))
    await writeFile(join(folder, 'served.csv'), csv(served))
    await run('topics', 'apply')
    await run('baseline', 'load', join(folder, 'training.csv'), '--monitor', monitor)
    service = await up()
    await run('produce', 'features', '--from', join(folder, 'served.csv'), '--monitor', monitor)
    await until(
      async () =>
        (await service.metric('driftline_alerts_firing')) >= 2 && (await events('alerts', 'list')).length >= 2,
      60_000,
      () => `no alerts: ${service.log.slice(-3000)}`,
    )
    const alerts = await events('alerts', 'list')
    const psiOf = (feature: string) => alerts.find(({ series, check }) => series.feature === feature && check === 'psi')
    fare = psiOf('fare')!.alertId
    tolls = psiOf('tolls')!.alertId
  })

  afterAll(async () => {
    await service?.kill('SIGKILL')
    await kafka?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (...args: string[]): Promise<string> => succeedHere(env, ...args)

  async function refused(why: RegExp, ...args: string[]): Promise<Ended> {
    const ended = await driftlineHere(env, 'alerts', ...args)
    expect(ended.stderr, args.join(' ')).toMatch(why)
    expect(ended.code, args.join(' ')).toBe(2)
    return ended
  }

  const lines = async (...args: string[]) =>
    (await run(...args, '--json')).split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line)]))
  const events = (...args: string[]): Promise<AlertEvent[]> => lines(...args)

  async function up(): Promise<Service> {
    const started = new Service(env, await freePort(), join(folder, 'monitors'))
    await started.ready()
    return started
  }

  /** The newest event of an alert, once it is over. */
  async function ended(alertId: string): Promise<AlertEvent> {
    let newest: AlertEvent | undefined
    await until(
      async () => (newest = (await events('alerts', 'show', alertId)).at(-1))?.status === 'resolved',
      60_000,
      () => `still ${JSON.stringify(newest)}: ${service.log.slice(-2000)}`,
    )
    return newest!
  }

  it('and is told what cannot be', async () => {
    const unknown = /no alert with the id nope in .*driftline.alerts.*alerts list/
    const [json] = await Promise.all([
      refused(unknown, 'ack', 'nope', '--json'),
      refused(/--force with the unknown alert nope needs --model/, 'resolve', 'nope', '--force'),
      refused(/has a feature fair; it has: .*fare/, 'expected', fare, '--feature', 'fair'),
      refused(/--until .* would mute nothing/, 'mute', fare, '--until', '2020-01-01'),
    ])
    expect(JSON.parse(json.stderr.split('\n').find(line => line.startsWith('{'))!).error.code).toBe('bad-input')
    await Promise.all([
      refused(/required option '--until/, 'mute', fare),
      refused(/--until soon: expected a duration/, 'mute', fare, '--until', 'soon'),
      refused(/say what it is about/, 'mute', '--until', '2h'),
      refused(/those watched: rides/, 'mute', '--model', 'meals', '--until', '2h'),
    ])
    expect(await run('alerts', 'answers')).toBe('nothing has been said\n')
  })

  it('by the beginning of its id, and is on record', async () => {
    const mutedUntil = new Date(START + 200 * HOUR).toISOString()
    expect(await run('alerts', 'ack', fare.slice(0, 10), '--note', 'looking', '--by', 'ann')).toContain(
      `acknowledged alert ${fare} of rides, by ann (looking)`,
    )
    const [muted] = await lines('alerts', 'mute', fare, '--until', mutedUntil, '--by', 'bob')
    expect(muted).toMatchObject({
      ...{ model: 'rides', action: 'mute', alertId: fare, by: 'bob', until: mutedUntil, note: null },
      scope: { modelVersion: 'v1', segment: {}, feature: 'fare', check: 'psi' },
    })
    const wide = await lines('alerts', 'mute', fare, '--feature', 'stops', 'tip', '--until', '2h')
    expect(wide.map(({ alertId, scope }) => [alertId, scope.feature, scope.check])).toEqual([
      [null, 'stops', null],
      [null, 'tip', null],
    ])
    await run('alerts', 'unmute', fare)
    const nothing = await driftlineHere(env, 'alerts', 'unmute', fare)
    expect([nothing.code, nothing.stderr]).toEqual([0, expect.stringMatching(/nothing was muted there/)])
    const said = await lines('alerts', 'answers')
    expect(said.map(({ action, alertId }) => [action, alertId])).toEqual([
      ['ack', fare],
      ['mute', fare],
      ['mute', null],
      ['mute', null],
      ['unmute', fare],
      ['unmute', fare],
    ])
    expect(await run('alerts', 'answers', fare.slice(0, 10))).toMatch(/ann.*ack.*rides.*looking[\s\S]*bob.*mute/)
  })

  it('and ends it at once, with the reason for all to read', async () => {
    await run('alerts', 'expected', fare, '--note', 'new tariff', '--by', 'ann')
    const over = await ended(fare)
    expect(over).toMatchObject({
      ...{ reason: 'expected (by ann): new tariff', sequence: 2 },
      operator: { state: 'expected', by: 'ann', until: null, note: 'new tariff' },
    })
    expect(await run('alerts', 'show', fare)).toMatch(/operator\s+expected by ann: new tariff/)
    await refused(/is over since .* \(expected \(by ann\): new tariff\).*--force/, 'ack', fare)
  })

  it('and is heard by an instance that starts after the answer was given', async () => {
    expect(await service.kill('SIGTERM')).toBe(0)
    await run('alerts', 'resolve', tolls, '--by', 'bob')
    service = await up()
    expect(await ended(tolls)).toMatchObject({ reason: 'resolved by bob', operator: { state: 'none', by: 'bob' } })
    const again = (await events('alerts', 'show', fare)).filter(({ status }) => status === 'resolved')
    expect(new Set(again.map(({ id }) => id)).size).toBe(1)
  })
})
