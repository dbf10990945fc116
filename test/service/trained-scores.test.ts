import { describe, expect, it } from 'vitest'
import { BaselineTable, encodeBaseline } from '../../src/codec/baseline.js'
import { parseMonitor } from '../../src/config/monitor.js'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { Monitor, Task } from '../../src/core/monitor.js'
import { measuresOf } from '../../src/core/performance/measure.js'
import { scoreCounts } from '../../src/core/performance/score-counts.js'
import { parseFieldMap } from '../../src/files/field-map.js'
import { contentHash } from '../../src/service/content-hash.js'
import { withScores } from '../../src/service/trained-scores.js'
import { headerBytes } from '../codec/sketches.js'
import { LabelLine, labelled, predictions } from '../core/performance/label-line.js'
import { HOUR, T0, trained } from '../core/quality-line.js'
import { seeded } from '../random.js'
import { column, FILE, loadedBaseline } from './housing.js'

const numbers = (name: string): number[] => column(name).map(Number)

const YAML = `apiVersion: driftline/v1
model: housing
serving:
  topic: t
  key: id
  time: { path: timestamp, unit: iso }
  features: "*"
  ignore: [clf_target, reg_target, y_pred]
  prediction: y_pred_proba
joint: none
`

async function loaded(task: Partial<Task>, label: string): Promise<Baseline> {
  const { task: usual, labels } = labelled()
  const monitor: Monitor = {
    ...parseMonitor(YAML, 'housing.yaml').monitors[0]!,
    task: { ...usual!, ...task },
    labels: labels!,
  }
  return loadedBaseline(monitor, FILE, (baseline, table) =>
    withScores(monitor, table, baseline, label, { map: parseFieldMap([]) }),
  )
}

const OUTPUTS = [{ name: 'score', path: ['y_pred_proba'] }]

describe('scores of the training rows', () => {
  it('are kept in the baseline: as many rows as the file has, ranked as they are', async () => {
    const baseline = await loaded({ outputs: [...OUTPUTS, { name: 'absent', path: ['no_such'] }] }, 'clf_target')
    expect(baseline.scores!.outputs).toEqual(['score'])
    const [{ segment, outputs }] = baseline.scores!.leaves
    expect(segment).toEqual({})
    const [scores, labels] = [numbers('y_pred_proba'), numbers('clf_target')]
    const found = new Map(measuresOf(outputs[0]).map(one => [one.name, one]))
    const shareOfOnes = labels.filter(label => label === 1).length / labels.length
    expect(found.get('base-rate')).toMatchObject({ n: labels.length })
    expect(found.get('base-rate')!.value).toBeCloseTo(shareOfOnes, 9)
    expect(found.get('brier')!.value).toBeCloseTo(
      scores.reduce((sum, score, i) => sum + (score - labels[i]!) ** 2, 0) / scores.length,
      9,
    )
    const table = new BaselineTable()
    for (const { key, value, headers } of encodeBaseline(baseline))
      table.apply(Buffer.from(key!), value, headerBytes(headers))
    expect(table.of('housing')[0]!.scores).toEqual(baseline.scores)
    const { scores: _, ...without } = baseline
    expect(contentHash(without)).not.toBe(baseline.hash)
  }, 60_000)

  it('are not there without an output in the file', async () => {
    const baseline = await loaded({ outputs: [{ name: 'absent', path: ['no_such'] }] }, 'clf_target')
    expect(baseline.scores).toBeUndefined()
  }, 60_000)

  it('are what the first mature window is compared with', async () => {
    const monitor = labelled()
    const counts = scoreCounts(monitor.task!)
    for (const { score, label } of predictions(seeded(9), 4000)) {
      counts.predicted(score, 1)
      counts.labelled(score, label, 1)
    }
    const scores = { outputs: ['prediction'], leaves: [{ segment: {}, outputs: [counts.state()] }] }
    const own = { ...trained(monitor), scores }
    const [first] = new LabelLine(monitor, false, [own])
      .hours(0, 1, 800)
      .closeTo(T0 + 30 * HOUR)
      .last()
    const reference = { from: 'baseline', windows: 0, labelled: 4000 }
    expect(first).toMatchObject({ outcome: 'ok', because: null, reference })
  }, 60_000)
})
