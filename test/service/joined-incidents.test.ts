import pino from 'pino'
import { beforeAll, describe, expect, it } from 'vitest'
import { PublicDecoder, type PublicEvent } from '../../src/codec/public-decoder.js'
import { parseMonitor } from '../../src/config/monitor.js'
import type { AlertEvent } from '../../src/core/alert/event.js'
import type { IncidentEvent } from '../../src/core/alert/incident-event.js'
import type { Batch } from '../../src/core/ports.js'
import { mapEvents } from '../../src/files/event-mapping.js'
import { mapLabels } from '../../src/files/label-mapping.js'
import { mapOffline } from '../../src/files/offline-mapping.js'
import { openTable } from '../../src/files/table.js'
import { buildBaseline } from '../../src/service/build-baseline.js'
import { replay } from '../../src/service/replay.js'
import { trainedLabel, withScores } from '../../src/service/trained-scores.js'
import { folder } from '../files/fixtures.js'
import { type Random, seeded } from '../random.js'

const { write } = folder()
const HOUR = 3_600_000
const T0 = Date.UTC(2026, 0, 5)
const PER_HOUR = 900
const HOURS = 14
const BROKEN = { from: T0 + 6 * HOUR, until: T0 + 9 * HOUR }

const monitor = parseMonitor(
  `apiVersion: driftline/v1
model: loans
task: { type: binary, outputs: { approval: score } }
serving:
  topic: serving
  format: json
  key: id
  time: { path: at, unit: ms }
  features: [income, debt]
labels: { topic: labels, format: json, key: id, time: { path: labelledAt, unit: ms }, value: repaid, horizon: 3h }
offline: { topic: offline, format: json, key: id, time: { path: at, unit: ms }, features: [income, debt], horizon: 2h }
window: { size: 1h, advance: 1h, grace: 1m, reviseFor: 2h }
features: { income: { kind: numeric, importance: .4 }, debt: { kind: numeric } }
joint: none
`,
  'loans.yaml',
).monitors[0]!

const score = (income: number, debt: number): number => 1 / (1 + Math.exp(-5 * (income - 1.5) - (debt - 1)))

interface Row {
  readonly id: string
  readonly at: number
  readonly income: number
  readonly served: number
  readonly debt: number
  readonly repaid: number
  readonly labelledAt: number | null
}

/** From hour 6 to hour 9 serving cuts the decimals of `income` off: the scores are made of what is served, the labels come from what is so. */
function rows(random: Random): Row[] {
  return Array.from({ length: HOURS * PER_HOUR }, (_, i): Row => {
    const at = T0 + Math.floor((i * HOUR) / PER_HOUR)
    const [income, debt] = [3 * random.next(), 1 + 0.3 * random.normal()]
    const isBroken = at >= BROKEN.from && at < BROKEN.until
    const labelledAt = random.chance(0.1) ? null : at + Math.floor(HOUR * (0.5 + 1.5 * random.next()))
    const repaid = random.chance(score(income, debt)) ? 1 : 0
    return { id: `r${i}`, at, income, served: isBroken ? Math.trunc(income) : income, debt, repaid, labelledAt }
  })
}

const csv = (name: string, head: string, lines: readonly (readonly unknown[])[]): string =>
  write(name, [head, ...lines.map(line => line.join(','))].join('\n'))

async function run(): Promise<PublicEvent[]> {
  const known = rows(seeded(3))
  const labelled = known.filter(({ labelledAt }) => labelledAt !== null).sort((a, b) => a.labelledAt! - b.labelledAt!)
  const files = [
    csv(
      'training.csv',
      'at,income,debt,score,repaid',
      rows(seeded(9)).map(({ at, income, debt, repaid }) => [
        at - 30 * 24 * HOUR,
        income,
        debt,
        score(income, debt),
        repaid,
      ]),
    ),
    csv(
      'served.csv',
      'id,at,income,debt,score',
      known.map(({ id, at, served, debt }) => [id, at, served, debt, score(served, debt)]),
    ),
    csv(
      'labels.csv',
      'id,labelledAt,repaid',
      labelled.map(({ id, labelledAt, repaid }) => [id, labelledAt, repaid]),
    ),
    csv(
      'offline.csv',
      'id,at,income,debt',
      known.map(({ id, at, income, debt }) => [id, at, income, debt]),
    ),
  ]
  const [training, events, labels, offline] = await Promise.all(files.map(file => openTable(file)))
  const how = { map: new Map(), provenance: { version: 1, modelVersion: null, source: 't', loadedAt: 0, from: null } }
  const built = await buildBaseline(monitor, training!, how)
  const baseline = await withScores(monitor, training!, built, trainedLabel(monitor, training!, how.map)!, how)
  const written: { readonly headers: ReturnType<Batch['headers']>; readonly value: Uint8Array }[] = []
  const onAlerts = (batch: Batch): void => {
    for (let i = 0; i < batch.size; i++)
      written.push({ headers: batch.headers(i), value: new Uint8Array(batch.value(i)!) })
  }
  await replay({
    ...{ monitor, baseline, events: events!, partitions: 2, logger: pino({ level: 'silent' }), onAlerts },
    mapping: mapEvents(monitor, events!, how.map, { time: true, key: 'column' }),
    labels: { table: labels!, mapping: mapLabels(monitor.labels!, monitor.file, labels!, how.map) },
    offline: { table: offline!, mapping: mapOffline(monitor, monitor.offline!, offline!, how.map) },
  })
  for (const table of [training, events, labels, offline]) await table!.close()
  const decoder = new PublicDecoder(null)
  const all = await Promise.all(written.map(({ headers, value }) => decoder.decode(headers, value)))
  return all.filter((one): one is PublicEvent => one !== null)
}

describe('a feature that serving cuts off, on files', () => {
  let alerts: AlertEvent[]
  let incidents: IncidentEvent[]
  beforeAll(async () => {
    const all = await run()
    alerts = all.flatMap(one => (one.type === 'alert' ? [one.event] : []))
    incidents = all.flatMap(one => (one.type === 'incident' ? [one.event] : []))
  }, 120_000)

  it('is one incident: skew, parity and performance, with the cut as its cause and the performance as its effect', () => {
    const kinds = new Set(alerts.map(({ kind, series }) => `${kind} ${series.feature}`))
    for (const one of ['parity income', 'performance approval']) expect(kinds).toContain(one)
    expect([...kinds].some(kind => kind === 'skew income' || kind === 'drift income')).toBe(true)
    expect(new Set(incidents.map(({ incidentId }) => incidentId)).size).toBe(1)
    for (const { incidentId } of alerts) expect(incidentId).toBe(incidents[0]!.incidentId)
    const whole = incidents.findLast(({ status }) => status === 'ongoing')!
    expect(whole).toMatchObject({
      ...{ kind: 'parity', openedAt: BROKEN.from, featureCount: 1, features: [{ feature: 'income' }] },
      cause: { code: 'truncation', whoMoved: 'pipeline' },
      effects: [{ kind: 'performance', feature: 'approval', openedAt: BROKEN.from, status: 'firing' }],
    })
    expect(whole.summary).toMatch(
      /^income: 100 % of its rows differ .*: cut off; approval: .* (fell|rose) from .* to .*, since 2026-01-05T06:00:00Z$/,
    )
    const leading = whole.alerts.find(({ kind }) => kind === 'parity')!
    const effect = whole.alerts.find(({ kind }) => kind === 'performance')!
    expect([leading.explainedBy, effect.explainedBy]).toEqual([null, leading.alertId])
  })

  it('says what to do as long as it lasts, and ends with the last of its alerts', () => {
    expect(incidents.map(({ status, suggestedAction }) => `${status}: ${suggestedAction}`)).toEqual([
      'firing: fix-pipeline',
      'ongoing: fix-pipeline',
      'ongoing: fix-pipeline',
      'resolved: none',
    ])
    expect(incidents.at(-1)).toMatchObject({ reason: 'the last of 3 alerts resolved', alertCount: 3 })
    expect(alerts.filter(({ status }) => status === 'resolved')).toHaveLength(3)
  })
})
