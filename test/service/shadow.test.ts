import pino from 'pino'
import { describe, expect, it, vi } from 'vitest'
import { PublicDecoder, type PublicEvent } from '../../src/codec/public-decoder.js'
import { parseMonitor } from '../../src/config/monitor.js'
import type { AlertEvent } from '../../src/core/alert/event.js'
import type { Batch } from '../../src/core/ports.js'
import type { ShadowEvent } from '../../src/core/shadow/event.js'
import { wilson } from '../../src/core/statistic/intervals.js'
import { mapEvents } from '../../src/files/event-mapping.js'
import { mapLabels } from '../../src/files/label-mapping.js'
import { openTable } from '../../src/files/table.js'
import { replay } from '../../src/service/replay.js'
import { folder } from '../files/fixtures.js'
import { housing } from '../housing.js'
import { type Random, seeded } from '../random.js'

vi.setConfig({ testTimeout: 60_000 })
const { write } = folder()
const DAY = 86_400_000

/** The first months of scores of California housing, in time order. */
const scored = housing('analysis')
  .slice(0, 3800)
  .map(({ id, timestamp, y_pred_proba }) => ({
    id: id!,
    time: Date.parse(`${timestamp}Z`),
    score: Number(y_pred_proba),
  }))

interface Row {
  readonly id: string
  readonly time: number
  readonly version: string
  readonly score: number
  readonly latency: number
}

/** Both versions score each request; the challenger an hour at most later, or earlier. */
function shadowed(random: Random, challenger: (score: number) => number, idOf = (id: string) => id): Row[] {
  return scored.flatMap(({ id, time, score }) => [
    { id, time, version: 'v12', score, latency: 20 + random.next() },
    {
      ...{ id: idOf(id), time: time + Math.floor(3_600_000 * (random.next() - 0.5)), version: 'v13' },
      ...{ score: challenger(score), latency: 30 + random.next() },
    },
  ])
}

async function run(rows: readonly Row[], shadow: string, name: string, truth: string | null = null) {
  const yaml = `apiVersion: driftline/v1
model: housing
task: { type: binary }
serving:
  topic: serving
  format: json
  key: id
  time: { path: at, unit: ms }
  version: version
  features: [size]
  prediction: score
shadow: ${shadow}
${truth === null ? '' : 'labels: { topic: labels, format: json, key: id, time: at, value: y, horizon: 7d }\n'}window: { size: 30d, advance: 30d, grace: 1d, reviseFor: 30d }
joint: none
`
  const monitor = parseMonitor(yaml, 'housing.yaml').monitors[0]!
  const lines = [...rows]
    .sort((a, b) => a.time - b.time)
    .map(({ id, time, version, score, latency }) => [id, time, version, score, latency, 1].join())
  const events = await openTable(write(`${name}.csv`, ['id,at,version,score,ms,size', ...lines].join('\n')))
  const written: { readonly headers: Readonly<Record<string, Uint8Array>>; readonly value: Uint8Array }[] = []
  const keep = (batch: Batch): void => {
    for (let i = 0; i < batch.size; i++)
      written.push({ headers: batch.headers(i), value: new Uint8Array(batch.value(i)!) })
  }
  const labels = truth === null ? null : await openTable(write(`${name}-labels.csv`, truth))
  await replay({
    ...(labels && { labels: { table: labels, mapping: mapLabels(monitor.labels!, monitor.file, labels, new Map()) } }),
    ...{ monitor, baseline: null, events, partitions: 2, logger: pino({ level: 'silent' }) },
    mapping: mapEvents(monitor, events, new Map(), { time: true, key: 'column' }),
    ...{ onAlerts: keep, onVerdicts: keep },
  })
  await events.close()
  await labels?.close()
  const decoder = new PublicDecoder(null)
  const all = (await Promise.all(written.map(({ headers, value }) => decoder.decode(headers, value)))).filter(
    (one): one is PublicEvent => one !== null,
  )
  const last = new Map<number, ShadowEvent>()
  for (const one of all) if (one.type === 'shadow') last.set(one.event.window.end, one.event)
  const told = all.flatMap((one): AlertEvent[] => (one.type === 'alert' ? [one.event] : []))
  const alerts = told.filter(({ kind }) => kind === 'shadow')
  const duplicates = told.filter(({ check }) => check === 'duplicates')
  const performances = all.flatMap(one => (one.type === 'performance' ? [one.event] : []))
  return { windows: [...last.values()], alerts, duplicates, performances }
}

const SHADOW = '{ champion: v12, challenger: v13, within: 1h, latency: ms, limits: { latency: 50ms }, minRows: 500 }'

describe('two versions on the scores of California housing, over files', () => {
  it('a challenger that flips one decision in twenty-five is found out and rolled back', async () => {
    const random = seeded(1)
    const rows = shadowed(random, score => (random.chance(0.04) ? 1 - score : score))
    const { windows, alerts, duplicates } = await run(rows, SHADOW, 'flips')
    // Two versions of one request are no request that came twice.
    expect(duplicates).toEqual([])
    expect(windows.reduce((sum, { rows: { pairs } }) => sum + pairs, 0)).toBe(scored.length)
    const [champion, challenger] = ['v12', 'v13'].map(version => rows.filter(row => row.version === version))
    for (const { window, divergences, advice, summary, quantiles } of windows) {
      const own = champion!.flatMap((row, i) =>
        row.time >= window.start && row.time < window.end ? [[row.score, challenger![i]!.score] as const] : [],
      )
      const flips = own.filter(([a, b]) => a >= 0.5 !== b >= 0.5).length
      const found = divergences.find(({ name }) => name === 'flips')!
      expect(found).toMatchObject({
        value: flips / own.length,
        n: own.length,
        ...wilson(flips, own.length),
        limit: 0.01,
      })
      const score = divergences.find(({ name }) => name === 'score')!
      expect(score.value).toBeCloseTo(own.reduce((sum, [a, b]) => sum + Math.abs(b - a), 0) / own.length, 10)
      expect(divergences.find(({ name }) => name === 'latency')!.value).toBeCloseTo(10, 0)
      expect(quantiles.score[0]).toBe(0)
      if (own.length < 1000) continue
      expect(advice).toBe('roll-back')
      expect(summary).toMatch(
        /^v13 (flips [2-6]\.\d % of decisions|moves scores by 0\.0\d+ in the mean) .*: roll back$/,
      )
    }
    expect(windows.filter(({ advice }) => advice === 'roll-back').length).toBeGreaterThan(4)
    expect(alerts.map(({ status }) => status)).toEqual(['firing'])
    expect(alerts[0]).toMatchObject({ suggestedAction: 'roll-back', series: { modelVersion: 'v13', feature: 'score' } })
  })

  it('the same model again is promoted, without an alert', async () => {
    const { windows, alerts } = await run(
      shadowed(seeded(2), score => score),
      SHADOW,
      'same',
    )
    // The first window has the first days only.
    expect(windows.slice(1, 5).map(({ advice, because }) => [advice, because])).toEqual([
      ['hold', 'windows-to-come'],
      ['hold', 'windows-to-come'],
      ['promote', null],
      ['promote', null],
    ])
    expect(alerts).toEqual([])
  })

  it('a challenger of other requests is told of: the traffic is split, and canary compares the samples', async () => {
    const rows = shadowed(
      seeded(3),
      score => score,
      id => `other ${id}`,
    )
    const paired = await run(rows, SHADOW, 'other')
    expect(new Set(paired.windows.map(({ because }) => because))).toEqual(new Set(['no-request-in-common']))
    expect(paired.windows[0]!.summary).toMatch(/^hold: no request id in common among .* is the traffic split\?/)
    const canary = SHADOW.replace('within: 1h', 'mode: canary').replace(
      '{ latency: 50ms }',
      '{ decisions: .15, score: .15 }',
    )
    const alike = await run(rows, canary, 'alike')
    expect(alike.windows[1]).toMatchObject({ mode: 'canary', rows: { pairs: 0 }, outcome: 'ok' })
    expect(alike.alerts).toEqual([])
    const higher = await run(
      shadowed(
        seeded(3),
        score => Math.min(1, score + 0.4),
        id => `other ${id}`,
      ),
      canary,
      'higher',
    )
    expect(higher.windows[1]).toMatchObject({ advice: 'roll-back', outcome: 'breach' })
    expect(higher.windows[1]!.divergences.find(({ name }) => name === 'decisions')!.value).toBeGreaterThan(0.2)
    expect(higher.alerts.map(({ status }) => status)).toEqual(['firing'])
  })

  it('a version that never comes is told of', async () => {
    const { windows, alerts } = await run(
      shadowed(seeded(4), score => score).filter(({ version }) => version === 'v12'),
      SHADOW,
      'never',
    )
    expect(new Set(windows.map(({ because }) => because))).toEqual(new Set(['no-challenger']))
    expect(windows.at(0)!.window.end - windows.at(0)!.window.start).toBe(30 * DAY)
    expect(alerts).toEqual([])
  })

  it('has labels that count for both versions, each with its own measures', async () => {
    const known = new Map(housing('analysis_labels').map(({ id, clf_target }) => [id!, Number(clf_target)]))
    const some = scored.slice(0, 1500)
    const rows = shadowed(seeded(5), score => 1 - score).filter(({ id }) => Number(id) <= Number(some.at(-1)!.id))
    const truth = some.map(({ id, time }) => `${id},${time + DAY},${known.get(id)!}`)
    const { performances } = await run(rows, SHADOW, 'labelled', ['id,at,y', ...truth].join('\n'))
    const of = (version: string) => [
      ...new Map(
        performances.filter(one => one.series.modelVersion === version).map(one => [one.window.end, one]),
      ).values(),
    ]
    const auc = ({ measures }: (typeof performances)[number]) =>
      measures.find(({ name, estimate }) => name === 'auc' && !estimate)!.value
    const [champion, challenger] = [of('v12'), of('v13')]
    const labelled = (windows: typeof champion) => windows.reduce((sum, one) => sum + one.labelled, 0)
    expect([labelled(champion), labelled(challenger)]).toEqual([some.length, some.length])
    for (const [w, one] of champion.entries()) {
      // A challenger's row may lie in the next window.
      if (one.labelled > 100) expect(Math.abs(auc(challenger[w]!) - (1 - auc(one)))).toBeLessThan(0.01)
    }
  })
})
