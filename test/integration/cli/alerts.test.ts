import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { alertsCommand } from '../../../src/cli/alerts.js'
import { incidentsCommand } from '../../../src/cli/incidents.js'
import { verdictsCommand } from '../../../src/cli/verdicts.js'
import { createPublicEncoder, jsonEncoder } from '../../../src/codec/public-encoder.js'
import type { VerdictEvent } from '../../../src/core/alert/event.js'
import { KafkaLog } from '../../../src/log/kafka/kafka-log.js'
import { alertSample } from '../../client/alert-sample.js'
import { incidentSample } from '../../client/incident-sample.js'
import { performanceSample } from '../../client/performance-sample.js'
import { brokers, createTopic, fresh, registryUrl } from '../kafka.js'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

function verdictSample(k: number, more: Partial<VerdictEvent> = {}): VerdictEvent {
  const { series, window, evidence, moved, quantiles, counters, baseline, monitor, input, software } = alertSample()
  const hour = 3_600_000
  return {
    ...{ id: `v${k}`, series, moved, quantiles, counters, baseline, monitor, input, software, checks: evidence },
    window: { ...window, start: window.start + k * hour, end: window.end + k * hour },
    ...{ outcome: 'ok', skew: 'ok', drift: 'ok' },
    because: null,
    cusum: { statistic: 'mean', value: -6.25, since: window.start, through: window.end },
    distances: { psi: 0.61, kl: 0.1, js: 0.2, ks: 0.3, w1: 0.4, chi2: 5, hellinger: 0.1 },
    ...more,
  }
}

describe('alerts and verdicts on the command line', () => {
  let alerts: string
  let verdicts: string

  beforeAll(async () => {
    alerts = await createTopic('alerts', 2)
    verdicts = await createTopic('verdicts', 2)
    const log = new KafkaLog({ brokers: brokers(), logger: quiet })
    const avro = await createPublicEncoder({
      registryUrl: registryUrl(),
      topics: { alert: fresh('a'), verdict: fresh('v') },
    })
    const opened = alertSample({ alertId: '7f3a90' })
    await log.append(alerts, [
      avro.incident(incidentSample({ incidentId: '41c0d2' })),
      avro.alert(opened),
      avro.alert(opened),
      jsonEncoder().incident(incidentSample({ incidentId: '41c0d2', sequence: 2, status: 'resolved' })),
      avro.incident(incidentSample({ incidentId: 'e07', severity: 'critical' })),
      jsonEncoder().alert(alertSample({ alertId: 'b81c00', severity: 'warn' })),
      avro.alert(alertSample({ alertId: '7f3a90', sequence: 2, status: 'resolved' })),
      avro.alert(alertSample({ alertId: '7f99', severity: 'critical' })),
    ])
    const revised = verdictSample(1, { id: 'v1b', outcome: 'breach' })
    await log.append(verdicts, [
      avro.verdict(verdictSample(0)),
      avro.verdict(verdictSample(1)),
      avro.verdict({ ...revised, window: { ...revised.window, revision: 1 } }),
      avro.verdict(verdictSample(2, { outcome: 'insufficient-data', because: 'too few rows' })),
      avro.performance(performanceSample()),
    ])
    await log.close()
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  /** Lines on stdout. */
  async function run(name: 'alerts' | 'incidents' | 'verdicts', ...args: string[]): Promise<string[]> {
    vi.stubEnv('KAFKA_BROKERS', brokers().join(','))
    if (process.env['SCHEMA_REGISTRY_URL'] === undefined) vi.stubEnv('SCHEMA_REGISTRY_URL', registryUrl())
    let out = ''
    vi.spyOn(process.stdout, 'write').mockImplementation(text => {
      out += text
      return true
    })
    const commands = { alerts: alertsCommand, incidents: incidentsCommand, verdicts: verdictsCommand }
    const command = commands[name]()
    const topic = name === 'verdicts' ? verdicts : alerts
    await command.parseAsync([...args, '--topic', topic], { from: 'user' })
    return out.trim().split('\n')
  }
  const events = async (...args: Parameters<typeof run>): Promise<Record<string, never>[]> =>
    (await run(...args, '--json')).filter(Boolean).map(line => JSON.parse(line) as Record<string, never>)

  it('lists the latest state of each alert', async () => {
    const states = (await events('alerts', 'list')).map(({ alertId, status }) => `${alertId} ${status}`)
    expect(states.sort()).toEqual(['7f3a90 resolved', '7f99 firing', 'b81c00 firing'])
    expect(
      (await events('alerts', 'list', '--status', 'firing', '--severity', 'critical')).map(one => one['alertId']),
    ).toEqual(['7f99'])
    expect(await run('alerts', 'list', '--model', 'another')).toEqual(['no alerts'])
  })

  it('tails to the end, each event once, in order', async () => {
    const tailed = await events('alerts', 'tail', '--since', 'earliest', '--no-follow')
    expect(tailed.map(({ alertId, sequence }) => `${alertId} ${sequence}`)).toEqual([
      '7f3a90 1',
      'b81c00 1',
      '7f3a90 2',
      '7f99 1',
    ])
    expect(await run('alerts', 'tail', '--since', 'earliest', '--no-follow', '--severity', 'warn')).toHaveLength(1)
  })

  it('shows one alert by the beginning of its id, and asks for more where several begin so', async () => {
    expect((await run('alerts', 'show', '7f3')).join('\n')).toMatch(
      /▼ resolved.*runbook.*What moved.*Evidence.*History/s,
    )
    await expect(run('alerts', 'show', '7f')).rejects.toThrow(/2 alerts begin with 7f/)
    await expect(run('alerts', 'show', 'nope')).rejects.toThrow(/no alert with the id nope/)
  })

  it('lists, tails and shows incidents beside them', async () => {
    const states = (await events('incidents', 'list')).map(one => `${one['incidentId']} ${one['status']}`)
    expect(states.sort()).toEqual(['41c0d2 resolved', 'e07 firing'])
    const tailed = await events('incidents', 'tail', '--since', 'earliest', '--no-follow', '--severity', 'major')
    expect(tailed.map(({ sequence }) => sequence)).toEqual([1, 2])
    expect((await run('incidents', 'show', '41')).join('\n')).toMatch(/▼ resolved.*Features.*Alerts.*History/s)
    await expect(run('incidents', 'show', 'nope')).rejects.toThrow(/no incident with the id nope.*incidents list/)
  })

  it('lists the last revision of each verdict, by series, window and outcome', async () => {
    const all = await events('verdicts', 'list')
    expect(all.map(({ id }) => id)).toEqual(['v0', 'p1', 'v1b', 'v2'])
    const ids = async (...args: string[]) => (await events('verdicts', 'list', ...args)).map(({ id }) => id)
    expect(await ids('--outcome', 'ok')).toEqual(['v0'])
    expect(await ids('--window', '2026-01-05T01:30')).toEqual(['v1b'])
    expect(await ids('--segment', 'all')).toEqual(['p1'])
    expect(await ids('--performance')).toEqual(['p1'])
    expect(await ids('--feature', 'trip_miles', '--segment', 'payment_type=Cash', '--limit', '1')).toEqual(['v2'])
  })

  it('shows the newest window of each series, with every measure of an output', async () => {
    const shown = (await run('verdicts', 'show')).join('\n')
    expect(shown).toMatch(/too few rows.*cusum +mean -6.25 since.*check +outcome/s)
    expect(shown).toMatch(/prediction\nwindow.*900 \(90 %, 92 % in the end as a rule\).*measure +window.*AUC +0.672/s)
    expect((await run('verdicts', 'list', '--performance')).join('\n')).toContain('AUC 0.672 (before 0.822)')
  })

  it('says what is wrong', async () => {
    vi.stubEnv('SCHEMA_REGISTRY_URL', '')
    await expect(run('alerts', 'list')).rejects.toThrow(/written in Avro: set SCHEMA_REGISTRY_URL/)
    await expect(run('alerts', 'list', '--since', 'soon')).rejects.toThrow(/--since soon: expected/)
    alerts = fresh('no-such')
    await expect(run('alerts', 'list')).rejects.toThrow(/no topic "no-such-.*driftline topics apply/)
  })
})
