import { describe, expect, it } from 'vitest'
import { decisionsOf } from '../../../src/core/performance/decide.js'
import { estimatesOf } from '../../../src/core/performance/estimate.js'
import { labelShift } from '../../../src/core/performance/label-shift.js'
import { type Measure, type MeasureName, measuresOf } from '../../../src/core/performance/measure.js'
import { measured } from '../../../src/core/performance/measured.js'
import { exactAuc } from '../../exact-auc.js'
import { seeded } from '../../random.js'
import { california } from './california.js'
import { BINARY, counted } from './scored.js'

/** Known answers of STATISTICS §4 and of the data's own description. */
describe('California housing by sixth', () => {
  const { reference, sixths } = california()
  const before = counted(BINARY, reference)
  const windows = sixths.map(rows => counted(BINARY, rows))
  const of = (measures: readonly Measure[], name: MeasureName): number =>
    measures.find(measure => measure.name === name)!.value
  const near = (found: readonly number[], known: readonly number[], by: number): void => {
    for (const [i, value] of known.entries()) expect(Math.abs(found[i]! - value), `sixth ${i + 1}`).toBeLessThan(by)
  }

  it('AUC, equal to that of all pairs, and the share of the label', () => {
    const found = windows.map(window => measuresOf(window))
    const areas = found.map(measures => of(measures, 'auc'))
    near(areas, [0.822, 0.672, 0.847, 0.842, 0.914, 0.909], 0.001)
    near(areas, sixths.map(exactAuc), 1e-9)
    near(
      found.map(measures => of(measures, 'base-rate')),
      [0.19, 0.38, 0.67, 0.82, 0.72, 0.37],
      0.005,
    )
  })

  it('AUC of scores that are not round is within .001 of that of all pairs', () => {
    const random = seeded(5)
    for (const rows of sixths) {
      const smooth = rows.map(({ value, label }) => ({
        value: Math.min(1, Math.max(0, value + (random.next() - 0.5) / 100)),
        label,
      }))
      const window = counted(BINARY, smooth)
      expect(window.type === 'binary' && window.bins.length).toBeGreaterThan(128)
      near([of(measuresOf(window), 'auc')], [exactAuc(smooth)], 0.001)
    }
  })

  it('AUC where one label in ten never comes is that of all pairs of the others', () => {
    const random = seeded(6)
    for (const rows of sixths) {
      const came = rows.map(row => ({ row, comes: random.chance(0.9) }))
      const window = counted(
        BINARY,
        came.map(({ row, comes }) => (comes ? row : { value: row.value })),
      )
      const exact = exactAuc(came.filter(({ comes }) => comes).map(({ row }) => row))
      near([of(measured(window).measures, 'auc')], [exact], 0.001)
    }
  })

  it('estimated AUC, the reference’s labels alone', () => {
    near(
      windows.map(window => of(estimatesOf(window, before), 'auc')),
      [0.822, 0.696, 0.829, 0.895, 0.907, 0.895],
      0.001,
    )
  })

  it('the blind spot: at a threshold of .8 the third sixth is estimated at an accuracy of .60 and has .41', () => {
    const kind = { type: 'binary', threshold: 0.8 } as const
    const window = counted(kind, sixths[2]!)
    near([of(measuresOf(window), 'accuracy')], [0.41], 0.005)
    near([of(estimatesOf(window, counted(kind, reference)), 'accuracy')], [0.6], 0.005)
  })

  it('tells the fall in the second sixth as performance, and the course of the labels as label shift', () => {
    const measures = measuresOf(before)
    const fallen = windows.map(window => decisionsOf(measuresOf(window), measures).find(({ name }) => name === 'auc')!)
    expect(fallen.map(({ verdict }) => verdict)).toEqual(['breach', 'breach', 'breach', 'breach', 'ok', 'ok'])
    expect(fallen[1]!.worse).toBeGreaterThan(0.2)
    const shifts = windows.map(window => labelShift(window, before)[0]!)
    expect(shifts.map(({ shifts }) => shifts)).toEqual([true, true, false, true, true, true])
    expect(shifts[0]!.z).toBeLessThan(-25)
    expect(shifts[3]!.z).toBeGreaterThan(10)
  })
})
