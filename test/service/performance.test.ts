import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { PublicDecoder, type PublicEvent } from '../../src/codec/public-decoder.js'
import { parseMonitor } from '../../src/config/monitor.js'
import type { Batch } from '../../src/core/ports.js'
import { mapEvents } from '../../src/files/event-mapping.js'
import { mapLabels } from '../../src/files/label-mapping.js'
import { openTable } from '../../src/files/table.js'
import { buildBaseline } from '../../src/service/build-baseline.js'
import { replay } from '../../src/service/replay.js'
import { trainedLabel, withScores } from '../../src/service/trained-scores.js'
import { data, folder } from '../files/fixtures.js'
import { seeded } from '../random.js'

const { write } = folder()
const DAY = 86_400_000

const YAML = `apiVersion: driftline/v1
model: housing
task: { type: binary }
serving:
  topic: serving
  format: json
  key: id
  time: { path: timestamp, unit: iso }
  features: [MedInc]
  prediction: y_pred_proba
labels: { topic: labels, format: json, key: id, time: { path: labelledAt, unit: ms }, value: clf_target, horizon: 7d }
window: { size: 30d, advance: 30d, grace: 6h, reviseFor: 30d }
joint: none
`

function rowsOf(name: string): Record<string, string>[] {
  const [head, ...lines] = gunzipSync(readFileSync(data(name)))
    .toString()
    .trim()
    .split('\n')
  const names = head!.split(',')
  return lines.map(line => Object.fromEntries(line.split(',').map((text, i) => [names[i]!, text])))
}

/** Labels a day later and some hours out of order, one in ten never. */
function labelFile(): { readonly path: string; readonly known: ReadonlySet<string> } {
  const random = seeded(8)
  const times = new Map(
    rowsOf('california_housing_analysis.csv.gz').map(row => [row['id']!, Date.parse(`${row['timestamp']}Z`)]),
  )
  const came = rowsOf('california_housing_analysis_labels.csv.gz')
    .filter(() => !random.chance(0.1))
    .map(({ id, clf_target }) => ({ id: id!, at: times.get(id!)! + DAY, label: clf_target!, order: 5 * random.next() }))
    .sort((a, b) => a.at - b.at + 3_600_000 * (a.order - b.order))
  const lines = came.map(({ id, at, label }) => `${id},${at},${label}`)
  return {
    path: write('labels.csv', ['id,labelledAt,clf_target', ...lines].join('\n')),
    known: new Set(came.map(({ id }) => id)),
  }
}

describe('the performance of a model over files', () => {
  it('falls and its labels shift, as those of California housing do', async () => {
    const monitor = parseMonitor(YAML, 'housing.yaml').monitors[0]!
    const { path, known } = labelFile()
    const [training, events, labels] = await Promise.all(
      [data('california_housing_reference.csv.gz'), data('california_housing_analysis.csv.gz'), path].map(file =>
        openTable(file),
      ),
    )
    const how = { map: new Map(), provenance: { version: 1, modelVersion: null, source: 'r', loadedAt: 0, from: null } }
    const built = await buildBaseline(monitor, training, how)
    const baseline = await withScores(monitor, training, built, trainedLabel(monitor, training, how.map)!, how)
    const written: {
      readonly headers: Batch['headers'] extends (i: number) => infer H ? H : never
      readonly value: Uint8Array
    }[] = []
    const keep = (batch: Batch): void => {
      for (let i = 0; i < batch.size; i++)
        written.push({ headers: batch.headers(i), value: new Uint8Array(batch.value(i)!) })
    }
    await replay({
      ...{ monitor, baseline, events, partitions: 2, logger: pino({ level: 'silent' }) },
      mapping: mapEvents(monitor, events, how.map, { time: true, key: 'column' }),
      labels: { table: labels, mapping: mapLabels(monitor.labels!, monitor.file, labels, how.map) },
      ...{ onAlerts: keep, onVerdicts: keep },
    })
    for (const table of [training, events, labels]) await table.close()
    const decoder = new PublicDecoder(null)
    const all = (await Promise.all(written.map(({ headers, value }) => decoder.decode(headers, value)))).filter(
      (one): one is PublicEvent => one !== null,
    )
    const windows = all.flatMap(one => (one.type === 'performance' && !one.event.window.provisional ? [one.event] : []))
    const last = [...new Map(windows.map(event => [event.window.end, event])).values()]
    expect(last.reduce((sum, { predictions }) => sum + predictions, 0)).toBe(8232)
    expect(last.reduce((sum, { labelled }) => sum + labelled, 0)).toBe(known.size)
    expect(last.every(({ reference }) => reference.from === 'baseline')).toBe(true)
    const alerts = all.flatMap(one => (one.type === 'alert' && one.event.measures.length > 0 ? [one.event] : []))
    const firing = alerts.filter(({ status }) => status === 'firing').map(({ kind, summary }) => `${kind}: ${summary}`)
    expect(firing.find(text => text.startsWith('performance'))).toMatch(/AUC fell from 0\.908 to 0\.7/)
    expect(firing.find(text => text.startsWith('label-shift'))).toMatch(/positive labels fell from 64 % to (1|2)\d %/)
  }, 120_000)
})
