import { expect, test } from 'vitest'
import { MANIFEST } from '../../src/codec/baseline.js'
import { FEATURE, featureOf } from '../../src/codec/baseline-feature.js'
import { decodeState } from '../../src/codec/state.js'

/** Records of compacted topics as earlier versions wrote them. Append; never change one: what is in a topic stays readable. */
const FEATURE_1 =
  '12746178692d74697073040461620008666172650e6e756d65726963020655534402100000000000001440100000000000000040100000000000001440000000000000f03f00000000000000400000000000001440000000000000204000000000000022400002001008666172651400000107000000000000020000000000001c400000000000001c40000000000000000000000000000000000000000000001440000000000000284000000000000000400000000000002240080002050002200000000000000040000000000000224006000205000000020000000000000840020843617368000000000000004000000000000000f03f020843686970000000000000f03f0000000000000000000000'

const FEATURE_3 =
  '12746178692d7469707304066162630008666172650e6e756d65726963020655534402100000000000001440100000000000000040100000000000001440000000000000f03f00000000000000400000000000001440000000000000204000000000000022400002001008666172651400000107000000000000020000000000001c400000000000001c4000000000000000000000000000000000000000000000001440000000000000284000000000000000400000000000002240080002050002200000000000000040000000000000224006000205000000020000000000000840020843617368000000000000004000000000000000f03f020843686970000000000000f03f0000000000000000000000000000020200008041b7b87942000068b0bab8794200000000000020400000000000001c4008000001000600020500000000000000401000000000000010400400050000000000'

const MANIFEST_1 =
  '12746178692d7469707304020676313204616212747261696e2e63737610000000a2941a6d420002000000000000f03f0000000000000040020670617902084361736800000208666172650200'

const MANIFEST_2 =
  '12746178692d7469707306020676313204616212747261696e2e6373761000008041b7b879420000000208666172650200020c7469707065640000000000001c40000000000000f03f00'

const STATE_2 =
  '12746178692d74697073046131c60100008041b7b87942000000000000f0ff04020e73657276696e670002c60100002650b7b8794200c001040200000000000000000000020676317c04645c000000040200000204763100008041b7b879420000'

const SKETCHED = {
  feature: 'fare',
  numeric: { count: 7, outside: 0, exact: { weights: Float64Array.of(2, 5) } },
  categorical: { known: new Map([['Cash', 2]]), unknown: 1 },
  ...{ repeatable: 0, repeats: 0, entityRepeatable: 0, entityRepeats: 0 },
}

test('features of baselines of every version there has been are read', () => {
  const record = FEATURE.decode(Buffer.from(FEATURE_1, 'hex'), 1)!
  const feature = featureOf([record])
  expect(feature).toMatchObject({ name: 'fare', numeric: { sigma: 1, grid: { edges: Float64Array.of(5) } } })
  expect(feature.segments.get('')).toMatchObject({ rows: 8, sketch: SKETCHED })
  const third = featureOf([FEATURE.decode(Buffer.from(FEATURE_3, 'hex'), 3)!]).segments.get('')!
  expect(third).toMatchObject({ rows: 8, sketch: SKETCHED, history: { past: [{ start: 1767571200000 }] } })
  expect(third.swings).toBeUndefined()
})

test('manifests of baselines of every version there has been are read', () => {
  const record = MANIFEST.decode(Buffer.from(MANIFEST_1, 'hex'), 1)!
  expect(record).toMatchObject({
    model: 'taxi-tips',
    version: 2,
    rows: 8,
    features: [{ name: 'fare', chunks: 1 }],
    leakage: null,
  })
  const second = MANIFEST.decode(Buffer.from(MANIFEST_2, 'hex'), 2)!
  expect(second).toMatchObject({ version: 3, leakage: { label: 'tipped', labelled: 7 }, scores: null })
})

test('decision states of before there were labels are read', () => {
  const { position, state } = decodeState(Buffer.from(STATE_2, 'hex'), 2)!
  expect(position).toBe(99)
  expect(state).toMatchObject({ reported: { late: 2, rejected: 1 }, lane: null, versions: [{ version: 'v1' }] })
})
