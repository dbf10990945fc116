import { describe, expect, it } from 'vitest'
import { BaselineTable, encodeBaseline } from '../../src/codec/baseline.js'
import { parseMonitor } from '../../src/config/monitor.js'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import { leakSentence, leaks } from '../../src/core/baseline/leakage.js'
import { parseFieldMap } from '../../src/files/field-map.js'
import { contentHash } from '../../src/service/content-hash.js'
import { labelColumn, withLeakage } from '../../src/service/find-leakage.js'
import { headerBytes } from '../codec/sketches.js'
import { exactAuc } from '../exact-auc.js'
import { badInput, folder } from '../files/fixtures.js'
import { seeded } from '../random.js'
import { column, FILE, loadedBaseline, names, rows } from './housing.js'

const { write } = folder()

const labels = column('clf_target')

async function loaded(file: string, label: string, ignore: readonly string[] = []): Promise<Baseline> {
  const yaml = `apiVersion: driftline/v1
model: housing
serving:
  topic: t
  key: id
  time: { path: timestamp, unit: iso }
  features: "*"
  ignore: [${[label, 'clf_target', 'y_pred_proba', 'y_pred', ...ignore].join(', ')}]
joint: none
`
  const monitor = parseMonitor(yaml, 'housing.yaml').monitors[0]!
  return loadedBaseline(monitor, file, async (baseline, table) => {
    const map = parseFieldMap([])
    return withLeakage(monitor, table, baseline, await labelColumn(monitor, table, label, map), { map })
  })
}

/** The housing file with further columns. */
function withColumns(name: string, columns: Readonly<Record<string, (i: number) => string>>): string {
  const more = Object.entries(columns)
  const text = [
    [...names, ...more.map(([column]) => column)].join(','),
    ...rows.map((row, i) => [...row, ...more.map(([, of]) => of(i))].join(',')),
  ]
  return write(name, `${text.join('\n')}\n`)
}

const found = (baseline: Baseline, feature: string) => baseline.leakage!.features.find(one => one.feature === feature)!
const told = (baseline: Baseline): string[] => baseline.leakage!.features.filter(leaks).map(({ feature }) => feature)

describe('California housing', () => {
  it('has no leak, and the AUC of a feature is the exact one', async () => {
    const baseline = await loaded(FILE, 'clf_target')
    expect(told(baseline)).toEqual([])
    expect(baseline.leakage).toMatchObject({ label: 'clf_target', labelled: 5832, unlabelled: 0 })
    const income = found(baseline, 'MedInc')
    const exact = exactAuc(column('MedInc').map((cell, i) => ({ value: Number(cell), label: Number(labels[i]) })))
    expect(income.measure).toBe('auc')
    expect(Math.abs(income.value - exact)).toBeLessThan(income.error + 0.01)
    expect(income.low).toBeLessThan(exact)
    expect(income.high).toBeGreaterThan(exact - income.error)
  })

  it('with planted ones: all are found, and only they', async () => {
    const random = seeded(9)
    const file = withColumns('planted.csv', {
      price: i => String((labels[i] === '1' ? 3 : 1) + random.next()),
      upside: i => (labels[i] === '1' ? String(random.pick([-5, 5]) + random.next()) : String(random.next())),
      decision: i => (labels[i] === '1' ? random.pick(['sold', 'paid']) : random.pick(['open', 'gone'])),
      closed: i => (labels[i] === '1' ? String(random.next()) : ''),
      // Nearly: one row in ten is wrong.
      hint: i => String((labels[i] === '1') !== random.chance(0.1) ? 1 + random.next() : random.next()),
      // Another value in each row tells nothing of the next.
      row: i => `row-${i}`,
    })
    const baseline = await loaded(file, 'clf_target')
    expect(new Set(told(baseline))).toEqual(new Set(['price', 'upside', 'decision', 'closed']))
    expect(found(baseline, 'hint').value).toBeCloseTo(0.9, 1)
    expect(found(baseline, 'row').value).toBeLessThan(0.55)
    expect(leakSentence('clf_target', found(baseline, 'price'))).toMatch(
      /^price alone tells clf_target with an AUC of (1|0\.99\d*) \(95 % .*\); is it known before the prediction\? If not, leave it out/,
    )
  })

  it('a feature that is missing where the label is', async () => {
    const random = seeded(4)
    const missing = labels.map(() => random.chance(0.1))
    const file = withColumns('missing.csv', {
      outcome: i => (missing[i] ? '' : labels[i]!),
      paidOn: i => (missing[i] ? '' : String(random.next())),
      often: () => (random.chance(0.1) ? '' : String(random.next())),
    })
    const baseline = await loaded(file, 'outcome')
    expect(baseline.leakage!.unlabelled).toBe(missing.filter(Boolean).length)
    expect(told(baseline)).toEqual(['paidOn'])
    expect(found(baseline, 'paidOn')).toMatchObject({ measure: 'null', value: 1 })
    expect(leakSentence('outcome', found(baseline, 'paidOn'))).toContain('paidOn is missing just where outcome is')
  })

  it('labels that are numbers, of heavy tails, and of several classes', async () => {
    const random = seeded(6)
    const size = rows.map(() => Math.exp(3 * random.normal()))
    const classes = rows.map(() => random.pick(['a', 'b', 'c']))
    const file = withColumns('numbers.csv', {
      size: i => String(size[i]),
      doubled: i => String(2 * size[i]! * (1 + 0.001 * random.normal())),
      rough: i => String(size[i]! * Math.exp(random.normal())),
      kind: i => classes[i]!,
      isA: i => (classes[i] === 'a' ? 'yes' : 'no'),
    })
    const numbers = await loaded(file, 'size', ['kind', 'isA'])
    expect(told(numbers)).toEqual(['doubled'])
    expect(found(numbers, 'doubled')).toMatchObject({ measure: 'r2', class: null })
    expect(found(numbers, 'rough').value).toBeGreaterThan(0.7)
    expect(found(numbers, 'MedInc').value).toBeLessThan(0.02)
    const several = await loaded(file, 'kind', ['size', 'doubled', 'rough'])
    expect(several.leakage!.features.filter(leaks)).toMatchObject([
      { feature: 'isA', measure: 'auc', class: 'a', value: 1 },
    ])
  })

  it('is kept in the baseline: the same after encoding, another hash than without', async () => {
    const file = FILE
    const baseline = await loaded(file, 'clf_target')
    const table = new BaselineTable()
    for (const { key, value, headers } of encodeBaseline(baseline))
      table.apply(Buffer.from(key!), value, headerBytes(headers))
    expect(table.of('housing')[0]!.leakage).toEqual(baseline.leakage)
    const { leakage: _, ...without } = baseline
    expect(contentHash(without)).not.toBe(baseline.hash)
    expect((await loaded(file, 'clf_target')).hash).toBe(baseline.hash)
  })

  it('bad labels are told', async () => {
    const file = withColumns('bad.csv', { one: () => '1', name: i => `n${i}` })
    expect(await badInput(() => loaded(file, 'target'))).toContain('has no column target')
    expect(await badInput(() => loaded(file, 'one'))).toContain('the label one has one value')
    expect(await badInput(() => loaded(file, 'name'))).toContain('more than 20 different texts')
  })
})
